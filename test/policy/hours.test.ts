import { describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { describeHours } from '../../src/policy/describe.ts'
import { clockOf, isWithin, parseHours } from '../../src/policy/hours.ts'
import type { Hours } from '../../src/policy/policy.ts'

const everyDay = [0, 1, 2, 3, 4, 5, 6]
const hoursOf = (text: string, days = everyDay, zone = 'Europe/Berlin'): Hours => {
  const range = parseHours(text)
  if (!range) throw new Error(text)
  return { kind: 'hours', ...range, days, zone }
}
const at = (iso: string) => toInstant(Date.parse(iso))

describe('hours', () => {
  it.each([
    // Berlin is an hour ahead of UTC in winter and two in summer. In 2026 the clock goes forward on
    // 29 March at 01:00 UTC, and back on 25 October at 01:00 UTC.
    ['09:00-17:00', '2026-01-12T08:00:00Z', true],
    ['09:00-17:00', '2026-01-12T07:59:59.999Z', false],
    ['09:00-17:00', '2026-07-13T07:00:00Z', true],
    ['09:00-17:00', '2026-07-13T15:00:00Z', false],
    ['02:30-02:45', '2026-03-29T00:59:59Z', false],
    ['02:30-02:45', '2026-03-29T01:00:00Z', false],
    ['02:30-02:45', '2026-10-25T00:30:00Z', true],
    ['02:30-02:45', '2026-10-25T01:30:00Z', true],
    ['00:00-24:00', '2026-07-13T22:00:00Z', true],
    ['23:00-24:00', '2026-07-13T21:59:59Z', true],
    ['23:00-24:00', '2026-07-13T22:00:00Z', false],
  ])('%s in Berlin has %s: %s', (text, iso, expected) => {
    expect(isWithin(hoursOf(text), at(iso))).toBe(expected)
  })

  it('begin on their days, and may end on the next', () => {
    const saturdayNight = hoursOf('22:00-06:00', [6], 'UTC')
    const isOpen = (iso: string) => isWithin(saturdayNight, at(iso))
    expect(isOpen('2026-11-28T21:59:00Z')).toBe(false)
    expect(isOpen('2026-11-28T22:00:00Z')).toBe(true)
    expect(isOpen('2026-11-29T05:59:00Z')).toBe(true)
    expect(isOpen('2026-11-29T06:00:00Z')).toBe(false)
    expect(isOpen('2026-11-29T22:00:00Z')).toBe(false)
    expect(isOpen('2026-11-28T05:00:00Z')).toBe(false)
  })

  it('have the day of their zone, not of UTC', () => {
    const monday = hoursOf('00:00-24:00', [1], 'Pacific/Kiritimati')
    expect(isWithin(monday, at('2026-11-29T10:00:00Z'))).toBe(true)
    expect(isWithin(monday, at('2026-11-29T09:59:00Z'))).toBe(false)
    expect(isWithin(monday, at('2026-11-30T10:00:00Z'))).toBe(false)
  })

  it.each(['9:00-17:00', '09:00', '09:00-25:00', '09:60-10:00', '24:00-06:00', '09:00-09:00', ''])(
    'are not %j',
    (text) => {
      expect(parseHours(text)).toBeNull()
    },
  )

  it('are said as they are written', () => {
    expect(describeHours(hoursOf('22:00-06:30'))).toBe('22:00-06:30 Europe/Berlin')
    expect(describeHours(hoursOf('09:05-24:00', [1, 5], 'UTC'))).toBe('mon, fri 09:05-24:00 UTC')
  })

  it('know every zone of the runtime, and no other', () => {
    expect(Intl.supportedValuesOf('timeZone').length).toBeGreaterThan(400)
    expect(() => clockOf('Europe/Berlin')).not.toThrow()
    expect(() => clockOf('UTC')).not.toThrow()
    expect(() => clockOf('Europe/Atlantis')).toThrow(RangeError)
  })
})
