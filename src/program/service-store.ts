/** Service tokens in D1, as the gate reads them. */
import * as v from 'valibot'
import { directorysGroupsSql } from '../directory/whose-groups.ts'
import { plusSeconds, toInstant, type Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore, fromStoreSlowly } from '../lib/store-error.ts'
import type { SessionEnd } from '../session/session.ts'
import type { Found, TokenSource } from './reader.ts'

const texts = jsonOf(v.array(v.string()))
const tokenRow = v.object({
  id: v.string(),
  name: v.string(),
  userId: v.nullable(v.string()),
  userName: v.nullable(v.string()),
  email: v.nullable(v.string()),
  displayName: v.nullable(v.string()),
  isActive: flag,
  connection: v.string(),
  isEnabled: flag,
  groups: v.nullable(jsonOf(v.array(v.object({ id: v.string(), displayName: v.string() })))),
  sites: texts,
  paths: v.nullable(texts),
  methods: v.nullable(texts),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: v.nullable(instant),
  revokedAt: v.nullable(instant),
})

export const serviceTokens = (db: D1Database): TokenSource => ({
  async find(hash, now) {
    const row = await fromStore('D1', 'finding a service token', () =>
      db
        .prepare(
          // The owner is judged as a session of the owner would be.
          `SELECT t.id, t.name, u.id AS userId, u.user_name AS userName, u.email,
                  u.display_name AS displayName, c.id AS connection, c.enabled AS isEnabled,
                  g.id IS NOT NULL OR
                    (u.active AND (c.provisioning <> 'scim' OR u.source = 'scim')) AS isActive,
                  CASE WHEN g.id IS NOT NULL
                    THEN json_array(json_object('id', g.id, 'displayName', g.name))
                    ELSE ${directorysGroupsSql} END AS groups,
                  t.sites, t.paths, t.methods, s.created_at AS createdAt,
                  s.expires_at AS expiresAt, t.last_used_at AS lastUsedAt,
                  t.revoked_at AS revokedAt
           FROM service_secrets s
           JOIN service_tokens t ON t.id = s.token
           LEFT JOIN users u ON u.id = t.user_id
           LEFT JOIN scim_groups g ON g.id = t.group_id
           JOIN connections c ON c.id = coalesce(u.connection, g.connection)
           WHERE s.hash = ?1`,
        )
        .bind(hash)
        .first(),
    )
    const token = parseRow(tokenRow, row)
    return token && toFound(token, now)
  },

  /** max: two isolates may write in either order. */
  async touch({ session }, now) {
    await fromStore('D1', 'noting a use of a service token', () =>
      db
        .prepare(
          `UPDATE service_tokens SET last_used_at = max(coalesce(last_used_at, 0), ?2)
           WHERE id = ?1`,
        )
        .bind(session.id, now)
        .run(),
    )
  },
})

const SHOWN_AFTER_END_SECONDS = 90 * 86_400

/** For cron. A token that has ended is listed for 90 days more. */
export async function removeOldServiceTokens(db: D1Database, now: Instant): Promise<void> {
  await fromStoreSlowly('D1', 'removing old service tokens', () =>
    db
      .prepare(
        `DELETE FROM service_tokens WHERE revoked_at <= ?1
           OR NOT EXISTS (SELECT 1 FROM service_secrets s
                          WHERE s.token = service_tokens.id AND s.expires_at > ?1)`,
      )
      .bind(plusSeconds(now, -SHOWN_AFTER_END_SECONDS))
      .run(),
  )
}

type TokenRow = v.InferOutput<typeof tokenRow>

function toFound(token: TokenRow, now: Instant): Found {
  const { id, name, createdAt, expiresAt, groups, sites, paths, methods } = token
  const names = groups?.map(({ displayName }) => displayName) ?? []
  return {
    end: endOf(token, now),
    live: {
      session: {
        id,
        signIn: null,
        site: '',
        connection: token.connection,
        // Of a group nobody is a person: neither the id nor the name may be that of a user.
        userId: token.userId ?? id,
        userName: token.userName ?? `service:${name}`,
        email: token.email,
        displayName: token.displayName,
        groups: names,
        attributes: {},
        nameId: null,
        nameIdFormat: null,
        sessionIndex: null,
        authnInstant: null,
        authnContext: null,
        signedInAt: createdAt,
        openedAt: createdAt,
        expiresAt,
        idleSeconds: null,
      },
      via: { kind: 'service', id, name, scope: { sites, paths, methods } },
      groups: names,
      groupIds: groups?.map((group) => group.id) ?? null,
      lastSeenAt: token.lastUsedAt ?? toInstant(0),
      readAt: now,
      boundAt: null,
    },
  }
}

function endOf({ revokedAt, expiresAt, ...owner }: TokenRow, now: Instant): SessionEnd | null {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt <= now) return 'expired'
  if (!owner.isActive) return 'user-disabled'
  return owner.isEnabled ? null : 'connection-disabled'
}
