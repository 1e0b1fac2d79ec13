/** Connections, in D1. */
import * as v from 'valibot'
import type { Person } from '../directory/user.ts'
import { groupsFrom } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import { requestSignatures } from '../saml/outgoing/sign.ts'
import { defaultDirectory, type Connection } from './connection.ts'
import { emailDomain } from './discovery.ts'

const text = v.nullable(v.string())

const settings = v.object({
  nameIdFormat: text,
  forceAuthn: v.boolean(),
  // Connections that were stored before this setting existed do not have it.
  loginHint: v.optional(text, null),
  authnContext: v.nullable(
    v.object({
      comparison: v.picklist(['exact', 'minimum', 'maximum', 'better']),
      classRefs: v.array(v.string()),
    }),
  ),
  subject: v.variant('from', [
    v.object({ from: v.literal('name-id') }),
    v.object({ from: v.literal('attribute'), name: v.string() }),
  ]),
  attributes: v.object({ email: text, userName: text, displayName: text, groups: text }),
  // Connections that were stored before there was a directory have no such settings.
  directory: v.optional(
    v.object({
      join: v.picklist(['user-name', 'external-id', 'email']),
      groupsFrom: v.picklist(groupsFrom),
      removalGuardPercent: v.nullable(v.number()),
    }),
    defaultDirectory,
  ),
  clockSkewSeconds: v.number(),
  // Connections that were stored before this setting existed do not have it.
  spNameQualifier: v.optional(text, null),
  signRequests: v.optional(v.nullable(v.picklist(requestSignatures)), null),
  requireEncryption: v.optional(v.boolean(), false),
  allowSha1Until: v.nullable(instant),
  allowWeakRsaUntil: v.nullable(instant),
})
const connectionRow = v.object({
  id: v.string(),
  displayName: v.string(),
  enabled: flag,
  idpEntityId: v.string(),
  ssoUrl: v.string(),
  ssoBinding: v.picklist(['redirect', 'post']),
  metadataUrl: text,
  provisioning: v.picklist(['jit', 'scim', 'jit+scim']),
  settings: jsonOf(settings),
  certificates: jsonOf(
    v.array(
      v.object({
        fingerprint: v.string(),
        certificate: v.string(),
        notBefore: instant,
        notAfter: instant,
      }),
    ),
  ),
  domains: jsonOf(v.array(v.string())),
})

const select = `SELECT id, display_name AS displayName, enabled, idp_entity_id AS idpEntityId,
  sso_url AS ssoUrl, sso_binding AS ssoBinding, metadata_url AS metadataUrl, settings,
  provisioning || CASE WHEN provisioning = 'jit' AND with_directory THEN '+scim' ELSE '' END
    AS provisioning,
  (SELECT json_group_array(json_object('fingerprint', fingerprint, 'certificate', certificate,
     'notBefore', not_before, 'notAfter', not_after) ORDER BY added_at, fingerprint)
   FROM connection_certificates WHERE connection = connections.id) AS certificates,
  (SELECT json_group_array(domain ORDER BY domain)
   FROM connection_domains WHERE connection = connections.id) AS domains
  FROM connections`

export async function findConnection(db: D1Database, id: string): Promise<Connection | null> {
  const row = await fromStore('D1', 'finding a connection', () =>
    db.prepare(`${select} WHERE id = ?1`).bind(id).first(),
  )
  return parseRow(connectionRow, row)
}

export async function listConnections(db: D1Database): Promise<readonly Connection[]> {
  const { results } = await fromStore('D1', 'listing connections', () =>
    db.prepare(`${select} ORDER BY display_name, id`).all(),
  )
  return parseRows(connectionRow, results)
}

/** The connection that may vouch for addresses of this domain. */
export async function findConnectionByDomain(
  db: D1Database,
  domain: string,
): Promise<Connection | null> {
  const row = await fromStore('D1', 'finding the connection of a domain', () =>
    db
      .prepare(`${select} WHERE id = (SELECT connection FROM connection_domains WHERE domain = ?1)`)
      .bind(domain)
      .first(),
  )
  return parseRow(connectionRow, row)
}

/**
 * A domain in the person's email address or user name that belongs to another connection; null:
 * there is none.
 */
export async function findForeignDomain(
  db: D1Database,
  { connection, email, userName }: Pick<Person, 'connection' | 'email' | 'userName'>,
): Promise<string | null> {
  const domains = [email ?? '', userName].flatMap((address) => emailDomain(address) ?? [])
  if (domains.length === 0) return null
  return fromStore('D1', 'finding the owner of a domain', () =>
    db
      .prepare(
        `SELECT domain FROM connection_domains
         WHERE domain IN (SELECT value FROM json_each(?1)) AND connection <> ?2`,
      )
      .bind(JSON.stringify(domains), connection)
      .first<string>('domain'),
  )
}

/**
 * Inserts or replaces the connection with its certificates and domains, in one transaction.
 *
 * @throws StoreUnavailable also if a domain belongs to another connection: check that first.
 */
export async function saveConnection(
  db: D1Database,
  connection: Connection,
  now: Instant,
): Promise<void> {
  const { id } = connection
  await fromStore('D1', 'saving a connection', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO connections (id, display_name, enabled, idp_entity_id, sso_url, sso_binding,
             metadata_url, provisioning, settings, created_at, updated_at, with_directory)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)
           ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
             enabled = excluded.enabled, idp_entity_id = excluded.idp_entity_id,
             sso_url = excluded.sso_url, sso_binding = excluded.sso_binding,
             metadata_url = excluded.metadata_url, provisioning = excluded.provisioning,
             settings = excluded.settings, with_directory = excluded.with_directory,
             updated_at = excluded.updated_at`,
        )
        .bind(
          id,
          connection.displayName,
          connection.enabled ? 1 : 0,
          connection.idpEntityId,
          connection.ssoUrl,
          connection.ssoBinding,
          connection.metadataUrl,
          connection.provisioning === 'scim' ? 'scim' : 'jit',
          JSON.stringify(connection.settings),
          now,
          connection.provisioning === 'jit+scim' ? 1 : 0,
        ),
      db
        .prepare(
          `DELETE FROM connection_certificates WHERE connection = ?1
           AND fingerprint NOT IN (SELECT value FROM json_each(?2))`,
        )
        .bind(id, JSON.stringify(connection.certificates.map(({ fingerprint }) => fingerprint))),
      ...connection.certificates.map(({ fingerprint, certificate, notBefore, notAfter }) =>
        db
          .prepare(
            `INSERT INTO connection_certificates
               (connection, fingerprint, certificate, not_before, not_after, added_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING`,
          )
          .bind(id, fingerprint, certificate, notBefore, notAfter, now),
      ),
      db.prepare('DELETE FROM connection_domains WHERE connection = ?1').bind(id),
      ...connection.domains.map((domain) =>
        db
          .prepare('INSERT INTO connection_domains (domain, connection) VALUES (?1, ?2)')
          .bind(domain, id),
      ),
    ]),
  )
}

/** A statement for a batch: sign-ins of a `jit` connection ask the directory too (`jit+scim`). */
export const useDirectory = (db: D1Database, id: string, now: Instant): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE connections SET with_directory = 1, updated_at = ?2
       WHERE id = ?1 AND provisioning = 'jit' AND NOT with_directory`,
    )
    .bind(id, now)

/**
 * Removes the connection with its users and their sessions.
 *
 * @returns whether there was such a connection.
 */
export async function removeConnection(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await fromStore('D1', 'removing a connection', () =>
    db.prepare('DELETE FROM connections WHERE id = ?1').bind(id).run(),
  )
  return meta.changes > 0
}
