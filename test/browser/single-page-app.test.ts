/** A single-page app with `/.gatehouse/client.js`, when the session has ended. The app is that of the docs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listen, type Server } from '../../demo/server.ts'
import { choosePerson, eventually, forgetPerson, signIn, useStage } from './stage.ts'

const manual = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'single-page-apps.md'),
  'utf8',
)
const [, app = ''] = /```js\n(import [^]*?)```/.exec(manual) ?? []

const html = (body: string) =>
  `<!doctype html><html lang="en"><title>Notes</title><link rel="icon" href="data:,">${body}`
const index = html(`<textarea></textarea><button id="save">Save</button><p id="status"></p>
<div id="banner" hidden><button id="sign-in">Sign in</button><button id="later">Later</button></div>
<script type="module" src="/app.js"></script>`)
/** As strict as a policy can be with what the docs ask for. */
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'; img-src data:; " +
  "base-uri 'none'; require-trusted-types-for 'script'"
/** Answers every GET from its cache, once it has it: what the person is, too. */
const worker = `self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(clients.claim()))
self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || event.request.mode === 'navigate') return
  event.respondWith(caches.open('all').then(async (cache) => {
    const kept = await cache.match(event.request)
    if (kept) return kept
    const answer = await fetch(event.request)
    if (answer.ok) await cache.put(event.request, answer.clone())
    return answer
  }))
})`

const saved: string[] = []
let friend = ''

async function origin(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const cors =
    request.headers.get('Origin') === friend
      ? { 'Access-Control-Allow-Origin': friend, 'Access-Control-Allow-Credentials': 'true' }
      : {}
  if (pathname === '/') {
    const headers = { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }
    return new Response(index, { headers })
  }
  const type = { 'Content-Type': 'text/javascript' }
  if (pathname === '/app.js') return new Response(app, { headers: type })
  if (pathname === '/sw.js') return new Response(worker, { headers: type })
  if (pathname === '/api/own') return new Response('whose?', { status: 401 })
  if (pathname === '/plain') return elsewhere()
  if (request.method === 'POST') saved.push(await request.text())
  return new Response(pathname, { headers: cors })
}

/** A page of another origin, which loads nothing by itself. */
const elsewhere = () =>
  new Response(html('<p>Elsewhere</p>'), { headers: { 'Content-Type': 'text/html' } })
const server: Server = await listen(0, () => origin)
const friendServer = await listen(0, () => elsewhere)
const evilServer = await listen(0, () => elsewhere)
// Another port of localhost is another origin of the same site, and 127.0.0.1 is another site.
friend = `http://localhost:${friendServer.port}`
const sibling = `http://localhost:${evilServer.port}`
const stranger = `http://127.0.0.1:${evilServer.port}`

const stage = useStage({ origin: server.url, revocationSeconds: 1, corsOrigins: [friend] })
beforeAll(() => async () => {
  for (const each of [server, friendServer, evilServer]) await each.stop()
})
beforeEach(() => void saved.splice(0))

const endSession = (context: BrowserContext): Promise<void> =>
  context.clearCookies({ name: '__Host-gatehouse' })

/** Ada with the app open, and what she has typed. Her session is over. */
async function openApp(
  refusals: readonly number[] = [401],
  complaint = /^$/,
): Promise<{
  readonly page: Page
  readonly context: BrowserContext
  readonly popups: Page[]
}> {
  const { page, context } = await stage.visit({ refusals, complaint })
  await signIn(page, stage.demo, 'Ada Lovelace')
  await page.getByRole('textbox').fill('A long thought')
  await page.evaluate(
    `import('/.gatehouse/client.js').then((client) => { window.client = client })`,
  )
  await page.evaluate('client.fetch("/api/notes").then(() => null)')
  await endSession(context)
  const popups: Page[] = []
  page.on('popup', (popup) => void popups.push(popup))
  return { page, context, popups }
}

const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save' }).click()
const says = (page: Page, text: string): Promise<void> =>
  page.locator('#status').getByText(text, { exact: true }).waitFor()
