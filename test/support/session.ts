/** Creates a person with a session, in the real KV and D1. */
import { env } from 'cloudflare:workers'
import {
  defaultDirectory,
  type DirectorySettings,
  type Provisioning,
} from '../../src/connection/connection.ts'
import { provision } from './provision.ts'
import type { Person, User } from '../../src/directory/user.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { unmeasured } from '../../src/lib/meter.ts'
import { createDailySealer } from '../../src/lib/seal.ts'
import { BOUND_PURPOSE, createBoundCookies } from '../../src/session/bound-cookie.ts'
import { endSessions, openSession } from '../../src/session/open.ts'
import type { SessionStores, SessionVisit } from '../../src/session/reader.ts'
import type { Session } from '../../src/session/session.ts'
import { hashToken, type SessionToken, type TokenHash } from '../../src/session/token.ts'
import { background } from './background.ts'
import { liveOf, newSignInOf, noon } from './site.ts'

/** As the Worker makes them: of any secret. */
export const boundCookies = createBoundCookies(
  createDailySealer({ current: new Uint8Array(32).fill(7), previous: null }, BOUND_PURPOSE),
)
export const stores = { kv: env.SESSIONS, db: env.DB }

export async function addConnection(
  id: string,
  provisioning: Provisioning = 'jit',
  directory: Partial<DirectorySettings> = {},
): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO connections (id, display_name, idp_entity_id, sso_url, sso_binding, provisioning,
       settings, created_at, updated_at, with_directory)
     VALUES (?1, ?1, 'https://idp.example.test', 'https://idp.example.test/sso', 'redirect', ?2,
       ?4, ?3, ?3, ?5)`,
  )
    .bind(
      id,
      provisioning === 'scim' ? 'scim' : 'jit',
      noon,
      JSON.stringify({ directory: { ...defaultDirectory, ...directory } }),
      provisioning === 'jit+scim' ? 1 : 0,
    )
    .run()
}

export const setConnectionEnabled = (id: string, enabled: boolean) =>
  env.DB.prepare('UPDATE connections SET enabled = ?2 WHERE id = ?1')
    .bind(id, enabled ? 1 : 0)
    .run()

export const removeConnection = (id: string) =>
  env.DB.prepare('DELETE FROM connections WHERE id = ?1').bind(id).run()

/** All rows of all tables of D1, as one text. */
export async function everyRow(): Promise<string> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
  ).all<{ name: string }>()
  const tables = await env.DB.batch(
    results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`)),
  )
  return JSON.stringify(results.map(({ name }, i) => [name, tables[i]?.results]))
}

/** Empties KV, and all tables that sessions depend on. */
export async function emptyStores(): Promise<void> {
  await env.DB.exec('DELETE FROM connections')
  const { keys } = await env.SESSIONS.list()
  await Promise.all(keys.map(({ name }) => env.SESSIONS.delete(name)))
}

export const personOf = (fields: Partial<Person> = {}): Person => ({
  connection: 'okta',
  subject: 'ada',
  userName: 'ada',
  email: 'ada@example.com',
  displayName: 'Ada Lovelace',
  groups: ['staff'],
  attributes: {},
  ...fields,
})

export async function addUser(fields: Partial<Person> = {}, now: Instant = noon): Promise<User> {
  const user = await provision(env.DB, personOf(fields), {
    mode: 'jit',
    join: 'user-name',
    newId: crypto.randomUUID(),
    now,
  })
  if (!user.ok) throw new Error(user.error)
  return user.value
}

export interface SignedIn {
  readonly user: User
  readonly session: Session
  readonly token: SessionToken
  readonly hash: TokenHash
  /** A request as their browser sends it. */
  readonly request: Request
}

/** Opens the session with a sign-in of its own, as the login host does. */
export async function openFor(...given: Parameters<typeof tryToOpen>): Promise<SessionToken> {
  const opened = await tryToOpen(...given)
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

/** The same, where the session may not begin. */
export const tryToOpen = (
  on: SessionStores,
  session: Session,
  user: Pick<User, 'sessionsValidFrom' | 'source'>,
  replaces: readonly TokenHash[] = [],
): ReturnType<typeof openSession> => {
  const belonging = { ...session, signIn: session.signIn ?? `of ${session.id}` }
  const newSignIn = newSignInOf(session, user)
  return openSession(on, { session: belonging, newSignIn, replaces }, background)
}

/** Ends the sessions and their sign-ins, as sign-out does. */
export const endWith = (on: SessionStores, hashes: readonly TokenHash[], now: Instant) =>
  endSessions(on, { hashes, scope: signedOut, now })

export const signedOut = { kind: 'sign-in', why: 'signed-out', except: null } as const

/** Creates a user of the connection `okta`, which must exist, with a session. */
export async function signIn(
  fields: Partial<Session> = {},
  person: Partial<Person> = {},
): Promise<SignedIn> {
  const user = await addUser(person, fields.openedAt)
  const { session } = liveOf({
    id: crypto.randomUUID(),
    signIn: crypto.randomUUID(),
    userId: user.id,
    connection: user.connection,
    userName: user.userName,
    email: user.email,
    ...fields,
  })
  const token = await openFor(stores, session, user)
  return { user, session, token, hash: await hashToken(token), request: requestWith(token) }
}

export const requestWith = (
  token: string,
  url = 'https://app.example.com/',
  init: RequestInit = {},
): Request => {
  const headers = new Headers(init.headers)
  headers.append('Cookie', `__Host-gatehouse=${token}`)
  return new Request(url, { ...init, headers })
}

/** A visit, and the work that it left for after the answer. */
export function momentAt(
  now: Instant,
  authority = 'app.example.com',
  deviceBinding: SessionVisit['host']['deviceBinding'] = 'off',
): SessionVisit & { readonly settled: () => Promise<unknown> } {
  const work: Promise<unknown>[] = []
  return {
    host: { authority, deviceBinding },
    now,
    meter: unmeasured,
    waitUntil: (promise) => {
      work.push(promise)
      background.waitUntil(promise)
    },
    settled: () => Promise.all(work),
  }
}
