import { Hono } from 'hono/tiny'
import { secondsBetween, type Instant } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { HEALTH_PATH, READY_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import { askStores, type Stores, type StoresHealth } from './store.ts'

/** Anybody may ask, so an isolate asks its stores once in this time at most. */
const CACHE_SECONDS = 5

/**
 * For monitors: whether the Worker runs, and whether it reaches its stores. The answers are health
 * documents (draft-inadarei-api-health-check).
 */
export function createHealthApp(stores: Stores): Hono<{ Variables: { visit: Visit } }> {
  const app = new Hono<{ Variables: { visit: Visit } }>()
  const readHealth = createHealthReader(stores)
  app.get(HEALTH_PATH, () => healthDocument(true))
  return app.get(READY_PATH, async (c) => {
    const { kv, d1 } = await readHealth(c.var.visit.now)
    const checks = { 'kv:responses': [checkOf(kv)], 'd1:responses': [checkOf(d1)] }
    return healthDocument(kv && d1, { checks })
  })
}

/**
 * The answer is remembered, not the question: a request must not wait for another one's I/O. Nothing
 * here waits for the end of a question either, because it has none if the monitor hangs up.
 */
function createHealthReader(stores: Stores): (now: Instant) => Promise<StoresHealth> {
  let health: StoresHealth | null = null
  let askedAt: Instant | null = null
  return async (now) => {
    // While one request asks, the others say what was known before. abs: the clock may go back.
    const age = askedAt === null ? Infinity : Math.abs(secondsBetween(askedAt, now))
    if (health && age < CACHE_SECONDS) return health
    askedAt = now
    health = await askStores(stores)
    return health
  }
}

const checkOf = (isWell: boolean) => ({ status: statusOf(isWell) })
const statusOf = (isWell: boolean) => (isWell ? 'pass' : 'fail')

const healthDocument = (isWell: boolean, details: object = {}): Response =>
  new Response(JSON.stringify({ status: statusOf(isWell), ...details }), {
    status: isWell ? 200 : 503,
    headers: { ...ownHeaders, 'Content-Type': 'application/health+json' },
  })