const typed = (page: Page): Promise<string> => page.getByRole('textbox').inputValue()
/** The identity provider asks who it is, in the next window. */
async function withPersonForgotten(context: BrowserContext): Promise<void> {
  const page = await context.newPage()
  await forgetPerson(page, stage.demo)
  await page.close()
}
/**
 * Headless Chromium blocks no window, so this does what others do: a window opens for a click in the
 * page, and for nothing else.
 */
const blockWindows = `const { open } = window
window.open = () => null
addEventListener('click', () => { window.open = open }, { capture: true, once: true })`

describe('an app whose session has ended', () => {
  it('is the one of the docs', () => {
    expect(app).toContain("from '/.gatehouse/client.js'")
    expect(app).toContain('gatehouse:blocked')
  })

  it('saves what was typed after a sign-in in a window, and nothing of the page is lost', async () => {
    const { page, popups } = await openApp()
    await page.evaluate('window.same = true')
    await save(page)
    await says(page, 'Saved')
    expect(saved).toEqual(['A long thought'])
    expect(popups).toHaveLength(1)
    await expect.poll(() => popups[0]?.isClosed(), eventually).toBe(true)
    expect([await page.evaluate('window.same'), await typed(page)]).toEqual([
      true,
      'A long thought',
    ])
  })

  it('asks in the window where the identity provider does not know the person', async () => {
    const { page, context } = await openApp()
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    await save(page)
    await choosePerson(await opening, 'Ada Lovelace')
    await says(page, 'Saved')
    expect(saved).toEqual(['A long thought'])
  })

  it('opens one window for many requests, and sends each of them again once', async () => {
    const { page, popups } = await openApp()
    const statuses = await page.evaluate(`Promise.all(['a', 'b', 'c', 'd'].map((body) =>
      client.fetch('/api/notes', { method: 'POST', body }).then(({ status }) => status)))`)
    expect(statuses).toEqual([200, 200, 200, 200])
    expect(saved.toSorted()).toEqual(['a', 'b', 'c', 'd'])
    expect(popups).toHaveLength(1)
  })

  it.each([
    ['a Blob', `{ method: 'POST', body: new Blob(['x'.repeat(9)]) }`, /^x{9}$/],
    ['a form', `{ method: 'POST', body: new URLSearchParams({ a: 'é' }) }`, /^a=%C3%A9$/],
    ['bytes', `{ method: 'PUT', body: new Uint8Array([65]), method: 'POST' }`, /^A$/],
  ])('sends %s again', async (_, init, expected) => {
    const { page } = await openApp()
    const status = await page.evaluate(`client.fetch('/api/notes', ${init}).then((a) => a.status)`)
    expect([status, saved]).toEqual([200, [expect.stringMatching(expected)]])
  })

  it('sends a Request with a body again', async () => {
    const { page } = await openApp()
    const status = await page.evaluate(`client.fetch(new Request('/api/notes',
      { method: 'POST', body: 'once' })).then((answer) => answer.status)`)
    expect([status, saved]).toEqual([200, ['once']])
  })
})

describe('a browser that blocks the window', () => {
  it('has the page ask; one click signs in, and all that waited is sent', async () => {
    const { page, context, popups } = await openApp()
    await withPersonForgotten(context)
    const sent = page.evaluate(`${blockWindows}
      Promise.all(['a', 'b'].map((body) =>
        client.fetch('/api/notes', { method: 'POST', body }).then(({ status }) => status)))`)
    await page.locator('#banner').waitFor()
    popups.length = 0
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => popups.length, eventually).toBe(1)
    const [popup = page] = popups
    await choosePerson(popup, 'Ada Lovelace')
    expect(await sent).toEqual([200, 200])
    expect(saved.toSorted()).toEqual(['a', 'b'])
    expect(await page.locator('#banner').isHidden()).toBe(true)
  })

  it('has the caller told, when the person wants it later', async () => {
    const { page } = await openApp()
    const sent = page.evaluate(`${blockWindows}
      client.fetch('/api/notes').then(({ status }) => status)`)
    await page.getByRole('button', { name: 'Later' }).click()
    expect(await sent).toBe(401)
  })

  it('has the caller told, when the page does not ask', async () => {
    const { page } = await openApp()
    const sent = page.evaluate(`${blockWindows}
      Event.prototype.preventDefault = () => {}
      client.fetch('/api/notes').then(({ status }) => status)`)
    expect(await sent).toBe(401)
  })
})

