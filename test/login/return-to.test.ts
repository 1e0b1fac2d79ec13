import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOME, parseReturnTo, toUrl } from '../../src/login/return-to.ts'

const SITE = 'https://app.example.com'

describe('where to return to', () => {
  it.each([
    ['/a/b?c=d#e', '/a/b?c=d#e'],
    ['https://app.example.com/a', '/a'],
    ['a/b', '/a/b'],
    ['/a/../b', '/b'],
    ['/ä', '/%C3%A4'],
    ['/?next=https://evil.example/', '/?next=https://evil.example/'],
    ['/.gatehousekeeper', '/.gatehousekeeper'],
  ])('%s is %s', (text, expected) => {
    expect(parseReturnTo(text, SITE)).toBe(expected)
  })

  it.each([
    null,
    '',
    'https://evil.example/',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    'https://user:pass@app.example.com/a',
    'https://user@app.example.com/a',
    'https://:pass@app.example.com/a',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://app.example.com/a',
    'blob:https://app.example.com/@evil.example/',
    'filesystem:https://app.example.com/a',
    '/.gatehouse/logout',
    '/x/../.gatehouse/login',
    '/.//evil.example',
    `/${'x'.repeat(1500)}`,
  ])('%s is the home page', (text) => {
    expect(parseReturnTo(text, SITE)).toBe(HOME)
  })

  it('of 1,500 characters is kept, and one more is not', () => {
    const longest = `/${'x'.repeat(1499)}`
    expect(parseReturnTo(longest, SITE)).toBe(longest)
    expect(parseReturnTo(`${longest}x`, SITE)).toBe(HOME)
  })

  it('is on the site itself, whatever was asked for', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '/',
        '\\',
        '.',
        '@',
        ':',
        '?',
        '#',
        '%2f',
        '\t',
        '\n',
        ' ',
        'evil.example',
        'app.example.com',
        'https',
        'blob:',
        'https://app.example.com/',
        'a',
      ),
      maxLength: 12,
    })
    fc.assert(
      fc.property(nasty, (text) => {
        const path = parseReturnTo(text, SITE)
        const url = new URL(toUrl(SITE, path))
        expect(url.origin).toBe(SITE)
        // Parsing the result again changes nothing, so the browser opens the address that was
        // checked.
        expect(url.href).toBe(SITE + path)
        expect(parseReturnTo(path, SITE)).toBe(path)
      }),
      { numRuns: 2000 },
    )
  })
})
