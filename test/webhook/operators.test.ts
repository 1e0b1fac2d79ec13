/** What an operator does in the console is told to webhooks at once. */
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { listDeliveries } from '../../src/webhook/store.ts'
import { A } from '../login/person.ts'
import { CONSOLE, createConsole, owner, press, visitor } from '../console/stage.ts'
import { failsAt } from '../support/binding.ts'
import { db, emptyWebhooks, sealByWorker, seedWebhook } from './stage.ts'

afterEach(() => vi.unstubAllGlobals())

/** An operator in the console, and a webhook for what operators do. */
async function open() {
  await emptyWebhooks()
  const stage = await createConsole()
  const olga = owner(stage)
  await olga.open(CONSOLE)
  await visitor(stage).open(`${A}/`)
  const secret = await sealByWorker(crypto.getRandomValues(new Uint8Array(32)))
  await seedWebhook('siem', { secret, kinds: ['operator'] })
  return { stage, olga }
}

it('without another event, and without cron', async () => {
  const { olga } = await open()
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
  const { stage, olga } = await open()
  const { host } = new URL(CONSOLE)
  const { cookies } = olga.at(CONSOLE)
  const half = stage.browser({ DB: failsAt(env.DB, /UPDATE webhook_messages/) })
  for (const [name, cookie] of cookies) half.cookies.set(name, cookie)
  olga.jars.set(host, half)
  const done = await press(olga, 'user disable', { user: 'zoe@example.test' })
  expect(await done.text()).toContain('is disabled')
  expect(await listDeliveries(db, 'siem', 9)).toMatchObject([{ state: 'waiting' }])
})