describe('a sign-in that comes to nothing', () => {
  it('leaves the caller its 401, when the person closes the window; the next click asks again', async () => {
    const { page, context } = await openApp()
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    await save(page)
    const popup = await opening
    await popup.getByRole('button', { name: 'Ada Lovelace' }).waitFor()
    await popup.close()
    await says(page, 'Not saved: 401')
    expect([saved, await typed(page)]).toEqual([[], 'A long thought'])

    const again = page.waitForEvent('popup')
    await save(page)
    await choosePerson(await again, 'Ada Lovelace')
    await says(page, 'Saved')
  })

  it('does not go round in circles: one sign-in, one more try, and the caller gets the 401', async () => {
    const { page, popups } = await openApp()
    let asked = 0
    await page.route('**/api/notes', (route) => {
      asked++
      return route.fulfill({ status: 401, headers: { 'WWW-Authenticate': 'Gatehouse x="y"' } })
    })
    await save(page)
    await says(page, 'Not saved: 401')
    expect([asked, popups.length]).toEqual([2, 1])
  })

  it("leaves a 401 of the site's own alone", async () => {
    const { page, popups } = await openApp()
    await save(page)
    await says(page, 'Saved')
    popups.length = 0
    const text = page.evaluate(`client.fetch('/api/own').then((answer) => answer.text())`)
    expect(await text).toBe('whose?')
    expect(popups).toEqual([])
  })

  it('says so while the browser is offline, and opens nothing', async () => {
    const { page, context, popups } = await openApp([401], /ERR_INTERNET_DISCONNECTED/)
    await context.setOffline(true)
    await save(page)
    await says(page, 'Not saved: you are offline')
    expect(popups).toEqual([])
    await context.setOffline(false)
    await save(page)
    await says(page, 'Saved')
  })

  it('ends at once for a request that is aborted, and goes on for the others', async () => {
    const { page, context } = await openApp()
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    await page.evaluate(`window.control = new AbortController()
      window.aborted = client.fetch('/api/notes', { method: 'POST', body: 'aborted', signal: control.signal })
        .then(() => 'sent', ({ name }) => name)
      window.other = client.fetch('/api/notes', { method: 'POST', body: 'other' })
        .then(({ status }) => status)
      null`)
    const popup = await opening
    await popup.getByRole('button', { name: 'Ada Lovelace' }).waitFor()
    await page.evaluate('control.abort()')
    expect(await page.evaluate('aborted')).toBe('AbortError')
    await choosePerson(popup, 'Ada Lovelace')
    expect(await page.evaluate('other')).toBe(200)
    expect(saved).toEqual(['other'])
  })

  it('does not send a stream again: the caller gets the 401 when the person has signed in', async () => {
    const { page } = await openApp()
    let asked = 0
    await page.route('**/api/notes', (route) => {
      asked++
      return route.fulfill({ status: 401, headers: { 'WWW-Authenticate': 'Gatehouse x="y"' } })
    })
    const status = await page.evaluate(`client.fetch('/api/notes', { method: 'POST', duplex: 'half',
      body: new Blob(['text']).stream() }).then((answer) => answer.status, String)`)
    expect([status, asked]).toEqual([401, 1])
    expect(
      await page.evaluate(`fetch('/.gatehouse/me').then((answer) => answer.json())`),
    ).toMatchObject({
      signedIn: true,
    })
  })
})

