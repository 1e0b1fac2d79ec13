/** A person's sign-ins, in words. */
import { countryName } from '../lib/country.ts'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { say, type Speech } from '../lib/words/speech.ts'
import type { SignIn } from '../session/sign-in-store.ts'
import { isIdle } from '../session/standing.ts'
import { hostAt, type Host } from '../site/host.ts'

/** Whether one of its sessions has not been idle too long. */
export const goesOn = (
  { hosts, lastSeenAt }: SignIn,
  known: readonly Host[],
  now: Instant,
): boolean =>
  hosts.some((authority) => {
    const found = hostAt(known, authority)
    return !found || !isIdle(found.host.session.idleSeconds, lastSeenAt, now)
  })

/** Such as `Firefox on Linux, Germany`. */
export const placeOf = ({ device, country }: SignIn, speech: Speech): string =>
  [
    deviceOf(device, speech),
    ...(country === null ? [] : [countryName(country, speech.language)]),
  ].join(', ')

/** Of `<browser> on <system>`, as it was stored at sign-in, or one of them alone. */
function deviceOf(device: string | null, speech: Speech): string {
  const [browser, system] = device?.split(' on ') ?? [speech.texts.unknownBrowser]
  return browser && system ? say(speech, 'browserOn', { browser, system }) : (browser ?? '')
}

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const

/** The record of requests lags by a tenth of the idle limit, ten minutes at most. */
export function agoOf(at: Instant, now: Instant, { language, texts }: Speech): string {
  const seconds = secondsBetween(at, now)
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [0, null]
  if (unit === null) return texts.seenJustNow
  return new Intl.RelativeTimeFormat(language).format(-Math.floor(seconds / size), unit)
}
