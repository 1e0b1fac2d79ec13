/** Warns of certificates that end soon: those of identity providers, and ours. */
import { plusSeconds, secondsBetween, toIso, type Instant } from '../lib/instant.ts'
import { fingerprintOf, parseCertificate } from '../saml/certificate.ts'
import { findGenerations } from '../sp/store.ts'
import { findEnds, takeWarnings, type End } from './ends-store.ts'
import { tell } from './told.ts'

const DAY_SECONDS = 86_400
/** So many days before the end, once each. The last comes first. */
const WARNINGS = [1, 7, 30]
const FIRST_SECONDS = 30 * DAY_SECONDS

/** A certificate that is found late gets one warning, not all that were missed. */
export async function warnOfEnds(db: D1Database, now: Instant): Promise<void> {
  const until = plusSeconds(now, FIRST_SECONDS)
  const ends = [...(await findEnds(db, now, until)), ...(await ownEnds(db))]
    .filter(({ notAfter }) => notAfter > now && notAfter <= until)
    .map((end) => ({ ...end, days: warningAt(end.notAfter, now) }))
  const events = (await takeWarnings(db, ends, now)).map(
    ({ connection, fingerprint, notAfter, days }) => ({
      kind: 'certificate-ends' as const,
      connection: connection === '' ? null : connection,
      certificate: fingerprint,
      endsAt: toIso(notAfter),
      days,
    }),
  )
  await tell(db, events, now)
}

function warningAt(notAfter: Instant, now: Instant): number {
  const left = secondsBetween(now, notAfter)
  return WARNINGS.find((days) => left <= days * DAY_SECONDS) ?? 30
}

/** The keys of the last generation are about to go anyway. */
async function ownEnds(db: D1Database): Promise<readonly End[]> {
  const generations = await findGenerations(db)
  const keys = generations.flatMap((each) => (each.state === 'last' ? [] : each.keys))
  const ends = keys.map(async ({ certificate: text }) => {
    const certificate = parseCertificate(text)
    if (!certificate.ok) return []
    const { notAfter } = certificate.value
    return [{ connection: '', fingerprint: await fingerprintOf(certificate.value), notAfter }]
  })
  return (await Promise.all(ends)).flat()
}