describe('another person', () => {
  it('who signs in in the window sends nothing of what the first one typed', async () => {
    const { page, context } = await openApp([401, 403])
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    await save(page)
    await choosePerson(await opening, 'Grace Hopper')
    await says(page, 'Not saved: 403')
    expect([saved, await typed(page)]).toEqual([[], 'A long thought'])
    // The gate itself refuses what the page sends from now on.
    await save(page)
    await expect
      .poll(() => stage.audit().findLast(({ audit }) => audit === 'access-denied'), eventually)
      .toMatchObject({ reason: 'the request is for another person' })
    expect(saved).toEqual([])
  })

  it('who signs in in the window is not shown what the first one asked for', async () => {
    const { page, context } = await openApp()
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    const sent = page.evaluate(`client.fetch('/api/notes').then(async (answer) =>
      [answer.status, await answer.json()])`)
    await choosePerson(await opening, 'Grace Hopper')
    expect(await sent).toEqual([403, { error: 'other-person' }])
  })

  it('who has signed in in another tab sends nothing from this one', async () => {
    const { page, context } = await openApp([401, 403])
    await withPersonForgotten(context)
    const tab = await context.newPage()
    await tab.goto(stage.demo.siteUrl)
    await choosePerson(tab, 'Grace Hopper')
    await tab.getByRole('button', { name: 'Switch to' }).or(tab.getByRole('textbox')).waitFor()
    if (await tab.getByRole('textbox').isHidden()) {
      await tab.getByRole('button', { name: 'Switch to' }).click()
    }
    await tab.getByRole('textbox').waitFor()
    await save(page)
    await says(page, 'Not saved: 403')
    expect(saved).toEqual([])
  })

  it('cannot be passed off as the first one by a service worker that keeps everything', async () => {
    const { page, context } = await openApp([401, 403])
    await context.clearCookies()
    await signIn(page, stage.demo, 'Ada Lovelace', '/plain')
    await page.evaluate(`navigator.serviceWorker.register('/sw.js')
      .then(() => navigator.serviceWorker.ready).then(() => null)`)
    await page.goto(stage.demo.siteUrl)
    await page.getByRole('textbox').fill('A long thought')
    await page.evaluate(`fetch('/.gatehouse/me').then(() => null)`)
    await endSession(context)
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    await save(page)
    await choosePerson(await opening, 'Grace Hopper')
    await says(page, 'Not saved: 403')
    expect(saved).toEqual([])
  })
})

describe("an identity provider's page that cuts the window off", () => {
  it('is no reason to give up: the page hears of the sign-in by its channel', async () => {
    const { page, context } = await openApp()
    await withPersonForgotten(context)
    await context.route(`${stage.demo.idpUrl}/sso**`, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 })
      const headers = { ...response.headers(), 'cross-origin-opener-policy': 'same-origin' }
      await route.fulfill({ response, headers })
    })
    // The person is in the other window. Playwright gives every page the focus.
    await page.evaluate('document.hasFocus = () => false')
    const opening = context.waitForEvent('page')
    await save(page)
    const popup = await opening
    await popup.getByRole('button', { name: 'Ada Lovelace' }).waitFor()
    expect(await popup.evaluate('opener')).toBeNull()
    await choosePerson(popup, 'Ada Lovelace')
    await says(page, 'Saved')
    expect(saved).toEqual(['A long thought'])
  })
})

