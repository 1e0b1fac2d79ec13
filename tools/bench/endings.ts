/**
 * `npm run bench:endings [people]`: how long D1 takes to end the sign-ins of a connection, of a site
 * and of everybody, and how many rows that reads and writes. Each person has one sign-in, with a
 * session at three sites. D1 is Miniflare's.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { toInstant } from '../../src/lib/instant.ts'
import { countSignInsOf, endSignInsOf, type SignInsOf } from '../../src/session/ending-store.ts'
import { migrate } from '../stage/migrate.ts'

const people = Number(process.argv[2] ?? 100_000)
const ROUNDS = 3
const opened = Date.UTC(2026, 10, 27)
const now = toInstant(opened + 60_000)

const endings: readonly SignInsOf[] = [
  { kind: 'connection', connection: 'okta' },
  { kind: 'site', site: 'wiki.example.com' },
  { kind: 'everybody' },
]
const sites = ['login.example.com', 'wiki.example.com', 'shop.example.com']

interface Cost {
  readonly statements: number
  readonly rowsRead: number
  readonly rowsWritten: number
}

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    script: 'export default {}',
    d1Databases: ['DB'],
    cf: false,
  }),
)
try {
  const { DB: db } = await miniflare.getBindings<{ DB: D1Database }>()
  await migrate(db)
  await fill(db)
  const rows = []
  for (const of of endings) {
    const counts: number[] = []
    const ends: number[] = []
    const costs: Cost[] = []
    for (let round = 0; round < ROUNDS; round++) {
      counts.push(await secondsOf(() => countSignInsOf(db, of, now)))
      const watched = watch(db, (cost) => costs.push(cost))
      ends.push(await secondsOf(() => endSignInsOf(watched, { of, why: 'revoked', now })))
      await db.batch([
        db.prepare('UPDATE sign_ins SET ended_at = NULL, ended_why = NULL'),
        db.prepare('UPDATE users SET sessions_valid_from = 0'),
      ])
    }
    rows.push({ of: of.kind, counting: longest(counts), ending: longest(ends), ...costs[0] })
  }
  console.log(`${people} people with a sign-in at three sites, the longest of ${ROUNDS} rounds`)
  console.table(rows)
} finally {
  await miniflare.dispose()
}

/** In parts: Miniflare gives up on a statement that takes long. */
async function fill(db: D1Database): Promise<void> {
  await db
    .prepare(
      `INSERT INTO connections (id, display_name, idp_entity_id, sso_url, sso_binding, provisioning,
         settings, created_at, updated_at)
       VALUES ('okta', 'Okta', 'https://idp', 'https://idp/sso', 'redirect', 'jit', '{}', 0, 0)`,
    )
    .run()
  for (let from = 0; from < people; from += 10_000) {
    const to = Math.min(people, from + 10_000)
    const numbers = `WITH RECURSIVE i (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM i WHERE n < ?2)`
    const insert = (sql: string, ...more: readonly (string | number)[]) =>
      db.prepare(`${numbers} ${sql}`).bind(from + 1, to, ...more)
    await db.batch([
      insert(
        `INSERT INTO users (id, connection, subject, user_name, source, sessions_valid_from,
           created_at, updated_at, last_login_at)
         SELECT 'user-' || n, 'okta', n, 'person-' || n, 'jit', 0, 0, 0, ?3 FROM i ORDER BY n % 97`,
        opened,
      ),
      insert(
        `INSERT INTO sign_ins (id, user_id, connection, name_id, session_index, opened_at,
           expires_at, last_seen_at)
         SELECT 'sign-in-' || n, 'user-' || n, 'okta', n, 'index-' || n, ?3, ?3 + 36000000, ?3
         FROM i ORDER BY n % 89`,
        opened,
      ),
      ...sites.map((site) =>
        insert(
          `INSERT INTO sessions (id, user_id, connection, site, opened_at, expires_at, last_seen_at,
             token_hash, asserted_groups, sign_in)
           SELECT hex(randomblob(16)), 'user-' || n, 'okta', ?4, ?3, ?3 + 36000000, ?3,
             hex(randomblob(32)), '[]', 'sign-in-' || n FROM i`,
          opened,
          site,
        ),
      ),
    ])
  }
}

/** @param tell what the statements of a batch cost. */
function watch(db: D1Database, tell: (cost: Cost) => void): D1Database {
  const batch: D1Database['batch'] = async <T>(statements: D1PreparedStatement[]) => {
    const results = await db.batch<T>(statements)
    const sum = (of: 'rows_read' | 'rows_written') =>
      results.reduce((all, { meta }) => all + meta[of], 0)
    const rows = { rowsRead: sum('rows_read'), rowsWritten: sum('rows_written') }
    tell({ statements: statements.length, ...rows })
    return results
  }
  return new Proxy(db, {
    get: (target, name): unknown =>
      name === 'batch' ? batch : (sql: string) => target.prepare(sql),
  })
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return (performance.now() - from) / 1000
}

function longest(seconds: readonly number[]): string {
  return `${Math.max(...seconds).toFixed(1)} s`
}
