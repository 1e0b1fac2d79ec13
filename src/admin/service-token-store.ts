/** Service tokens in D1, as operators see and change them. Only hashes of their secrets are stored. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'

const texts = jsonOf(v.array(v.string()))
const tokenRow = v.object({
  id: v.string(),
  name: v.string(),
  description: v.nullable(v.string()),
  owner: v.picklist(['user', 'group']),
  ownerId: v.string(),
  ownerName: v.string(),
  connection: v.string(),
  hasOwner: flag,
  sites: texts,
  paths: v.nullable(texts),
  methods: v.nullable(texts),
  madeBy: v.string(),
  maker: v.nullable(v.string()),
  createdAt: instant,
  rotatedAt: v.nullable(instant),
  expiresAt: instant,
  oldSecretUntil: v.nullable(instant),
  lastUsedAt: v.nullable(instant),
  revokedAt: v.nullable(instant),
})

/**
 * `hasOwner`: the owner counts, as the owner's session would. `oldSecretUntil`: the end of the secret
 * before the last rotation.
 */
export type StoredServiceToken = v.InferOutput<typeof tokenRow>

const select = `
  SELECT t.id, t.name, t.description, iif(t.user_id IS NULL, 'group', 'user') AS owner,
         coalesce(t.user_id, t.group_id) AS ownerId,
         coalesce(u.email, u.user_name, g.name) AS ownerName, c.id AS connection,
         c.enabled AND (g.id IS NOT NULL OR
           (u.active AND (c.provisioning <> 'scim' OR u.source = 'scim'))) AS hasOwner,
         t.sites, t.paths, t.methods, t.made_by AS madeBy, t.maker, t.created_at AS createdAt,
         t.rotated_at AS rotatedAt, s.expires_at AS expiresAt,
         (SELECT max(o.expires_at) FROM service_secrets o
          WHERE o.token = t.id AND o.hash <> s.hash) AS oldSecretUntil,
         t.last_used_at AS lastUsedAt, t.revoked_at AS revokedAt
  FROM service_tokens t
  JOIN service_secrets s ON s.hash = (
    SELECT hash FROM service_secrets WHERE token = t.id ORDER BY created_at DESC, expires_at DESC LIMIT 1)
  LEFT JOIN users u ON u.id = t.user_id
  LEFT JOIN scim_groups g ON g.id = t.group_id
  JOIN connections c ON c.id = coalesce(u.connection, g.connection)`

/** More are not shown. */
const MOST_TOKENS = 1000

/** Those that are not revoked come first, by name. */
export async function listServiceTokens(db: D1Database): Promise<readonly StoredServiceToken[]> {
  const { results } = await fromStore('D1', 'listing service tokens', () =>
    db
      .prepare(
        `${select} ORDER BY t.revoked_at IS NOT NULL, t.name, t.created_at DESC LIMIT ${MOST_TOKENS}`,
      )
      .all(),
  )
  return parseRows(tokenRow, results)
}

/** By id, or by the name of one that is not revoked. */
export const findServiceToken = async (
  db: D1Database,
  text: string,
): Promise<StoredServiceToken | null> =>
  parseRow(
    tokenRow,
    await fromStore('D1', 'finding a service token', () =>
      db
        .prepare(
          `${select} WHERE t.id = ?1 OR (t.name = ?1 AND t.revoked_at IS NULL)
           ORDER BY t.id = ?1 DESC LIMIT 1`,
        )
        .bind(text)
        .first(),
    ),
  )

export interface NewServiceToken {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly owner: { readonly kind: 'user' | 'group'; readonly id: string }
  readonly sites: readonly string[]
  readonly paths: readonly string[] | null
  readonly methods: readonly string[] | null
  readonly madeBy: string
  readonly maker: string | null
  readonly hash: string
  readonly expiresAt: Instant
}

/** @returns false: another token that is not revoked has the name. */
export async function insertServiceToken(
  db: D1Database,
  token: NewServiceToken,
  now: Instant,
): Promise<boolean> {
  const { id, owner } = token
  const [inserted] = await fromStore('D1', 'saving a service token', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO service_tokens (id, name, description, user_id, group_id, sites, paths,
             methods, made_by, maker, created_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING`,
        )
        .bind(
          id,
          token.name,
          token.description,
          owner.kind === 'user' ? owner.id : null,
          owner.kind === 'group' ? owner.id : null,
          JSON.stringify(token.sites),
          token.paths && JSON.stringify(token.paths),
          token.methods && JSON.stringify(token.methods),
          token.madeBy,
          token.maker,
          now,
        ),
      insertSecret(db, { token: id, hash: token.hash, expiresAt: token.expiresAt }, now),
    ]),
  )
  return inserted?.meta.changes === 1
}

interface NewSecret {
  /** The id of the token. */
  readonly token: string
  readonly hash: string
  readonly expiresAt: Instant
}

/** Only beside a token that is not revoked. */
const insertSecret = (
  db: D1Database,
  { token, hash, expiresAt }: NewSecret,
  now: Instant,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO service_secrets (hash, token, created_at, expires_at)
       SELECT ?2, id, ?3, ?4 FROM service_tokens WHERE id = ?1 AND revoked_at IS NULL`,
    )
    .bind(token, hash, now, expiresAt)

/**
 * Gives the token another secret. The one before counts until `oldUntil`; those before that one are
 * removed, so there are two at most.
 *
 * @returns false: the token is revoked or gone.
 */
export async function rotateServiceToken(
  db: D1Database,
  secret: NewSecret & { readonly oldUntil: Instant },
  now: Instant,
): Promise<boolean> {
  const { token, oldUntil } = secret
  const [rotated] = await fromStore('D1', 'rotating a service token', () =>
    db.batch([
      db
        .prepare('UPDATE service_tokens SET rotated_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
        .bind(token, now),
      db
        .prepare(
          `DELETE FROM service_secrets WHERE token = ?1 AND hash <> (
             SELECT hash FROM service_secrets WHERE token = ?1
             ORDER BY created_at DESC, expires_at DESC LIMIT 1)`,
        )
        .bind(token),
      db
        .prepare('UPDATE service_secrets SET expires_at = min(expires_at, ?2) WHERE token = ?1')
        .bind(token, oldUntil),
      insertSecret(db, secret, now),
    ]),
  )
  return rotated?.meta.changes === 1
}

/** @returns whether there was a token to revoke. */
export async function revokeServiceToken(
  db: D1Database,
  id: string,
  now: Instant,
): Promise<boolean> {
  const { meta } = await fromStore('D1', 'revoking a service token', () =>
    db
      .prepare('UPDATE service_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL')
      .bind(id, now)
      .run(),
  )
  return meta.changes > 0
}
