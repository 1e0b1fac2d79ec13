import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { MOST_IN_ALL, MOST_IN_POOL, perMinute, type PoolKind } from '../../src/attempt/pool.ts'
import { removeOldAttempts, saveAttempt } from '../../src/attempt/store.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'

const now = toInstant(Date.UTC(2026, 10, 24, 12))

beforeEach(() => env.DB.exec('DELETE FROM attempts'))

interface Given {
  readonly pool: PoolKind
  readonly connection?: string | null
  readonly at?: Instant
  readonly assertion?: string | null
}

const save = ({ pool, connection = 'okta', at = now, assertion = null }: Given) =>
  saveAttempt(env.DB, {
    pool,
    assertion,
    attempt: {
      id: crypto.randomUUID(),
      at,
      kind: 'sign-in',
      host: 'app.example.com',
      connection,
      reason: null,
      user: null,
      person: null,
      facts: {},
      findings: [],
      document: null,
    },
  })

/** So many rows, as if they had been saved one a minute. */
const fill = (pool: string, rows: number, laterSeconds = 0) =>
  env.DB.prepare(
    `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, facts, findings)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     SELECT ?1, i, ?1 || i, ?3 + i * 60000, 'sign-in', 'h', 'okta', '{}', '[]' FROM n`,
  )
    .bind(pool, rows, plusSeconds(now, laterSeconds - 86_400))
    .run()

const sizes = async () => {
  const { results } = await env.DB.prepare(
    'SELECT pool, count(*) AS n, min(nth) AS low, max(nth) AS high FROM attempts GROUP BY pool',
  ).all<{ pool: string; n: number; low: number; high: number }>()
  return new Map(results.map(({ pool, n, low, high }) => [pool, [n, low, high]]))
}

it('has no more attempts than its pool takes, and touches no other pool', async () => {
  await fill('anybody', MOST_IN_POOL)
  await fill('done okta', MOST_IN_POOL)
  await fill('done other', 3)
  await save({ pool: 'anybody' })
  await save({ pool: 'anybody' })
  expect(await sizes()).toEqual(
    new Map([
      ['anybody', [MOST_IN_POOL, 3, MOST_IN_POOL + 2]],
      ['done okta', [MOST_IN_POOL, 1, MOST_IN_POOL]],
      ['done other', [3, 1, 3]],
    ]),
  )
})

it('takes so many within a minute, by whichever isolates, and more in the next', async () => {
  const most = perMinute.anybody
  await Promise.all(Array.from({ length: most + 5 }, () => save({ pool: 'anybody' })))
  expect((await sizes()).get('anybody')).toEqual([most, 1, most])
  await save({ pool: 'anybody', at: plusSeconds(now, 59) })
  expect((await sizes()).get('anybody')?.[0]).toBe(most)
  await save({ pool: 'anybody', at: plusSeconds(now, 60) })
  expect((await sizes()).get('anybody')?.[0]).toBe(most + 1)
})

it('gives an assertion that came before to anybody, of the same connection only', async () => {
  await save({ pool: 'denied', assertion: '_a' })
  await save({ pool: 'denied', assertion: '_a' })
  await save({ pool: 'denied', assertion: '_a', connection: 'other' })
  expect([...(await sizes()).keys()].toSorted()).toEqual(['anybody', 'denied okta', 'denied other'])
})

it('has 5,000 of all pools but that of anybody after cron', async () => {
  await fill('anybody', 100)
  const pools = Array.from({ length: MOST_IN_ALL / MOST_IN_POOL }, (_, i) => `done c${i}`)
  for (const pool of pools) await fill(pool, MOST_IN_POOL)
  // Two that are older than all others.
  await fill('denied okta', 2, -120)
  await removeOldAttempts(env.DB, now)
  const after = await sizes()
  expect([...after.keys()].toSorted()).toEqual(['anybody', ...pools].toSorted())
  const kept = pools.map((pool) => after.get(pool)?.[0] ?? 0)
  expect(kept.reduce((sum, count) => sum + count, 0)).toBe(MOST_IN_ALL)
  expect(after.get('anybody')?.[0]).toBe(100)
})
