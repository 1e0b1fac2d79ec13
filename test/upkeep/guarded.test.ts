/**
 * The Worker's own requests. On Cloudflare a request of a Worker to its own zone does not go through the
 * Worker, so a URL that somebody gives must not lead to a site around its gate.
 */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GatehouseConfig } from '../../src/config.ts'
import { seedConnection } from '../admin/stage.ts'
import { createHandOver, give, metadataOf } from '../console/handed.ts'
import { createConsole, CONSOLE, owner, press, title, withConsole } from '../console/stage.ts'
import { LOGIN, rows, siteAt } from '../login/person.ts'

const asked: string[] = []
let answers: Readonly<Record<string, () => Response>> = {}
beforeEach(() => {
  asked.length = 0
  answers = {}
  vi.stubGlobal('fetch', async (url: string | URL) => {
    asked.push(String(url))
    return answers[String(url)]?.() ?? new Response(metadataOf())
  })
})
afterEach(() => vi.unstubAllGlobals())

const guarded: Partial<GatehouseConfig> = {
  sites: [
    siteAt('https://a.example.com'),
    siteAt('https://*.apps.example.com', { origin: 'https://*.inner.example.com' }),
    siteAt('https://wiki.example.com', { origin: { url: 'https://origin.example.com:8443' } }),
  ],
  sitesElsewhere: [{ url: 'https://other.example.com' }],
}

const inside = [
  'https://a.example.com/private?delete=1',
  'https://A.EXAMPLE.com/',
  'https://a.example.com./',
  'https://a.example.com:8443/',
  'https://x.apps.example.com/',
  'https://x.y.apps.example.com/',
  'https://wiki.example.com/',
  'https://other.example.com/',
  'https://origin.example.com/',
  'https://origin.example.com:8443/',
  'https://x.inner.example.com/',
  `${LOGIN}/.gatehouse/admin`,
]

describe('metadata', () => {
  it.each(inside)('is not read from %s, nor where something redirects to it', async (url) => {
    const stage = await createConsole(withConsole(guarded))
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const back = '/connections/new?for=okta'
    const add = async (metadata: string) => {
      const answer = await press(olga, 'connection add', { id: 'acme', metadata, back })
      return [answer.ok, (await answer.text()).includes('must not be at a host that Gatehouse')]
    }
    expect(await add(url)).toEqual([false, true])
    expect(asked).toEqual([])
    const outside = 'https://idp.acme.com/metadata'
    answers = { [outside]: () => new Response(null, { status: 302, headers: { Location: url } }) }
    expect(await add(outside)).toEqual([false, true])
    expect(asked).toEqual([outside])
  })

  it('is read from any other public host, one with a like name too', async () => {
    const stage = await createConsole(withConsole(guarded))
    const olga = owner(stage)
    await olga.open(CONSOLE)
    for (const [i, name] of ['ba.example.com', 'example.com', 'apps.example.com'].entries()) {
      const url = `https://${name}/metadata`
      await press(olga, 'connection add', { id: `c${i}`, metadata: url })
      expect(asked.at(-1)).toBe(url)
    }
  })

  it('is not read there for the people of a hand-over', async () => {
    const { handed } = await createHandOver()
    const refused = await give(await handed(), 'https://a.example.com/private')
    expect([refused.status, asked]).toEqual([422, []])
    expect((await title(refused))[1]).toContain('Set up')
  })

  it('is not read there by cron, if D1 has such a URL', async () => {
    const stage = await createConsole(withConsole(guarded))
    await seedConnection('acme', { metadataUrl: 'https://a.example.com/private' })
    await stage.cron()
    expect(asked).toEqual([])
    expect(JSON.stringify(await rows('connection_metadata'))).toContain(
      'must not be at a host that Gatehouse guards',
    )
  })
})

describe('a webhook', () => {
  it('is not sent to a site', async () => {
    const stage = await createConsole(withConsole(guarded))
    await env.DB.exec('DELETE FROM webhooks; DELETE FROM webhook_messages')
    const olga = owner(stage)
    await olga.open(CONSOLE)
    await press(olga, 'webhook add', { url: 'https://a.example.com/private' })
    const [webhook] = await rows('webhooks')
    await press(olga, 'webhook test', { webhook: String(webhook?.['id']) })
    await stage.cron()
    expect(asked).toEqual([])
    expect(JSON.stringify(await rows('webhook_messages'))).toContain('Gatehouse guards')
    await env.DB.exec('DELETE FROM webhooks; DELETE FROM webhook_messages')
  })
})
