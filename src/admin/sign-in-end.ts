/** `sign-in end`: all sign-ins of a person, a connection, a site, or of everybody. */
import * as v from 'valibot'
import type { User } from '../directory/user.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  countSignInsOf,
  endSignInsOf,
  type SignInCount,
  type SignInsOf,
} from '../session/ending-store.ts'
import { hostAt } from '../site/host.ts'
import {
  explainUnknownConnection,
  findConnectionIfNamed,
  type UnknownConnection,
} from './connections.ts'
import { record, type Context } from './context.ts'
import { confirmField, onOff, optionalText } from './field.ts'
import { defineOperation, refusal, unconfirmed, type Bound } from './operation.ts'
import { findOneUser, type PersonRefusal } from './people.ts'
import { anyUserField, explainPerson } from './people-shown.ts'
import { count, sentence, type See } from './view.ts'

/** Whose sign-ins end, and what the audit and the answer call them. */
interface Target {
  readonly of: SignInsOf
  /** The user name, the id of the connection or the host of the site; null: everybody. */
  readonly name: string | null
  readonly user: User | null
}

interface UnknownSite {
  readonly reason: 'unknown-site'
  readonly site: string
}
interface Unconfirmed extends Target, SignInCount {
  readonly reason: 'unconfirmed'
}
type TargetRefusal = PersonRefusal | UnknownConnection | UnknownSite

interface ToEnd {
  readonly user: string | null
  readonly connection: string | null
  readonly site: string | null
  readonly everybody: boolean
}

export const signInEnd = defineOperation({
  name: 'sign-in end',
  summary: 'end all sign-ins of a person, a connection, a site, or of everybody',
  details:
    'A sign-in ends at every site, with all that is open there. A person who is signing in at this moment must begin again. Everybody may sign in again: to prevent that, disable the user or the connection.',
  examples: [
    { says: 'how many would end', input: { user: 'ada@acme.com' } },
    { says: 'end them', input: { user: 'ada@acme.com', yes: '' } },
    { says: 'everybody who signed in with one IdP', input: { connection: 'acme', yes: '' } },
    { says: 'everybody with a session at one site', input: { site: 'wiki.example.com', yes: '' } },
    { says: 'break glass', input: { everybody: '', yes: '' } },
  ],
  subject: 'user',
  fields: {
    user: anyUserField,
    connection: optionalText('id', 'the people of that connection; with a user, the one of it'),
    site: optionalText('host', 'the people with an open session there: wiki.example.com'),
    everybody: onOff('all people, of every connection'),
    yes: confirmField,
  },
  changes: true,
  scope: 'people',
  isDangerous: true,
  undo: null,
  http: { method: 'POST', path: '/sign-ins/end' },
  result: v.object({
    of: v.picklist(['user', 'connection', 'site', 'everybody']),
    name: v.nullable(v.string()),
    signIns: v.number(),
    users: v.number(),
    withinSeconds: v.nullable(v.number()),
  }),
  judge: ({ user, connection, site, everybody }) => {
    const asked = [user ?? connection, site, everybody || null].filter((each) => each !== null)
    if (asked.length > 1) return 'Give a user, a connection, a site or everybody: one of them.'
    return asked.length === 0
      ? 'Whose sign-ins? Give a user, a connection, a site, or everybody.'
      : null
  },
  run: endIfConfirmed,
  show: (ended, { bound }) => ({
    facts: { ...factsOf(ended), withinSeconds: bound.seconds },
    view: [sentence(endedWords(ended, bound))],
  }),
  explain: (refused) => {
    switch (refused.reason) {
      case 'unconfirmed':
        return unconfirmed(previewWords(refused), factsOf(refused), milder(refused))
      case 'unknown-site':
        return refusal(
          'not-found',
          refused.reason,
          `There is no site "${refused.site}". Give the host of one, such as wiki.example.com.`,
        )
      case 'unknown-connection':
        return explainUnknownConnection(refused)
      default:
        return explainPerson(refused)
    }
  },
})

async function endIfConfirmed(
  context: Context,
  { yes, ...asked }: ToEnd & { readonly yes: boolean },
): Promise<Result<Target & SignInCount, TargetRefusal | Unconfirmed>> {
  const { db, now } = context
  const found = await findTarget(context, asked)
  if (!found.ok) return found
  const target = found.value
  const { of, user } = target
  if (!yes) {
    return err({ reason: 'unconfirmed', ...target, ...(await countSignInsOf(db, of, now)) })
  }
  const ended = await endSignInsOf(db, { of, why: 'revoked', now })
  await record(context, {
    command: 'sign-in end',
    connection: of.kind === 'connection' ? of.connection : (user?.connection ?? null),
    user: user?.id ?? null,
    facts: { of: of.kind, ...(of.kind === 'site' ? { site: of.site } : {}), ...ended },
  })
  return ok({ ...target, ...ended })
}

async function findTarget(
  { db, config }: Context,
  { user, connection, site }: ToEnd,
): Promise<Result<Target, TargetRefusal>> {
  if (user !== null) {
    const found = await findOneUser(db, { text: user, connection })
    if (!found.ok) return found
    const { id, userName } = found.value
    return ok({ of: { kind: 'user', userId: id }, name: userName, user: found.value })
  }
  if (connection !== null) {
    const known = await findConnectionIfNamed(db, connection)
    if (!known.ok) return known
    return ok({ of: { kind: 'connection', connection }, name: connection, user: null })
  }
  if (site === null) return ok({ of: { kind: 'everybody' }, name: null, user: null })
  const host = site.toLowerCase()
  const hosts = config && [config.loginHost, ...config.sites, ...config.sitesElsewhere]
  if (hosts && !hostAt(hosts, host)) return err({ reason: 'unknown-site', site })
  return ok({ of: { kind: 'site', site: host }, name: host, user: null })
}

const factsOf = ({ of, name, signIns, users }: Target & SignInCount) => ({
  of: of.kind,
  name,
  signIns,
  users,
})

/** "12 sign-ins of 10 people" */
const amount = ({ signIns, users }: SignInCount): string =>
  `${count(signIns, 'sign-in')} of ${count(users, 'person', 'people')}`

/** Which sign-ins, after their number. */
function whichOf({ of, name }: Target): string {
  switch (of.kind) {
    case 'user':
      return `those of ${name}`
    case 'connection':
      return `those by the connection "${name}"`
    case 'site':
      return `those with an open session at ${name}`
    case 'everybody':
      return 'those of everybody'
  }
}

const previewWords = (target: Target & SignInCount): string =>
  target.signIns === 0
    ? `No sign-in is open (${whichOf(target)}). Only those that are being opened now would fail.`
    : `${amount(target)} would end at every site: ${whichOf(target)}.`

const endedWords = (target: Target & SignInCount, { words }: Bound): string =>
  target.signIns === 0
    ? `No sign-in was open (${whichOf(target)}). Those that are being opened now fail.`
    : `${amount(target)} ended: ${whichOf(target)}. They are refused everywhere ${words}, and may sign in again.`

/** A person or a connection can be kept out instead. */
function milder({ of, user }: Target): See | null {
  if (user) {
    const input = { user: user.id, connection: user.connection }
    return { operation: 'user disable', asks: null, input }
  }
  return of.kind === 'connection'
    ? { operation: 'connection disable', asks: null, input: { id: of.connection } }
    : null
}
