import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTime } from '../../src/lib/time.ts'

describe('xs:dateTime', () => {
  it.each([
    ['2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24T12:00:00.5Z', '2026-11-24T12:00:00.500Z'],
    ['2026-11-24T12:00:00.1234567Z', '2026-11-24T12:00:00.123Z'],
    ['2026-11-24T12:00:00+02:00', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T12:00:00-05:30', '2026-11-24T17:30:00.000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    const time = parseTime(text)
    expect(time === null ? null : new Date(time).toISOString()).toBe(expected)
  })

  it.each([
    '',
    '2026-11-24',
    '2026-11-24T12:00:00',
    '2026-11-24 12:00:00Z',
    ' 2026-11-24T12:00:00Z',
    '2026-11-24T12:00:00Z ',
    '2026-11-24T12:00Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T12:60:00Z',
    '2026-11-24T12:00:60Z',
    '2026-11-24T12:00:00+15:00',
    '2026-11-24T12:00:00+02:60',
    '2026-11-24T12:00:00z',
    '-2026-11-24T12:00:00Z',
    '12026-11-24T12:00:00Z',
    '２０２６-11-24T12:00:00Z',
    'Tue, 24 Nov 2026 12:00:00 GMT',
  ])('%j is none', (text) => {
    expect(parseTime(text)).toBeNull()
  })

  it('reads what JavaScript writes', () => {
    const date = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(date, (at) => {
        expect(parseTime(at.toISOString())).toBe(at.getTime())
      }),
    )
  })

  it('takes the days that Date has, of every year, and no other', () => {
    const two = (most: number) => fc.nat(most).map((n) => String(n).padStart(2, '0'))
    const year = fc.nat(9999).map((n) => String(n).padStart(4, '0'))
    const zone = fc.oneof(fc.constant('Z'), fc.tuple(fc.constantFrom('+', '-'), two(15), two(61)))
    const fields = fc.tuple(year, two(13), two(32), two(25), two(61), two(61), zone)
    let taken = 0
    const check = fc.property(fields, fc.stringMatching(/^(\.\d{1,7})?$/), (parts, fraction) => {
      const [y, month, day, hour, minute, second, offset] = parts
      const local = `${y}-${month}-${day}T${hour}:${minute}:${second}`
      const [sign, hours, minutes] = offset === 'Z' ? ['+', '00', '00'] : offset
      const at = new Date(0)
      at.setUTCFullYear(Number(y), Number(month) - 1, Number(day))
      at.setUTCHours(Number(hour), Number(minute), Number(second), 0)
      // What is not in the calendar or on the clock, Date carries over into the next unit.
      const isThere = at.toISOString().slice(0, 19) === local
      const isOffset = Number(hours) <= 14 && Number(minutes) <= 59
      const shift = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
      const milliseconds = Number(`${fraction.slice(1)}000`.slice(0, 3))
      const expected = isThere && isOffset ? at.getTime() + milliseconds - shift * 60_000 : null
      if (expected !== null) taken++
      const written = offset === 'Z' ? 'Z' : `${sign}${hours}:${minutes}`
      expect(parseTime(local + fraction + written)).toBe(expected)
    })
    fc.assert(check, { numRuns: 20_000 })
    expect(taken).toBeGreaterThan(5000)
  })
})
