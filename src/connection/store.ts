/** Connections, in D1. */
import * as v from 'valibot'
import type { Person } from '../directory/user.ts'
import type { Instant } from '../lib/instant.ts'
import { instant, parseRow, parseRows } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { Connection } from './connection.ts'
import { emailDomain } from './discovery.ts'
import { connectionRow } from './stored.ts'

const select = `SELECT id, display_name AS displayName, enabled, idp_entity_id AS idpEntityId,
  sso_url AS ssoUrl, sso_binding AS ssoBinding, slo, metadata_url AS metadataUrl, settings,
  provisioning || CASE WHEN provisioning = 'jit' AND with_directory THEN '+scim' ELSE '' END
    AS provisioning,
  (SELECT json_group_array(json_object('fingerprint', fingerprint, 'certificate', certificate,
     'notBefore', not_before, 'notAfter', not_after) ORDER BY added_at, fingerprint)
   FROM connection_certificates WHERE connection = connections.id) AS certificates,
  (SELECT json_group_array(domain ORDER BY domain)
   FROM connection_domains WHERE connection = connections.id) AS domains
  FROM connections`

const withVersion = v.object({ ...connectionRow.entries, version: instant })

export async function findConnection(db: D1Database, id: string): Promise<Connection | null> {
  const row = await fromStore('D1', 'finding a connection', () =>
    db.prepare(`${select} WHERE id = ?1`).bind(id).first(),
  )
  return parseRow(connectionRow, row)
}

