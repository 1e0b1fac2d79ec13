/** An operator at the real D1, and the events that the operator left in the audit. */
import { newSignInOf } from '../support/site.ts'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import * as v from 'valibot'
import type { Context } from '../../src/admin/context.ts'
import { toGiven, type Fault, type Typed } from '../../src/admin/field.ts'
import type { Answer, Bound, Operation, Refusal } from '../../src/admin/operation.ts'
import { parseConfig } from '../../src/config.ts'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import type { Facts } from '../../src/audit/event.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { provision } from '../support/provision.ts'
import type { User } from '../../src/directory/user.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import type { Result } from '../../src/lib/result.ts'
import { saveStanding } from '../../src/session/standing-store.ts'
import { hashToken, toSessionToken } from '../../src/session/token.ts'
import { judgePublic } from '../../src/upkeep/fetch.ts'
import { acme, now } from '../connection/stage.ts'

export { now }
export const { DB: db } = env

export const context: Context = {
  db,
  kv: null,
  now,
  operator: { name: 'Grace', face: 'console', scopes: ['all'], user: null },
  requestId: null,
  newId: () => crypto.randomUUID(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  config: null,
  openSealer: async () => null,
  fetchMetadata: null,
  fetchWebhook: () => Promise.reject(new Error('nothing is to be sent')),
  metadataReach: { judgeAddress: judgePublic, fetch: () => Promise.reject(new Error('offline')) },
  onUnaudited: (error) => {
    throw error
  },
  onAudited: () => undefined,
}

/** For a `context` at a login host with one site. */
export const config = valueOf(
  parseConfig({
    loginHost: { url: 'https://login.example.com' },
    sites: [
      {
        url: 'https://app.example.com',
        origin: 'https://origin.example.net',
        routes: [{ path: '/', access: 'signed-in' }],
      },
    ],
  }),
)

export const bound: Bound = { seconds: 15, words: 'within 15 seconds' }

/** The operation as a face calls it. An answer must have the shape that the operation declares. */
export async function act(
  operation: Operation,
  typed: Typed,
  { by = context, ifVersion = null }: { by?: Context; ifVersion?: string | null } = {},
): Promise<Result<Answer, Refusal | readonly Fault[]>> {
  const prepared = operation.prepare(toGiven(typed))
  if (!prepared.ok) return prepared
  const done = await prepared.value(by, { bound, ifVersion })
  if (done.ok) {
    // As JSON. Parsing drops what the shape does not have.
    const facts: unknown = JSON.parse(JSON.stringify(done.value.facts))
    expect(v.parse(operation.result, facts)).toEqual(facts)
  }
  return done
}

export const emptyStore = () =>
  db.batch(
    [
      'admin_tokens',
      'oauth_clients',
      'attempts',
      'audit',
      'sessions',
      'signals_taken',
      'signal_streams',
      'scim_tokens',
      'users',
      'connections',
      'sp_keys',
      'sp_generations',
    ].map((table) => db.prepare(`DELETE FROM ${table}`)),
  )

export async function seedConnection(id: string, fields: Partial<Connection> = {}): Promise<void> {
  await saveConnection(db, { ...(await acme()), id, ...fields }, now)
}

export async function seedUser(connection: string, subject: string): Promise<User> {
  const names = { subject, userName: subject, email: null, displayName: null }
  const person = { connection, ...names, groups: [], attributes: {} }
  const at = plusSeconds(now, -60)
  const user = await provision(db, person, {
    mode: 'jit',
    join: 'user-name',
    newId: `${connection} ${subject}`,
    now: at,
  })
  if (!user.ok) throw new Error(user.error)
  return user.value
}

export async function seedSession(user: User, id: string): Promise<void> {
  const openedAt = plusSeconds(now, -30)
  const session = {
    id,
    site: 'app.example.com',
    connection: user.connection,
    userId: user.id,
    userName: user.userName,
    email: null,
    displayName: null,
    groups: [],
    attributes: {},
    nameId: user.subject,
    nameIdFormat: null,
    sessionIndex: null,
    authnInstant: null,
    authnContext: null,
    signIn: `sign-in of ${id}`,
    signedInAt: openedAt,
    openedAt,
    expiresAt: plusSeconds(openedAt, 3600),
    idleSeconds: null,
  }
  const hash = await hashToken(toSessionToken(crypto.getRandomValues(new Uint8Array(32))))
  const newSignIn = newSignInOf(session, user)
  await saveStanding(db, { session, hash, newSignIn, replaces: [] })
}

/** The operation, its connection, its user and its facts. */
export type Recorded = readonly [unknown, string | null, string | null, Facts]

/** What the audit has, the oldest first. Each event must name the operator and nothing else of them. */
export async function audited(): Promise<readonly Recorded[]> {
  const filter = { ...everyEvent, kinds: ['operator'] }
  const events = await listEvents(db, filter, { order: 'oldest-first', after: null, limit: 100 })
  return events.map(({ at, requestId, connection, user, facts }) => {
    const { actor, operator, command, ...rest } = facts
    const by = [at, requestId, actor, operator]
    if (JSON.stringify(by) !== JSON.stringify([now, null, 'console', 'Grace'])) {
      throw new Error(`the event is by ${JSON.stringify(by)}`)
    }
    return [command, connection, user, rest] as const
  })
}

export function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

export function refusalOf<E>(result: Result<unknown, E>): E {
  if (result.ok) throw new Error('it was done')
  return result.error
}
