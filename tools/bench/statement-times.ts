/**
 * The microseconds of processor that SQLite takes for the statements of a session, in a database of
 * many people, with what our JavaScript does around them.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { toInstant } from '../../src/lib/instant.ts'
import { findStanding, noteAndFindStanding } from '../../src/session/find-standing-store.ts'
import type { Session } from '../../src/session/session.ts'
import { readMigrations } from '../stage/migrate.ts'
import { random } from './random.ts'

const PEOPLE = 200_000
const GROUPS = 1000
const GROUPS_OF_A_PERSON = 5
const ROUNDS = 20_000
const noon = toInstant(Date.UTC(2026, 0, 1, 12))

/** Rows of docs/scale.md. */
export async function statementTimes(): Promise<readonly string[]> {
  const sqlite = new DatabaseSync(':memory:')
  for (const sql of await readMigrations()) sqlite.exec(sql)
  fill(sqlite)
  const db = asD1(sqlite)
  const next = random(2)
  const take = async (run: (session: Session) => Promise<unknown>): Promise<string> => {
    const sessions = Array.from({ length: ROUNDS }, () => sessionOf(Math.floor(next() * PEOPLE)))
    const from = process.cpuUsage()
    for (const session of sessions) {
      if ((await run(session)) === null) throw new Error('found nothing')
    }
    const { user, system } = process.cpuUsage(from)
    return ((user + system) / ROUNDS).toFixed(0)
  }
  const later = (count: number) => toInstant(noon + count * 3_600_000)
  let hours = 1
  const people = PEOPLE.toLocaleString('en')
  const read = await take((session) => findStanding(db, session))
  const noted = await take((session) =>
    noteAndFindStanding(db, session, {
      now: later(hours++),
      isOfDevice: true,
      shortestIdleSeconds: null,
    }),
  )
  return [`| a standing read, of ${people} people | ${read} |`, `| … and noted | ${noted} |`]
}

function fill(sqlite: DatabaseSync): void {
  const steps = JSON.stringify(Array.from({ length: GROUPS_OF_A_PERSON }, (_, k) => k * 131))
  const people = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${PEOPLE - 1})`
  const groups = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${GROUPS - 1})`
  sqlite.exec(`BEGIN;
    INSERT INTO connections (id, display_name, idp_entity_id, sso_url, sso_binding, provisioning, settings,
      created_at, updated_at)
    VALUES ('okta', 'Okta', 'urn:idp', 'https://idp.example.com/sso', 'redirect', 'scim', '{}', ${noon}, ${noon});
    ${people} INSERT INTO users (id, connection, subject, user_name, active, source,
      sessions_valid_from, created_at, updated_at)
    SELECT 'u' || i, 'okta', 'u' || i, 'u' || i, 1, 'scim', ${noon}, ${noon}, ${noon} FROM n;
    ${people} INSERT INTO scim_users (id, connection, name, name_fold, display, display_fold, active,
      doc, search, version, write_id, created_at, updated_at)
    SELECT 'u' || i, 'okta', 'u' || i, 'u' || i, '', '', 1, '{}', '{}', 1, '', ${noon}, ${noon} FROM n;
    ${groups} INSERT INTO scim_groups (id, connection, name, name_fold, doc, search, version,
      write_id, created_at, updated_at)
    SELECT 'g' || i, 'okta', 'group ' || i, 'group ' || i, '{}', '{}', 1, '', ${noon}, ${noon} FROM n;
    ${people} INSERT INTO scim_members (group_id, user_id)
    SELECT 'g' || ((i * 7 + k.value) % ${GROUPS}), 'u' || i
    FROM n CROSS JOIN json_each('${steps}') k;
    ${people} INSERT INTO sign_ins (id, user_id, connection, opened_at, last_seen_at, expires_at)
    SELECT 'i' || i, 'u' || i, 'okta', ${noon}, ${noon}, ${noon} + 1000000000000 FROM n;
    ${people} INSERT INTO sessions (id, user_id, connection, site, opened_at, expires_at,
      last_seen_at, token_hash, sign_in)
    SELECT 's' || i, 'u' || i, 'okta', 'app.example.com', ${noon}, ${noon} + 1000000000000, ${noon},
      'h' || i, 'i' || i FROM n;
    COMMIT`)
}

const sessionOf = (i: number): Session => ({
  id: `s${i}`,
  signIn: `i${i}`,
  site: 'app.example.com',
  connection: 'okta',
  userId: `u${i}`,
  userName: `u${i}`,
  email: null,
  displayName: null,
  groups: [],
  attributes: {},
  nameId: null,
  nameIdFormat: null,
  sessionIndex: null,
  authnInstant: null,
  authnContext: null,
  signedInAt: noon,
  openedAt: noon,
  expiresAt: toInstant(noon + 10 ** 12),
  idleSeconds: null,
})

/** What `first` of D1 does, on SQLite in this process. */
function asD1(sqlite: DatabaseSync): D1Database {
  const known = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string) => {
    const statement = known.get(sql) ?? sqlite.prepare(sql)
    known.set(sql, statement)
    return {
      bind: (...values: SQLInputValue[]) => ({
        first: () => Promise.resolve(statement.get(...values) ?? null),
      }),
    }
  }
  return { prepare } as unknown as D1Database
}
