/** The pages of single logout in a real browser: an identity provider that never answers, and a frame. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { speechOf } from '../../src/lib/words/speech.ts'
import { answerPage, signOutAtIdpPage } from '../../src/logout/idp-pages.ts'
import { freePort } from '../../tools/stage/process.ts'
import { pagesOf } from '../support/pages.ts'
import { launchChromium } from './chromium.ts'

const visit = pagesOf('Okta').visitIn(speechOf('en'))
const servers: Server[] = []
let browser: Browser | null = null
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

/** A site of its own, below a name of its own. */
async function serve(name: string, listener: RequestListener): Promise<string> {
  const port = await freePort()
  const server = createServer(listener)
  servers.push(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `http://${name}.localhost:${port}`
}

const send = (made: () => Promise<Response>): RequestListener => {
  return (_, response) => {
    void made().then(async (page) => {
      // No TLS here.
      page.headers.delete('Strict-Transport-Security')
      response.writeHead(page.status, Object.fromEntries(page.headers)).end(await page.text())
    })
  }
}

async function newPage() {
  if (!browser) throw new Error('there is no browser')
  return browser.newPage()
}

describe('an identity provider that never answers', () => {
  it.each(['redirect', 'post'] as const)(
    'is left after a while for the page that says so, by %s',
    async (binding) => {
      const idp = await serve('idp', () => undefined)
      const carried =
        binding === 'redirect'
          ? ({ binding, url: `${idp}/slo` } as const)
          : ({ binding, url: `${idp}/slo`, fields: { SAMLRequest: 'a' } } as const)
      const gate = await serve('gate', (request, response) => {
        if (request.url === '/')
          send(() => signOutAtIdpPage(visit, 'Okta', carried))(request, response)
        else response.end('<title>What has ended</title>')
      })
      const page = await newPage()
      await page.goto(gate, { waitUntil: 'commit' })
      await page.waitForURL(`${gate}/.gatehouse/logout/done`)
      expect(await page.title()).toBe('What has ended')
      await page.close()
    },
  )
})

describe('the page that answers an identity provider by a form', () => {
  it('works in a frame of the identity provider, and in nobody else’s', async () => {
    const posted: string[] = []
    const idp = await serve('idp', (request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => posted.push(body))
      response.setHeader('Content-Type', 'text/html')
      // To answer the answer with a frame again would go on without an end.
      const page = request.method === 'POST' ? 'Taken' : `<iframe src="${gate}"></iframe>`
      request.on('end', () => response.end(page))
    })
    const carried = {
      binding: 'post',
      url: `${idp}/answers`,
      fields: { SAMLResponse: 'the answer' },
    } as const
    const gate = await serve(
      'gate',
      send(() => answerPage(visit, 'Okta', carried, [idp])),
    )
    const other = await serve('other', (_, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<iframe src="${gate}"></iframe>`)
    })
    const page = await newPage()
    const refusals: string[] = []
    page.on('console', (message) => refusals.push(message.text()))
    await page.goto(other)
    await expect.poll(() => refusals.join()).toContain('frame-ancestors')
    expect(posted).toEqual([])
    await page.goto(idp)
    await expect.poll(() => posted[0]).toBe('SAMLResponse=the+answer')
    await page.close()
  })
})
