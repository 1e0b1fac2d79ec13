/** The tokens by which programs pass the gate: src/program. */
import { plusSeconds, toIso, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { SECRET_BYTES } from '../lib/secret.ts'
import { hashProgramToken, toProgramToken, type ProgramToken } from '../program/token.ts'
import { record, type Context } from './context.ts'
import { findOneGroup, type GroupRefusal } from './groups.ts'
import { findOneUser, type PersonRefusal } from './people.ts'
import {
  findServiceToken,
  insertServiceToken,
  revokeServiceToken,
  rotateServiceToken,
  type StoredServiceToken,
} from './service-token-store.ts'

export const MOST_DAYS = 366

export type ServiceTokenRefusal =
  | PersonRefusal
  | GroupRefusal
  | { readonly reason: 'unknown-service-token'; readonly text: string }
  | { readonly reason: 'name-taken'; readonly name: string }
  | { readonly reason: 'unknown-site'; readonly site: string; readonly sites: readonly string[] }
  /** It has passed, or is more than MOST_DAYS from now. */
  | { readonly reason: 'expiry'; readonly expires: Instant }

export interface NewToken {
  readonly name: string
  readonly description: string | null
  readonly owner: { readonly kind: 'user' | 'group'; readonly text: string }
  /** Of the owner, to tell two of the same name apart. */
  readonly connection: string | null
  readonly sites: readonly string[]
  readonly paths: readonly string[] | null
  readonly methods: readonly string[] | null
  readonly expires: Instant
}

export interface WithSecret {
  /** To be shown once: only its hash is stored. */
  readonly secret: ProgramToken
  readonly token: StoredServiceToken
}

export async function createServiceToken(
  context: Context,
  input: NewToken,
): Promise<Result<WithSecret, ServiceTokenRefusal>> {
  const { db, now, newId, operator, config } = context
  const { name, description, expires, paths, methods, sites } = input
  if (!isInTime(expires, now)) return err({ reason: 'expiry', expires })
  const known = config && config.sites.map(({ authority }) => authority)
  const unknown = known && sites.find((site) => !known.some((each) => includes(each, site)))
  if (known && unknown) return err({ reason: 'unknown-site', site: unknown, sites: known })
  const owner = await findOwner(db, input)
  if (!owner.ok) return owner
  const { secret, hash } = await newSecret(context)
  const id = newId()
  const by = { madeBy: operator.name, maker: operator.user }
  const terms = { sites, paths, methods }
  const kept = { id, name, description, owner: owner.value, ...terms, ...by, hash }
  if (!(await insertServiceToken(db, { ...kept, expiresAt: expires }, now))) {
    return err({ reason: 'name-taken', name })
  }
  return told(context, { command: 'service-token create', id, secret })
}

/** Whether a site of the config has the host, or the hosts, of a token. `*` is one label. */
const includes = (site: string, host: string): boolean =>
  site === host || (site.startsWith('*.') && host.slice(host.indexOf('.')) === site.slice(1))

async function findOwner(
  db: D1Database,
  { owner: { kind, text }, connection }: NewToken,
): Promise<Result<{ readonly kind: 'user' | 'group'; readonly id: string }, ServiceTokenRefusal>> {
  const named = { text, connection }
  const found = kind === 'user' ? await findOneUser(db, named) : await findOneGroup(db, named)
  return found.ok ? ok({ kind, id: found.value.id }) : found
}

export interface Rotation {
  /** The id or the name. */
  readonly token: string
  readonly expires: Instant
  /** How long the old secret counts beside the new one. */
  readonly overlapSeconds: number
}

export async function rotateToken(
  context: Context,
  { token: text, expires, overlapSeconds }: Rotation,
): Promise<Result<WithSecret, ServiceTokenRefusal>> {
  const { db, now } = context
  if (!isInTime(expires, now)) return err({ reason: 'expiry', expires })
  const found = await findKnown(db, text)
  if (!found.ok) return found
  const { id } = found.value
  const { secret, hash } = await newSecret(context)
  const oldUntil = plusSeconds(now, overlapSeconds)
  if (!(await rotateServiceToken(db, { token: id, hash, expiresAt: expires, oldUntil }, now))) {
    return err({ reason: 'unknown-service-token', text })
  }
  return told(context, { command: 'service-token rotate', id, secret })
}

/** The token is refused from now on, with each of its secrets. */
export async function revokeToken(
  context: Context,
  text: string,
): Promise<Result<StoredServiceToken, ServiceTokenRefusal>> {
  const { db, now } = context
  const found = await findKnown(db, text)
  if (!found.ok) return found
  if (!(await revokeServiceToken(db, found.value.id, now))) {
    return err({ reason: 'unknown-service-token', text })
  }
  await tell(context, 'service-token revoke', found.value)
  return found
}

/** @param text its id, or its name if it is not revoked. */
export async function findKnown(
  db: D1Database,
  text: string,
): Promise<Result<StoredServiceToken, ServiceTokenRefusal>> {
  const found = await findServiceToken(db, text)
  return found ? ok(found) : err({ reason: 'unknown-service-token', text })
}

const isInTime = (expires: Instant, now: Instant): boolean =>
  expires > now && expires <= plusSeconds(now, MOST_DAYS * 86_400)

async function newSecret({ random }: Context) {
  const secret = toProgramToken('service', random(SECRET_BYTES))
  return { secret, hash: await hashProgramToken(secret) }
}

async function told(
  context: Context,
  made: { readonly command: string; readonly id: string; readonly secret: ProgramToken },
): Promise<Result<WithSecret, ServiceTokenRefusal>> {
  const { id, secret, command } = made
  const found = await findKnown(context.db, id)
  if (!found.ok) return found
  await tell(context, command, found.value)
  return ok({ secret, token: found.value })
}

const tell = (
  context: Context,
  command: string,
  { id, name, owner, ownerId, connection, sites, paths, methods, expiresAt }: StoredServiceToken,
): Promise<void> =>
  record(context, {
    command,
    connection,
    user: owner === 'user' ? ownerId : null,
    facts: {
      token: id,
      name,
      owner,
      // A person is named by `user` alone, which goes when the person is erased.
      ...(owner === 'group' && { ownerId }),
      sites: [...sites],
      ...(paths && { paths: [...paths] }),
      ...(methods && { methods: [...methods] }),
      expiresAt: toIso(expiresAt),
    },
  })
