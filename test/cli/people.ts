/** Connections, people and sessions in a store, as logins would have left them. */
import { newSignInOf } from '../support/site.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { provision } from '../support/provision.ts'
import type { Person, User } from '../../src/directory/user.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { usualSettings } from '../../tools/signing/connection.ts'
import { saveStanding } from '../../src/session/standing-store.ts'
import { hashToken, toSessionToken } from '../../src/session/token.ts'

export const connectionOf = (id: string, fields: Partial<Connection> = {}): Connection => ({
  id,
  displayName: id,
  enabled: true,
  idpEntityId: `https://idp.example.com/${id}`,
  ssoUrl: 'https://idp.example.com/sso',
  ssoBinding: 'redirect',
  slo: null,
  metadataUrl: null,
  certificates: [],
  provisioning: 'jit',
  domains: [],
  settings: usualSettings,
  ...fields,
})

export const now = (): Instant => toInstant(Date.now())

export const seedConnection = (db: D1Database, connection: Connection): Promise<void> =>
  saveConnection(db, connection, now())

export async function seedUser(
  db: D1Database,
  person: Partial<Person> & Pick<Person, 'connection' | 'subject' | 'userName'>,
  id: string,
): Promise<User> {
  const whole = { email: null, displayName: null, groups: [], attributes: {}, ...person }
  const user = await provision(db, whole, {
    mode: 'jit',
    join: 'user-name',
    newId: id,
    now: toInstant(Date.now() - 60_000),
  })
  if (!user.ok) throw new Error(user.error)
  return user.value
}

export async function seedSession(
  db: D1Database,
  user: User,
  id: string,
  groups: readonly string[] = [],
): Promise<void> {
  const openedAt = toInstant(Date.now() - 30_000)
  const session = {
    id,
    site: 'app.example.com',
    connection: user.connection,
    userId: user.id,
    userName: user.userName,
    email: user.email,
    displayName: user.displayName,
    groups,
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