/** The connection, and the edition of it for `replaceConnection`, of one moment. */
export async function findEdition(
  db: D1Database,
  id: string,
): Promise<{ readonly connection: Connection; readonly version: Instant } | null> {
  const row = await fromStore('D1', 'finding a connection', () =>
    db
      .prepare(`${select.replace('SELECT id', 'SELECT updated_at AS version, id')} WHERE id = ?1`)
      .bind(id)
      .first(),
  )
  const found = parseRow(withVersion, row)
  if (!found) return null
  const { version, ...connection } = found
  return { connection, version }
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

/** The domains in the email address and the user name of a person. */
export const domainsOf = ({
  email,
  userName,
}: Pick<Person, 'email' | 'userName'>): readonly string[] =>
  [email ?? '', userName].flatMap((address) => emailDomain(address) ?? [])

/**
 * SQL: a domain that belongs to another connection than ?1.
 *
 * @param domains the parameter with domains, as JSON.
 */
export const foreignDomainSql = (domains: string): string =>
  `SELECT domain FROM connection_domains
   WHERE domain IN (SELECT value FROM json_each(${domains})) AND connection <> ?1`

/**
 * A domain in the person's email address or user name that belongs to another connection; null:
 * there is none.
 */
export async function findForeignDomain(
  db: D1Database,
  person: Pick<Person, 'connection' | 'email' | 'userName'>,
): Promise<string | null> {
  const domains = domainsOf(person)
  if (domains.length === 0) return null
  return fromStore('D1', 'finding the owner of a domain', () =>
    db
      .prepare(foreignDomainSql('?2'))
      .bind(person.connection, JSON.stringify(domains))
      .first<string>('domain'),
  )
}

/**
 * Which edition of the connection is stored; null: there is none. Each write of a connection makes
 * it larger. Read it before the connection: then a write in between is noticed.
 */
export const findVersion = (db: D1Database, id: string): Promise<Instant | null> =>
  fromStore('D1', 'finding the version of a connection', () =>
    db
      .prepare('SELECT updated_at AS version FROM connections WHERE id = ?1')
      .bind(id)
      .first<Instant>('version'),
  )

/**
 * Stores a new connection with its certificates and domains, in one transaction.
 *
 * @throws StoreUnavailable also if the id is taken, or a domain belongs to another connection.
 */
export async function insertConnection(
  db: D1Database,
  connection: Connection,
  now: Instant,
): Promise<void> {
  await fromStore('D1', 'saving a connection', () =>
    db.batch([
      db
        .prepare(
          `INSERT INTO connections (id, ${columns.join(', ')}, created_at, updated_at)
           VALUES (?1, ${columns.map((_, i) => `?${i + 2}`).join(', ')}, ?12, ?12)`,
        )
        .bind(connection.id, ...valuesOf(connection), now),
      ...insertParts(db, connection, { version: now, now }),
    ]),
  )
}

/**
 * Replaces the connection with its certificates and domains, in one transaction. The row comes
 * last: until then each statement finds the version that was read, or does nothing.
 *
 * @returns false: another write came first, and nothing was replaced.
 * @throws StoreUnavailable also if a domain belongs to another connection.
 */
export async function replaceConnection(
  db: D1Database,
  connection: Connection,
  edition: Edition,
): Promise<boolean> {
  const { id, certificates } = connection
  const { version, now } = edition
  const kept = JSON.stringify(certificates.map(({ fingerprint }) => fingerprint))
  const results = await fromStore('D1', 'saving a connection', () =>
    db.batch([
      db
        .prepare(
          `DELETE FROM connection_certificates WHERE connection = (${isVersion})
           AND fingerprint NOT IN (SELECT value FROM json_each(?3))`,
        )
        .bind(id, version, kept),
      db
        .prepare(`DELETE FROM connection_domains WHERE connection = (${isVersion})`)
        .bind(id, version),
      ...insertParts(db, connection, edition),
      db
        .prepare(
          `UPDATE connections SET ${columns.map((name, i) => `${name} = ?${i + 2}`).join(', ')},
             updated_at = max(?12, updated_at + 1)
           WHERE id = ?1 AND updated_at = ?13`,
        )
        .bind(id, ...valuesOf(connection), now, version),
    ]),
  )
  return results.at(-1)?.meta.changes === 1
}

export interface Edition {
  /** As `findVersion` gave it. */
  readonly version: Instant
  readonly now: Instant
}

/** The id of the connection ?1 while its version is ?2. */
const isVersion = 'SELECT id FROM connections WHERE id = ?1 AND updated_at = ?2'

const columns = [
  'display_name',
  'enabled',
  'idp_entity_id',
  'sso_url',
  'sso_binding',
  'metadata_url',
  'provisioning',
  'settings',
  'with_directory',
  'slo',
] as const

/** In the order of `columns`. */
const valuesOf = (connection: Connection) => [
  connection.displayName,
  connection.enabled ? 1 : 0,
  connection.idpEntityId,
  connection.ssoUrl,
  connection.ssoBinding,
  connection.metadataUrl,
  connection.provisioning === 'scim' ? 'scim' : 'jit',
  JSON.stringify(connection.settings),
  connection.provisioning === 'jit+scim' ? 1 : 0,
  connection.slo && JSON.stringify(connection.slo),
]

/** Certificates and domains that are not stored yet. */
const insertParts = (
  db: D1Database,
  { id, certificates, domains }: Connection,
  { version, now }: Edition,
): readonly D1PreparedStatement[] => [
  ...certificates.map(({ fingerprint, certificate, notBefore, notAfter }) =>
    db
      .prepare(
        `INSERT INTO connection_certificates
           (connection, fingerprint, certificate, not_before, not_after, added_at)
         SELECT id, ?3, ?4, ?5, ?6, ?7 FROM (${isVersion}) WHERE true ON CONFLICT DO NOTHING`,
      )
      .bind(id, version, fingerprint, certificate, notBefore, notAfter, now),
  ),
  ...domains.map((domain) =>
    db
      .prepare(
        `INSERT INTO connection_domains (domain, connection) SELECT ?3, id FROM (${isVersion})`,
      )
      .bind(id, version, domain),
  ),
]

/** A statement for a batch: sign-ins of a `jit` connection ask the directory too (`jit+scim`). */
export const useDirectory = (db: D1Database, id: string, now: Instant): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE connections SET with_directory = 1, updated_at = max(?2, updated_at + 1)
       WHERE id = ?1 AND provisioning = 'jit' AND NOT with_directory`,
    )
    .bind(id, now)

/**
 * Removes the connection with its users, their sessions, and what is kept of their attempts to sign
 * in.
 *
 * @returns whether there was such a connection.
 */
export async function removeConnection(db: D1Database, id: string): Promise<boolean> {
  const [removed] = await fromStore('D1', 'removing a connection', () =>
    db.batch([
      db.prepare('DELETE FROM connections WHERE id = ?1').bind(id),
      db.prepare('DELETE FROM attempts WHERE connection = ?1').bind(id),
    ]),
  )
  return (removed?.meta.changes ?? 0) > 0
}
