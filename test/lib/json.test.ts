import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecord, parseJson } from '../../src/lib/json.ts'

describe('JSON', () => {
  it('is read as JSON.parse reads it', () => {
    const isPlain = (value: unknown): boolean => !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value))
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }).filter(isPlain), (value) => {
      for (const text of [JSON.stringify(value), JSON.stringify(value, null, '\t')]) {
        expect(parseJson(text, 10)).toEqual({ ok: true, value: JSON.parse(text) })
      }
    })
    fc.assert(property)
  })

  it.each([
    '',
    ' ',
    '{',
    '{"a"}',
    '{"a":1,}',
    "{'a':1}",
    '[1,]',
    '"a',
    '01',
    '{"a":1}x',
    '\ufeff1',
  ])('is not %j', (text) => {
    expect(parseJson(text, 10)).toEqual({ ok: false, error: 'not-json' })
  })

  it.each([
    '{"a":1,"a":2}',
    '{"a" : 1 , "\\u0061"\n:2}',
    '[{"b":{"a":1,"c":{"a":1},"a":2}}]',
    '{"\\"":1,"\\u0022":2}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
  ])('has no name twice: %s', (text) => {
    expect(parseJson(text, 10)).toEqual({ ok: false, error: 'duplicate-name' })
  })

  it.each([
    '{"a":"a","b":{"a":["a","a"]}}',
    '[{"a":1},{"a":2}]',
    '{"a":"\\":","b":"a"}',
    '{"a\\\\":1,"a":2}',
  ])('may have the same text elsewhere: %s', (text) => {
    expect(parseJson(text, 10)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it.each(['"\\ud800"', '{"\\udc00":1}', '["\\u0000"]', '"\\ud800x\\udc00"'])(
    'is Unicode text: not %s',
    (text) => {
      expect(parseJson(text, 10)).toEqual({ ok: false, error: 'not-unicode' })
    },
  )

  it('is as deep as it may be, and no deeper', () => {
    expect(parseJson('[[[1]]]', 3).ok).toBe(true)
    expect(parseJson('[[{"a":"[[[["}]]', 3).ok).toBe(true)
    expect(parseJson('[[[[]]]]', 3)).toEqual({ ok: false, error: 'too-deep' })
  })
})

describe('a record', () => {
  it('is an object that is no list', () => {
    expect([{}, { a: 1 }].map(isRecord)).toEqual([true, true])
    expect([null, [], 'a', 1, undefined].some(isRecord)).toBe(false)
  })
})
