import { expect, it } from 'vitest'
import { control, patternOf } from '../../src/lib/pattern.ts'

it('control characters are those of Unicode, and no others', () => {
  const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
  expect(units.filter((each) => control.test(each) !== /\p{Cc}/u.test(each))).toEqual([])
  expect(units.filter((each) => control.test(each))).toHaveLength(65)
  expect(control.test('😀')).toBe(false)
})

it('a pattern is made once, when it is first asked for', () => {
  expect(() => patternOf('(', '')).not.toThrow()
  expect(patternOf('(', '')).toThrow(SyntaxError)
  const letters = patternOf(String.raw`^\p{L}+$`, 'u')
  expect(letters().test('Zoë')).toBe(true)
  expect(letters()).toBe(letters())
})
