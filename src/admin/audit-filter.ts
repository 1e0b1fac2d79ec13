/** How an operator says which events of the audit are meant. */
import { everyEvent, hasEventsOf, type AuditFilter } from '../audit/store.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseDayOrTime } from '../lib/time.ts'
import { kindsField } from './event-kinds.ts'
import { oneValue, optionalText, type Field, type InputOf } from './field.ts'
import { findOneUser, type PersonRefusal } from './people.ts'

/** A time, or so long ago. */
type Moment =
  { readonly kind: 'at'; readonly at: Instant } | { readonly kind: 'ago'; readonly seconds: number }

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

const momentField = (meaning: string): Field<Moment | null> =>
  oneValue<Moment | null>(
    {
      meaning: `${meaning}: 30m, 12h, 7d, 2026-11-24 or 2026-11-24T12:00:00Z`,
      placeholder: 'time',
      isRequired: false,
      schema: { type: 'string', maxLength: 40 },
    },
    (given) => {
      if (given === null) return ok(null)
      const [, length, unit = ''] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
      if (length !== undefined) {
        return ok({ kind: 'ago', seconds: Number(length) * (unitSeconds[unit] ?? 0) })
      }
      const at = parseDayOrTime(given)
      return at === null
        ? err(
            `must be a length such as 30m, 12h or 7d, a day, or a time with a zone, such as 2026-11-24T12:00:00Z; it is "${given}"`,
          )
        : ok({ kind: 'at', at })
    },
  )

const requestField = oneValue<string | null>(
  {
    meaning: "events of one request, by the number on the visitor's page",
    placeholder: 'number',
    isRequired: false,
    schema: { type: 'string', maxLength: 50 },
  },
  (given) => {
    const request = given?.trim().toLowerCase() ?? null
    return request === null || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(request)
      ? ok(request)
      : err(
          `must be the whole number on the page, such as 3d9a2195-fdf1-4445-a705-ec75e18fc56e; it is "${given}"`,
        )
  },
)

export const filterFields = {
  user: optionalText('user', 'events of that user: user name, email, subject or id'),
  kind: kindsField('events of these kinds'),
  connection: optionalText('id', 'events of that connection'),
  site: optionalText('host', 'events at that site, such as wiki.example.com'),
  reason: optionalText('reason', 'events with that reason, such as expired'),
  operator: optionalText('name', 'what that operator changed'),
  request: requestField,
  since: momentField('events since then'),
  until: momentField('events before then'),
  text: optionalText('text', 'events that say this, anywhere, or whose user has it in a name', 200),
}

/** Finds the id of the user who is meant. A user who was removed may have left events. */
export async function findFilter(
  db: D1Database,
  { kind, since, until, user, ...others }: InputOf<typeof filterFields>,
  now: Instant,
): Promise<Result<AuditFilter, PersonRefusal>> {
  const filter: AuditFilter = {
    ...everyEvent,
    ...others,
    kinds: kind ?? [],
    since: toInstantAt(since, now),
    until: toInstantAt(until, now),
  }
  if (user === null) return ok(filter)
  const found = await findOneUser(db, { text: user, connection: others.connection })
  if (found.ok) return ok({ ...filter, user: found.value.id })
  const isRemoved = found.error.reason === 'unknown-user' && (await hasEventsOf(db, user))
  return isRemoved ? ok({ ...filter, user }) : found
}

const toInstantAt = (moment: Moment | null, now: Instant): Instant | null => {
  if (moment === null) return null
  return moment.kind === 'at' ? moment.at : plusSeconds(now, -moment.seconds)
}
