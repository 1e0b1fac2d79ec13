/** Several tabs of one browser that sign in at the same time. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { locationOf, type Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import { createStage, readRequest, refusals, SITE } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

const pages = Array.from({ length: 20 }, (_, i) => `/tab/${i}?of=20`)

describe('twenty tabs that are opened together', () => {
  it.each(['together', 'one after the other'])(
    'all end where they were to go, where they are answered %s',
    async (order) => {
      const stage = await createStage()
      const browser = stage.browser()
      const asked = await Promise.all(pages.map((page) => stage.begin(browser, page)))
      const answers: Response[] = []
      const finish = async ({ id, relayState }: (typeof asked)[number]) =>
        void answers.push(await stage.post(browser, await stage.respond({ id }), relayState))
      if (order === 'together') await Promise.all(asked.map(finish))
      else for (const each of asked.toReversed()) await finish(each)
      expect(answers.map(locationOf).toSorted()).toEqual(
        pages.map((page) => SITE + page).toSorted(),
      )
      expect(refusals(stage)).toEqual([])
      expect((await browser.go(`${SITE}/`)).status).toBe(200)
    },
    60_000,
  )

  it('leave a browser with cookies of 12,000 bytes at most', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const long = `/${'x'.repeat(1000)}`
    for (let i = 0; i < 12; i++) {
      await browser.go(`${SITE}/.gatehouse/login?go=1&to=${encodeURIComponent(long + i)}`)
    }
    const asked = await stage.begin(browser, '/last')
    const sent = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    expect(sent.length).toBeLessThanOrEqual(12_000)
    const back = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(locationOf(back)).toBe(`${SITE}/last`)
  })
})

describe('a tab whose login is gone', () => {
  const lose = (browser: Browser) => {
    for (const name of browser.cookies.keys()) {
      if (name.startsWith('__Host-gatehouse-login-')) browser.cookies.delete(name)
    }
  }

  it('goes on when another tab has signed in: the page knows where to', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const gone = await stage.begin(browser, '/board?card=7')
    lose(browser)
    await stage.signIn(browser, '/')
    const answer = await stage.post(browser, await stage.respond(gone), gone.relayState)
    expect(answer.status).toBe(303)
    const page = await browser.go(SITE + locationOf(answer))
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('We are taking you to the page that you asked for')
    expect(refusals(stage)).toEqual([])
    expect((await env.DB.prepare('SELECT * FROM sessions').all()).results).toHaveLength(1)
  })

  it('starts again where the browser is not signed in, and still knows where to', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const gone = await stage.begin(browser, '/board?card=7')
    lose(browser)
    const answer = await stage.post(browser, await stage.respond(gone), gone.relayState)
    const page = await browser.go(SITE + locationOf(answer))
    expect(page.status).toBe(400)
    expect(await page.text()).toContain(
      '<input type="hidden" name="to" value="/.gatehouse/back" />',
    )
    expect(refusals(stage)).toMatchObject([{ reason: 'unknown-login', connection: 'okta' }])
  })
})

describe('what is no navigation of a document', () => {
  const LOGIN = `${SITE}/.gatehouse/login?go=1&to=%2F`
  it.each([
    ['an image', { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    ['a script’s fetch', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
    ['a frame', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }],
    ['an object', { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'object' }],
    [
      'a prefetch',
      {
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
        'Sec-Purpose': 'prefetch;prerender',
      },
    ],
  ])('begins no login, and pushes none out: %s', async (_, headers) => {
    const stage = await createStage()
    for (const method of ['GET', 'POST']) {
      const answer = await stage.send(new Request(LOGIN, { method, headers, redirect: 'manual' }))
      expect(answer.status).toBe(403)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await answer.json()).toMatchObject({ error: 'not-a-navigation' })
    }
  })

  it('may be of a browser that says nothing of it', async () => {
    const stage = await createStage()
    const answer = await stage.send(new Request(LOGIN, { redirect: 'manual' }))
    expect(answer.status).toBe(302)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })
})

describe('an address that is too long for a cookie', () => {
  it('is left to the tab to remember, not taken for the home page', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    for (const to of [`/${'x'.repeat(3000)}`, `/?${'\\'.repeat(900)}`]) {
      const url = `${SITE}/.gatehouse/login?go=1&to=${encodeURIComponent(to)}`
      const asked = await readRequest(locationOf(await browser.go(url)))
      const back = await stage.post(browser, await stage.respond(asked), asked.relayState)
      expect(locationOf(back)).toBe(`${SITE}/.gatehouse/back`)
    }
  })
})
