/** Times and places, in the runtime that the Worker has. */
import { describe, expect, it } from 'vitest'
import { agoOf, placeOf } from '../../src/home/sign-ins.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { dateOf } from '../../src/lib/words/dates.ts'
import { languages } from '../../src/lib/words/language.ts'
import { learn, speechOf } from '../../src/lib/words/speech.ts'
import { noon } from '../support/site.ts'

const signIn = {
  id: '1',
  session: '1',
  device: 'Firefox on Linux',
  country: 'DE',
  openedAt: noon,
  lastSeenAt: noon,
  hosts: [],
  boundHosts: [],
}
await Promise.all(languages.map(learn))
const before = (seconds: number) => toInstant(noon - seconds * 1000)

describe.each([
  ['en', 'Firefox on Linux, Germany', '24 Nov 2026', '1 day ago', '2 hours ago'],
  ['it', 'Firefox su Linux, Germania', '24 nov 2026', '1 giorno fa', '2 ore fa'],
  ['de', 'Firefox unter Linux, Deutschland', '24. Nov. 2026', 'vor 1 Tag', 'vor 2 Stunden'],
  ['fr', 'Firefox sur Linux, Allemagne', '24 nov. 2026', 'il y a 1 jour', 'il y a 2 heures'],
  ['es', 'Firefox en Linux, Alemania', '24 nov 2026', 'hace 1 día', 'hace 2 horas'],
] as const)('a sign-in in %s', (language, place, date, day, hours) => {
  const speech = speechOf(language)

  it('has its place', () => {
    expect(placeOf(signIn, speech)).toBe(place)
    expect(placeOf({ ...signIn, country: null, device: 'Safari' }, speech)).toBe('Safari')
    expect(placeOf({ ...signIn, country: null, device: null }, speech)).toBe(
      speech.texts.unknownBrowser,
    )
  })

  it('has its date', () => {
    expect(dateOf(noon, 'UTC', language)).toMatch(
      new RegExp(`^${date.replaceAll('.', '\\.')}.*12:00 UTC$`),
    )
  })

  it('says how long ago it was used', () => {
    expect(agoOf(before(86_400), noon, speech)).toBe(day)
    expect(agoOf(before(7300), noon, speech)).toBe(hours)
    expect(agoOf(before(59), noon, speech)).toBe(speech.texts.seenJustNow)
  })
})
