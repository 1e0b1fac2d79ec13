/** Webhooks of the whole Worker: with its own secret, its own fetch and its cron. */
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listDeliveries } from '../../src/webhook/store.ts'
import { createStage, SITE, start } from '../login/stage.ts'
import { emptyStores } from '../support/session.ts'
import { db, emptyWebhooks, sealByWorker, seedWebhook } from './stage.ts'

beforeEach(async () => {
  await emptyWebhooks()
  await emptyStores()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function seedSealed(): Promise<string> {
  const secret = crypto.getRandomValues(new Uint8Array(32))
  await seedWebhook('siem', { secret: await sealByWorker(secret) })
  return `whsec_${btoa(String.fromCharCode(...secret))}`
}

/** The whole outside of the Worker, which answers with this status. */
function outside(status: () => number): { readonly asked: Request[] } {
  const asked: Request[] = []
  vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => {
    asked.push(new Request(url, init))
    return new Response(null, { status: status() })
  })
  return { asked }
}

it('a sign-in is told at once, with the name of the person, and the visitor does not wait', async () => {
  const secret = await seedSealed()
  const stage = await createStage()
  const { asked } = outside(() => 200)
  const browser = stage.browser()
  await stage.signIn(browser)
  await expect.poll(() => asked).toHaveLength(1)
  const [message] = asked
  if (!message) throw new Error('nothing was sent')
  const body = await message.text()
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  const told = new Webhook(secret).verify(body, Object.fromEntries(message.headers))
  const user = await db.prepare('SELECT id, user_name AS name FROM users').first()
  expect(told).toMatchObject({
    type: 'login',
    data: { user: user?.['id'], userName: user?.['name'] },
  })
})

it('what failed is sent again by cron', async () => {
  await seedSealed()
  const stage = await createStage()
  let status = 500
  const { asked } = outside(() => status)
  const browser = stage.browser()
  await stage.signIn(browser)
  await expect
    .poll(() => listDeliveries(db, 'siem', 1))
    .toMatchObject([{ status: 500, state: 'waiting' }])
  status = 200
  vi.setSystemTime(start.getTime() + 3_600_000)
  await stage.cron()
  expect(asked).toHaveLength(2)
  expect(await listDeliveries(db, 'siem', 1)).toMatchObject([{ state: 'sent', attempts: 2 }])
  expect((await browser.go(`${SITE}/public`)).status).toBe(200)
})
