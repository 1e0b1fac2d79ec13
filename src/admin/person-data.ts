/** A person's rights (GDPR): `user export` gives all data of a person, `user erase` erases them. */
import * as v from 'valibot'
import type { User } from '../directory/user.ts'
import { toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { findSession, removeSession } from '../session/store.ts'
import { record, type Context } from './context.ts'
import { confirmField, onOff } from './field.ts'
import { defineOperation, unconfirmed } from './operation.ts'
import { findOneUser, type PersonRefusal } from './people.ts'
import {
  connectionField,
  explainPerson,
  toNamed,
  userFacts,
  userField,
  userShape,
} from './people-shown.ts'
import {
  erasePerson,
  listTokenHashes,
  MOST_ROWS,
  readPerson,
  type PersonRow,
  type PersonRows,
} from './person-store.ts'
import { time } from './shape.ts'
import { sentence, tableOf } from './view.ts'

interface PersonData {
  readonly user: User
  readonly rows: PersonRows
  /** The sessions as KV has them; null: this face does not reach KV. */
  readonly sessions: readonly PersonRow[] | null
  readonly now: Instant
}

export const userExport = defineOperation({
  name: 'user export',
  summary: 'all data of a person, as one JSON document (GDPR, articles 15 and 20)',
  details: `By table, as docs/personal-data.md names them. Times are in ISO 8601. Hashes of secrets are left out. What a message says is as it was stored, so events and attempts may name others. A table gives ${MOST_ROWS} rows at most, and "cut" names those that have more. On the command line without a token of the API, what KV has of open sessions is left out ("sessionsInKv" is null): groups and attributes as they were asserted.`,
  examples: [{ says: 'all of Ada, into a file', input: { user: 'ada@acme.com' } }],
  subject: 'user',
  fields: { user: userField, connection: connectionField },
  changes: false,
  scope: 'people',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/users/{user}/export' },
  result: v.object({
    user: userShape,
    exportedAt: time,
    tables: v.record(v.string(), v.array(v.record(v.string(), v.unknown()))),
    sessionsInKv: v.nullable(v.array(v.record(v.string(), v.unknown()))),
    cut: v.array(v.string()),
  }),
  judge: null,
  run: exportPerson,
  show: ({ user, rows, sessions, now }) => ({
    facts: {
      user: userFacts(user),
      exportedAt: toIso(now),
      tables: rows,
      sessionsInKv: sessions,
      cut: Object.keys(rows).filter((table) => rows[table]?.length === MOST_ROWS),
    },
    view: [
      sentence(`What is stored of ${user.userName}. The JSON of this answer has all of it.`),
      tableOf(
        Object.entries(rows).filter(([, { length }]) => length > 0),
        { table: ([table]) => table, rows: ([, { length }]) => length },
      ),
    ],
  }),
  explain: explainPerson,
})

async function exportPerson(
  { db, kv, now }: Context,
  input: { readonly user: string; readonly connection: string | null },
): Promise<Result<PersonData, PersonRefusal>> {
  const found = await findOneUser(db, toNamed(input))
  if (!found.ok) return found
  const user = found.value
  const rows = await readPerson(db, user, now)
  return ok({ user, rows, sessions: kv ? await readSessions(db, kv, user) : null, now })
}

async function readSessions(
  db: D1Database,
  kv: KVNamespace,
  { id }: User,
): Promise<readonly PersonRow[]> {
  const found: PersonRow[] = []
  for (const hash of await listTokenHashes(db, id)) {
    const session = await findSession(kv, hash)
    if (session) found.push({ ...session })
  }
  return found
}

interface Erased {
  readonly user: User
  readonly keepsAudit: boolean
  /** False: the sessions in KV stay until they expire. */
  readonly isKvErased: boolean
}
interface Unconfirmed extends Omit<Erased, 'isKvErased'> {
  readonly reason: 'unconfirmed'
}

export const userErase = defineOperation({
  name: 'user erase',
  summary: 'erase a person with all that is stored of them (GDPR, article 17)',
  details:
    'The person, their sign-ins, sessions, attempts, events, group memberships and tokens of the API. Remove the person at the identity provider and in its directory first: else they may sign in again as a new user, or the directory sends them again. A person who was disabled is then no longer kept out. What operators did stays in the audit, without the name. docs/personal-data.md lists what is left and for how long.',
  examples: [
    { says: 'what would be erased', input: { user: 'ada@acme.com' } },
    { says: 'erase it', input: { user: 'ada@acme.com', yes: '' } },
  ],
  subject: 'user',
  fields: {
    user: userField,
    connection: connectionField,
    'keep-audit': onOff('leave the events of the audit, for a legal claim (article 17(3)(e))'),
    yes: confirmField,
  },
  changes: true,
  scope: 'all',
  isDangerous: true,
  undo: null,
  http: { method: 'POST', path: '/users/{user}/erase' },
  result: v.object({
    erased: v.string(),
    connection: v.string(),
    auditKept: v.boolean(),
    kvErased: v.boolean(),
    withinSeconds: v.nullable(v.number()),
  }),
  judge: null,
  run: eraseIfConfirmed,
  show: ({ user, keepsAudit, isKvErased }, { bound }) => ({
    facts: {
      erased: user.id,
      connection: user.connection,
      auditKept: keepsAudit,
      kvErased: isKvErased,
      withinSeconds: bound.seconds,
    },
    view: [
      sentence(
        `${user.userName} is erased, and refused everywhere ${bound.words}. ${
          keepsAudit ? 'The events of the audit stay for 90 days at most. ' : ''
        }${
          isKvErased
            ? ''
            : 'What KV has of their sessions opens nothing, and expires by itself at the end of each session. '
        }Backups, and Cloudflare's Time Travel for 30 days, still have the person.`,
      ),
    ],
  }),
  explain: (refused) =>
    refused.reason === 'unconfirmed' ? explainUnconfirmed(refused) : explainPerson(refused),
})

const explainUnconfirmed = ({ user, keepsAudit }: Unconfirmed) =>
  unconfirmed(
    `${user.userName} would be erased for good, with all sign-ins and attempts${
      keepsAudit ? '' : ', and with the events of the audit'
    }.${
      user.source === 'scim'
        ? ' The directory sent this person: remove them there first, or it may send them again.'
        : ' If the identity provider lets the person in, the next sign-in makes a new user.'
    }${user.barred ? ' The person is disabled now, and would no longer be kept out.' : ''}`,
    { user: userFacts(user), auditKept: keepsAudit },
    { operation: 'user export', asks: null, input: { user: user.id, connection: user.connection } },
  )

interface ToErase {
  readonly user: string
  readonly connection: string | null
  readonly 'keep-audit': boolean
  readonly yes: boolean
}

async function eraseIfConfirmed(
  context: Context,
  { yes, 'keep-audit': keepsAudit, ...named }: ToErase,
): Promise<Result<Erased, PersonRefusal | Unconfirmed>> {
  const { db, kv, now } = context
  const found = await findOneUser(db, toNamed(named))
  if (!found.ok) return found
  const user = found.value
  if (!yes) return err({ reason: 'unconfirmed', user, keepsAudit })
  const hashes = await listTokenHashes(db, user.id)
  if (!(await erasePerson(db, user, { keepsAudit, now }))) {
    return err({ reason: 'user-gone', userName: user.userName })
  }
  if (kv) await Promise.all(hashes.map((hash) => removeSession(kv, hash)))
  await record(context, {
    command: 'user erase',
    connection: user.connection,
    user: null,
    facts: { auditKept: keepsAudit },
  })
  return ok({ user, keepsAudit, isKvErased: kv !== null })
}
