/** What an operator does in the console is told to webhooks at once. */
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { decodeBase64 } from '../../src/lib/bytes.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { listDeliveries } from '../../src/webhook/store.ts'
import { WEBHOOK_PURPOSE } from '../../src/webhook/webhook.ts'
import { A } from '../login/person.ts'
import { CONSOLE, createConsole, owner, press, visitor } from '../console/stage.ts'
import { failsAt } from '../support/binding.ts'
import { db, emptyWebhooks, seedWebhook } from './stage.ts'

afterEach(() => vi.unstubAllGlobals())

async function seedSealed(): Promise<void> {
  const current = decodeBase64(env.GATEHOUSE_SECRET)
  if (!current.ok) throw new Error('the secret of the tests is broken')
  const sealer = await createSealer({ current: current.value, previous: null }, WEBHOOK_PURPOSE)
  const secret = await sealer.seal(crypto.getRandomValues(new Uint8Array(32)))
  await seedWebhook('siem', { secret, kinds: ['operator'] })
}

it('without another event, and without cron', async () => {
  await emptyWebhooks()
  const stage = await createConsole()
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await visitor(stage).open(`${A}/`)
  await seedSealed()
  const asked: { readonly type?: unknown; readonly data?: unknown }[] = []
  vi.stubGlobal('fetch', async (url: URL, init: RequestInit) => {
    asked.push(JSON.parse(await new Request(url, init).text()))
    return new Response()
  })
  await press(olga, 'user disable', { user: 'zoe@example.test' })
  await expect.poll(() => asked).toHaveLength(1)
  expect(asked[0]).toMatchObject({ type: 'operator', data: { userName: 'zoe@example.test' } })
  await expect.poll(() => listDeliveries(db, 'siem', 9)).toMatchObject([{ state: 'sent' }])
})

it('a webhook that cannot be told changes nothing for the operator', async () => {
  await emptyWebhooks()
  const stage = await createConsole()
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await visitor(stage).open(`${A}/`)
  await seedSealed()
  const { host } = new URL(CONSOLE)
  const { cookies } = olga.at(CONSOLE)
  const half = stage.browser({ DB: failsAt(env.DB, /UPDATE webhook_messages/) })
  for (const [name, cookie] of cookies) half.cookies.set(name, cookie)
  olga.jars.set(host, half)
  const done = await press(olga, 'user disable', { user: 'zoe@example.test' })
  expect(await done.text()).toContain('is disabled')
  expect(await listDeliveries(db, 'siem', 9)).toMatchObject([{ state: 'waiting' }])
})
