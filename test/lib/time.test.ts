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
})
