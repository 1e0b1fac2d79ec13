/** Access tokens in D1, as the gate reads them. */
import * as v from 'valibot'
import { directorysGroupsSql } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { Found, TokenSource } from '../program/reader.ts'
import type { SessionEnd } from '../session/session.ts'
import { sessionSchema } from '../session/store.ts'
import { siteAt } from '../site/match.ts'
import type { ConfiguredSite } from '../site/site.ts'

const accessRow = v.object({
  grant: v.string(),
  client: v.string(),
  site: v.string(),
  session: jsonOf(sessionSchema),
  userName: v.string(),
  email: v.nullable(v.string()),
  displayName: v.nullable(v.string()),
  since: instant,
  validFrom: instant,
  isActive: flag,
  isEnabled: flag,
  groups: v.nullable(jsonOf(v.array(v.object({ id: v.string(), displayName: v.string() })))),
  grantedAt: instant,
  lastUsedAt: instant,
  expiresAt: instant,
})

/** @param sites a site that takes tokens no more refuses all of them. */
export const accessTokens = (db: D1Database, sites: readonly ConfiguredSite[]): TokenSource => ({
  async find(hash, now) {
    const row = await fromStore('D1', 'finding an access token', () =>
      db
        .prepare(
          `SELECT g.id AS "grant", g.client, g.site, g.session, u.user_name AS userName, u.email,
                  u.display_name AS displayName, g.since, u.sessions_valid_from AS validFrom,
                  u.active AND (c.provisioning <> 'scim' OR u.source = 'scim') AS isActive,
                  c.enabled AS isEnabled, ${directorysGroupsSql} AS groups,
                  g.granted_at AS grantedAt, g.last_used_at AS lastUsedAt,
                  min(a.expires_at, g.expires_at) AS expiresAt
           FROM oauth_access a
           JOIN oauth_grants g ON g.id = a.grant_id
           JOIN users u ON u.id = g.user_id
           JOIN connections c ON c.id = u.connection
           WHERE a.hash = ?1`,
        )
        .bind(hash)
        .first(),
    )
    const token = parseRow(accessRow, row)
    return token && toFound(token, siteAt(sites, token.site)?.oauth ?? false, now)
  },

  /** The grant has the time of the last refresh, which is to accessSeconds. */
  touch: () => Promise.resolve(),
})

type AccessRow = v.InferOutput<typeof accessRow>

/**
 * The person as they are now, with the groups of their directory. Groups and attributes of an
 * assertion are those of the sign-in at which access was granted.
 */
function toFound(token: AccessRow, isOpen: boolean, now: Instant): Found {
  const { grant, client, site, session, groups, grantedAt, expiresAt } = token
  const { userName, email, displayName } = token
  const own = { userName, email, displayName, site, id: grant, signIn: null }
  return {
    end: isOpen ? endOf(token, now) : 'other-site',
    live: {
      session: { ...session, ...own, openedAt: grantedAt, expiresAt, idleSeconds: null },
      via: { kind: 'oauth', client, grant, scope: { sites: [site], paths: null, methods: null } },
      groups: groups?.map((group) => group.displayName) ?? session.groups,
      groupIds: groups?.map((group) => group.id) ?? null,
      lastSeenAt: token.lastUsedAt,
      readAt: now,
      boundAt: null,
    },
  }
}

function endOf(token: AccessRow, now: Instant): SessionEnd | null {
  if (token.expiresAt <= now) return 'expired'
  if (!token.isActive) return 'user-disabled'
  if (!token.isEnabled) return 'connection-disabled'
  return token.since < token.validFrom ? 'revoked' : null
}
