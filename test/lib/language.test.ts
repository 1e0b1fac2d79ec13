import { describe, expect, it } from 'vitest'
import { chooseLanguage } from '../../src/lib/words/language.ts'

const offered = ['en', 'it', 'de', 'fr', 'es'] as const
const choose = (header: string | null) => chooseLanguage(header, offered)

describe('the language of a page', () => {
  // RFC 9110 §12.5.4, with its own examples.
  it.each([
    ['da, en-gb;q=0.8, en;q=0.7', 'en'],
    ['de-CH, de;q=0.9, en;q=0.8', 'de'],
    ['nl;q=0.9, fr;q=0.4, es;q=0.5', 'es'],
    ['FR-ca', 'fr'],
    ['zh-Hant-TW, it', 'it'],
    ['it ; q=0.5 , de\t;\tq=0.501', 'de'],
    ['es;Q=1.000, it;q=0.999', 'es'],
  ])('is the one of the greatest weight, whatever its region: %s', (header, language) => {
    expect(choose(header)).toBe(language)
  })

  it('is the first of those with the same weight', () => {
    expect(choose('fr, de')).toBe('fr')
    expect(choose('en;q=0.5, it;q=0.9, es;q=0.9')).toBe('it')
  })

  it('is never one of weight 0', () => {
    expect(choose('de;q=0, fr;q=0.1')).toBe('fr')
    expect(choose('en;q=0.000, *')).toBe('it')
  })

  it('is any other for *, which is every language that is not named', () => {
    expect(choose('*')).toBe('en')
    expect(choose('en;q=0.2, *;q=0.1')).toBe('en')
    expect(choose('en;q=0.1, *;q=0.2')).toBe('it')
    expect(choose('*;q=0')).toBe('en')
  })

  it.each([
    ['there is no header', null],
    ['the header is empty', ''],
    ['no language of ours is asked for', 'ja, ko;q=0.8'],
    ['a name only begins like one of ours', 'den, iter, frx'],
    ['the header cannot be read', ';;q=,=,de q=1'],
    ['a weight is more than 1', 'de;q=2'],
    ['a weight is less than 0', 'de;q=-1'],
    ['a weight has four digits', 'de;q=0.1234'],
    ['a subtag is longer than RFC 4647 §2.1 allows', 'de-abcdefghi'],
    ['the header is longer than 1000 characters', `de${' '.repeat(999)}`],
  ])('is the first that is offered where %s', (_, header) => {
    expect(choose(header)).toBe('en')
    expect(chooseLanguage(header, ['de', 'en'])).toBe('de')
  })

  it('is one that is offered', () => {
    expect(chooseLanguage('it, en;q=0.1', ['de', 'en'])).toBe('en')
  })

  it('passes over what cannot be read, and reads the rest', () => {
    expect(choose('@@, de;q=x, it;q=0.5')).toBe('it')
  })

  it('is found at once in a hostile header', () => {
    expect(choose('a-'.repeat(499))).toBe('en')
    expect(choose(`${','.repeat(990)}de`)).toBe('de')
  })
})