describe('a page of another origin', () => {
  const load = (page: Page) =>
    page.evaluate(`import('${stage.demo.siteUrl}/.gatehouse/client.js')
      .then((client) => { window.client = client; return 'loaded' }, () => 'refused')`)

  it('of corsOrigins signs in again, in a window that it closes, and sends its request', async () => {
    const { page, context } = await stage.visit({ refusals: [401] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.goto(friend)
    expect(await load(page)).toBe('loaded')
    const post = (body: string) =>
      `client.fetch('${siteUrl}/api/notes', { method: 'POST', body: '${body}', credentials: 'include' })
        .then(({ status }) => status)`
    expect(await page.evaluate(post('one'))).toBe(200)
    await endSession(context)
    await withPersonForgotten(context)
    const opening = page.waitForEvent('popup')
    const sent = page.evaluate(post('two'))
    const popup = await opening
    await choosePerson(popup, 'Ada Lovelace')
    expect(await sent).toBe(200)
    await expect.poll(() => popup.isClosed(), eventually).toBe(true)
    expect(saved).toEqual(['one', 'two'])
  })

  it.each([
    ['another host of the domain', () => sibling],
    ['another site', () => stranger],
  ])('of %s gains nothing', async (_, urlOf) => {
    // The browser reports in its console what it stops.
    const { page, context } = await stage.visit({
      refusals: [401],
      complaint: /blocked by CORS policy|ERR_FAILED|ERR_BLOCKED_BY_RESPONSE|postMessage/,
    })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.goto(urlOf())
    expect(await load(page)).toBe('refused')
    const read = (path: string) =>
      page.evaluate(`fetch('${siteUrl}${path}', { credentials: 'include' })
        .then((answer) => answer.text(), () => 'unreadable')`)
    expect(await read('/.gatehouse/me')).toBe('unreadable')
    expect(await read('/api/notes')).toBe('unreadable')
    await endSession(context)
    expect(await read('/api/notes')).toBe('unreadable')

    // The window tells it nothing.
    await page.evaluate(`window.told = []
      addEventListener('message', ({ data }) => told.push(data))
      window.channel = new BroadcastChannel('gatehouse')
      channel.onmessage = ({ data }) => told.push(data)
      const opened = window.open('', 'w', 'popup')
      window.handle = opened
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', target: 'w',
        action: '${siteUrl}/.gatehouse/login?to=%2F.gatehouse%2Fsigned-in' })
      document.body.append(form)
      form.submit()`)
    await expect
      .poll(async () => (await context.cookies(siteUrl)).map(({ name }) => name), eventually)
      .toContain('__Host-gatehouse')
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1000))')
    expect(await page.evaluate('told')).toEqual([])
    expect(
      await page.evaluate(
        '(() => { try { return handle.location.href } catch { return null } })()',
      ),
    ).not.toEqual(expect.stringContaining('gatehouse'))
  })

  it('cannot have a window ready that the app then signs in with', async () => {
    const { page, context } = await stage.visit({ refusals: [401] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.goto(stranger)
    const opened = page.waitForEvent('popup')
    await page.evaluate(`window.app = window.open('${siteUrl}')`)
    const victim = await opened
    await victim.waitForLoadState()
    const ready = page.waitForEvent('popup')
    await page.evaluate(`window.trap = window.open('${siteUrl}/plain', 'gatehouse-sign-in')`)
    await (await ready).waitForURL(`${siteUrl}/plain`)
    await victim.getByRole('textbox').fill('A long thought')
    await endSession(context)
    await withPersonForgotten(context)
    const opening = victim.waitForEvent('popup')
    await save(victim)
    await choosePerson(await opening, 'Ada Lovelace')
    await says(victim, 'Saved')
    for (const each of context.pages()) expect(each.url()).not.toContain('/.gatehouse/')
  })

  it('cannot have the app send its request before the person has signed in', async () => {
    const { page, context } = await stage.visit({ refusals: [401] })
    const { siteUrl } = stage.demo
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.goto(stranger)
    const opened = page.waitForEvent('popup')
    await page.evaluate(`window.app = window.open('${siteUrl}')`)
    const victim = await opened
    await victim.waitForLoadState()
    await victim.getByRole('textbox').fill('A long thought')
    await endSession(context)
    await withPersonForgotten(context)
    const asked: string[] = []
    context.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    const opening = victim.waitForEvent('popup')
    await save(victim)
    const popup = await opening
    await popup.getByRole('button', { name: 'Ada Lovelace' }).waitFor()
    asked.length = 0
    await page.evaluate(`app.postMessage({ type: 'gatehouse:signed-in' }, '*')`)
    await victim.evaluate('new Promise((resolve) => setTimeout(resolve, 500))')
    expect(asked).toEqual([])
    expect(popup.isClosed()).toBe(false)
    await choosePerson(popup, 'Ada Lovelace')
    await says(victim, 'Saved')
    expect(saved).toEqual(['A long thought'])
  })
})
