/** One run of cron on Cloudflare's free plan: 50 requests to the outside, and 50 calls of D1. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { admin } from '../../src/admin-entry.ts'
import { createGatehouse } from '../../src/app.ts'
import { createAllowance, FIXED_QUERIES } from '../../src/lib/allowance.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { countedD1 } from '../support/binding.ts'
import { createConsole, withConsole } from '../console/stage.ts'
import { start } from '../login/stage.ts'
import { denialOf } from '../audit/stage.ts'
import { emptyWebhooks, happens, sealByWorker, seedWebhook } from '../webhook/stage.ts'
import { pem } from '../connection/stage.ts'
import { seed } from './stage.ts'

const now = toInstant(start.getTime())

beforeEach(async () => {
  await emptyWebhooks()
  await createConsole()
})
afterEach(() => vi.unstubAllGlobals())

/** The second run: the first one makes the keys that there are not yet. */
async function runCron(): Promise<{ readonly fetched: readonly string[]; readonly calls: number }> {
  const worker = createGatehouse({ ...withConsole(), oauth: {} }, { admin })
  const ORIGIN = { fetch: () => Promise.resolve(new Response()) }
  const fetched: string[] = []
  vi.stubGlobal('fetch', async (url: URL | string) => {
    fetched.push(String(url))
    return new Response('', { status: 500 })
  })
  const { binding: DB, calls } = countedD1(env.DB)
  await worker.scheduled({}, { ...env, DB, ORIGIN })
  return { fetched, calls: calls() }
}

async function seedWork(webhooks: number, messages: number, documents: number): Promise<void> {
  const secret = await sealByWorker(crypto.getRandomValues(new Uint8Array(32)))
  for (let i = 0; i < webhooks; i++) await seedWebhook(`hook-${i}`, { secret })
  for (let i = 0; i < messages; i++) await happens(denialOf(`user-${i}`), now)
  for (let i = 0; i < documents; i++) {
    const metadataUrl = `https://idp-${i}.example.com/metadata`
    await seed([pem.p256], { id: `idp-${i}`, metadataUrl, domains: [] })
  }
}

it('makes as many calls of D1 as the allowance says where there is nothing to do', async () => {
  await runCron()
  const { fetched, calls } = await runCron()
  expect(fetched).toEqual([])
  expect(calls).toBe(FIXED_QUERIES)
})

it('stays within both bounds, however much waits, and leaves nobody out', async () => {
  await runCron()
  await seedWork(12, 10, 20)
  const { fetched, calls } = await runCron()
  expect(fetched.length).toBeLessThanOrEqual(50)
  expect(calls).toBeLessThanOrEqual(50)
  const documents = fetched.filter((url) => url.endsWith('/metadata'))
  expect(documents).toHaveLength(5)
  // Messages have at least a round of ten.
  expect(fetched.length - documents.length).toBeGreaterThanOrEqual(10)
})

it('reads signals, every stream in its turn, although documents are due in each run', async () => {
  await runCron()
  await seedWork(0, 0, 20)
  for (let i = 0; i < 6; i++) {
    await env.DB.prepare(
      `INSERT INTO signal_streams (id, connection, issuer, delivery, audience, jwks_url, created_at)
       VALUES (?1, 'okta', ?2, 'push', '["a"]', ?2, 0)`,
    )
      .bind(`s${i}`, `https://tr-${i}.example.com/jwks`)
      .run()
  }
  const asked = new Set<string>()
  try {
    for (let hour = 1; hour <= 12; hour++) {
      vi.setSystemTime(start.getTime() + hour * 3_600_000)
      const { fetched, calls } = await runCron()
      expect(calls).toBeLessThanOrEqual(50)
      expect(fetched.some((url) => url.endsWith('/metadata'))).toBe(true)
      for (const url of fetched.filter((each) => each.endsWith('/jwks'))) asked.add(url)
    }
  } finally {
    vi.setSystemTime(start)
    await env.DB.exec('DELETE FROM signal_streams')
  }
  expect(asked.size).toBe(6)
})

it('sends up to fifty messages where no document is due', async () => {
  await runCron()
  await seedWork(12, 10, 0)
  const { fetched, calls } = await runCron()
  expect(fetched.length).toBeGreaterThan(20)
  expect(fetched.length).toBeLessThanOrEqual(50)
  expect(calls).toBeLessThanOrEqual(50)
})

it('an allowance gives what fits, and no more', () => {
  const allowance = createAllowance()
  expect(allowance.fits({ fetches: 4, queries: 4 })).toBe(5)
  allowance.spend({ fetches: 4, queries: 4 }, 5)
  expect(allowance.fits({ fetches: 4, queries: 4 })).toBe(0)
  expect(allowance.fits({ fetches: 1, queries: 1 })).toBe(0)
})
