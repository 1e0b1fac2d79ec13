/** The filter of audit commands. */
import { findOneUser } from '../../src/admin/people.ts'
import { explainPerson } from '../../src/admin/people-shown.ts'
import { auditKinds } from '../../src/audit/share.ts'
import { hasEventsOf, type AuditFilter } from '../../src/audit/store.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { parseDayOrTime } from '../../src/lib/time.ts'
import { textOf, textOption, usage, type Failure, type Input, type World } from '../command.ts'
import { didYouMean } from '../../src/lib/nearest.ts'
import { refuse } from '../operation.ts'
import { plain } from '../text.ts'

export const filterOptions = [
  textOption('user', '<user>', 'events of that user: user name, email, subject or id'),
  textOption('kind', '<kind>', 'events of that kind, such as login-refused'),
  textOption('connection', '<id>', 'events of that connection'),
  textOption('request', '<number>', "events of one request, by the number on the visitor's page"),
  textOption(
    'since',
    '<time>',
    'events since then: 30m, 12h, 7d, 2026-11-24 or 2026-11-24T12:00:00Z',
  ),
]

/** Read before the store is opened. `user` is as typed. */
export function readFilter(input: Input, now: Instant): Result<AuditFilter, Failure> {
  const kind = textOf(input, 'kind')
  if (kind !== null && !auditKinds.includes(kind)) {
    return usage(
      `There is no kind "${plain(kind)}".${didYouMean(kind, auditKinds)} There is: ${auditKinds.join(', ')}.`,
    )
  }
  const text = textOf(input, 'since')
  const since = text === null ? null : readSince(text, now)
  if (text !== null && since === null) {
    return usage(
      `--since must be a length such as 30m, 12h or 7d, a day, or a time with a zone, such as 2026-11-24T12:00:00Z; it is "${text}".`,
    )
  }
  const number = textOf(input, 'request')
  const request = number === null ? null : number.trim().toLowerCase()
  if (request !== null && !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(request)) {
    return usage(
      `--request must be the whole number on the page, such as 3d9a2195-fdf1-4445-a705-ec75e18fc56e; it is "${plain(request)}".`,
    )
  }
  const connection = textOf(input, 'connection')
  return ok({ user: textOf(input, 'user'), kind, connection, since, request })
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function readSince(text: string, now: Instant): Instant | null {
  const [, length, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (length !== undefined) return plusSeconds(now, -Number(length) * (unitSeconds[unit] ?? 0))
  return parseDayOrTime(text)
}

/** The id of the user whom the filter names. A user who was removed may have left events. */
async function findMeant(
  db: D1Database,
  filter: AuditFilter,
): Promise<Result<AuditFilter, Failure>> {
  const { user, connection } = filter
  if (user === null) return ok(filter)
  const found = await findOneUser(db, { text: user, connection })
  if (found.ok) return ok({ ...filter, user: found.value.id })
  const isRemoved = found.error.reason === 'unknown-user' && (await hasEventsOf(db, user))
  return isRemoved ? ok(filter) : refuse(explainPerson(found.error))
}

export const openAudit = async (
  filter: AuditFilter,
  world: World,
): Promise<Result<{ readonly db: D1Database; readonly filter: AuditFilter }, Failure>> => {
  const db = await world.openStore()
  if (!db.ok) return db
  const meant = await findMeant(db.value, filter)
  return meant.ok ? ok({ db: db.value, filter: meant.value }) : meant
}
