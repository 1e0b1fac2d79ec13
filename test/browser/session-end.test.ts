/** An app with the service worker of vite-plugin-pwa, and a form, when the session has ended. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen, type Server } from '../../demo/server.ts'
import { removeConnection } from '../../src/connection/store.ts'
import { accessibilityFaults } from './accessibility.ts'
import { choosePerson, eventually, forgetPerson, headingOf, signIn, useStage } from './stage.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.webmanifest': 'application/manifest+json',
}

/** What test/live/apps/pwa-fixture.ts built: with the plugin's defaults, or with the line of our docs. */
async function fixture(kind: 'default' | 'denied', path: string): Promise<Response> {
  const name = path === '/' ? '/index.html' : path
  const root = join(import.meta.dirname, '..', 'vectors', 'pwa', kind)
  const body = await readFile(join(root, name)).catch(() => null)
  const headers = { 'Content-Type': types[extname(name)] ?? 'text/plain' }
  return body ? new Response(body, { headers }) : new Response('Not here', { status: 404 })
}

const draftPage = `<!doctype html><html lang="en"><title>Draft</title><link rel="icon" href="data:,">
<h1>Draft</h1><form method="post" enctype="multipart/form-data">
<label>Text <textarea name="text"></textarea></label>
<label>File <input type="file" name="file"></label> <button>Save</button></form>`

const folder = await mkdtemp(join(tmpdir(), 'session-end-'))
const attachment = join(folder, 'a.txt')
/** Longer than the forms that a tab keeps. */
const longFile = 'and a file'.padEnd(70_000, '.')
await writeFile(attachment, longFile)
afterAll(() => rm(folder, { recursive: true }))

let kind: 'default' | 'denied' = 'default'
const saved: string[] = []

async function origin(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/api/notes') return new Response('Buy milk')
  if (pathname !== '/draft') return fixture(kind, pathname)
  const headers = { 'Content-Type': 'text/html' }
  if (request.method === 'GET') return new Response(draftPage, { headers })
  const form = await request.formData()
  const parts = [...form.values()].map((part) => new Response(part).text())
  saved.push((await Promise.all(parts)).join(': '))
  const done = draftPage.replace('<h1>Draft', '<h1>Saved')
  return new Response(done, { headers })
}

const server: Server = await listen(0, () => origin)
const stage = useStage({ origin: server.url, revocationSeconds: 1 })
beforeAll(() => () => server.stop())

/** As the session's end does, whatever ended it. */
const endSession = (context: BrowserContext): Promise<void> =>
  context.clearCookies({ name: '__Host-gatehouse' })

/** Somebody with the app open, whose service worker answers the pages of the site. */
async function openApp(): Promise<{ readonly page: Page; readonly context: BrowserContext }> {
  const { page, context } = await stage.visit({ refusals: [401] })
  await signIn(page, stage.demo, 'Ada Lovelace')
  await page.getByText('Buy milk').waitFor()
  await page.evaluate('navigator.serviceWorker.ready.then(() => null)')
  await page.reload()
  expect(await page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true)
  return { page, context }
}

/** The app is there without a session, from the worker's cache; only its data is not. */
async function seeSignedOut(page: Page): Promise<void> {
  await page.reload()
  await page.getByText('You are signed out').waitFor()
}

describe('an app whose service worker answers every navigation', () => {
  it('keeps a link to sign-in for itself, and lets a form through to it and back', async () => {
    kind = 'default'
    const { page, context } = await openApp()
    const { siteUrl } = stage.demo
    await endSession(context)
    await seeSignedOut(page)

    await page.getByRole('link', { name: 'Sign in by a link' }).click()
    await page.waitForURL(/\/\.gatehouse\/login/)
    expect(await headingOf(page)).toBe('Notes')
    await page.goto(`${siteUrl}/?tab=2`)
    await page.getByText('You are signed out').waitFor()

    await page.getByRole('button', { name: 'Sign in by a form' }).click()
    await page.getByText('Buy milk').waitFor()
    await page.waitForURL(`${siteUrl}/?tab=2`)
  })

  it('lets a form through the choice of a connection, and through an identity provider that asks', async () => {
    kind = 'default'
    await stage.demo.connect('partner', { 'display-name': 'Partner & Co', 'sso-binding': 'post' })
    try {
      const { page, context } = await stage.visit({ refusals: [401] })
      await page.goto(stage.demo.siteUrl)
      await page.getByRole('button', { name: 'Northwind ID' }).click()
      await choosePerson(page, 'Grace Hopper')
      await page.getByText('Buy milk').waitFor()
      await page.evaluate('navigator.serviceWorker.ready.then(() => null)')
      await forgetPerson(page, stage.demo)
      await endSession(context)
      await page.goto(stage.demo.siteUrl)
      await page.getByText('You are signed out').waitFor()
      await page.getByRole('button', { name: 'Sign in by a form' }).click()
      await page.getByRole('button', { name: 'Partner & Co' }).click()
      await choosePerson(page, 'Grace Hopper')
      await page.getByText('Buy milk').waitFor()
    } finally {
      await removeConnection(stage.demo.db, 'partner')
    }
  })

  it('leaves a link to sign-in alone with the line that the docs give', async () => {
    kind = 'denied'
    const { page, context } = await openApp()
    await endSession(context)
    await seeSignedOut(page)
    await page.getByRole('link', { name: 'Sign in by a link' }).click()
    await page.getByText('Buy milk').waitFor()
    await page.waitForURL(`${stage.demo.siteUrl}/`)
  })
})

describe('a sign-in in a window of its own', () => {
  it.each(['default', 'denied'] as const)(
    'closes the window and tells the page (%s service worker)',
    async (which) => {
      kind = which
      const { page, context } = await openApp()
      await forgetPerson(page, stage.demo)
      await page.goto(stage.demo.siteUrl)
      await endSession(context)
      await seeSignedOut(page)
      await page.evaluate(`addEventListener('message', ({ origin, data }) => {
        window.told = [origin, data.type]
      })`)
      const opening = page.waitForEvent('popup')
      await page.getByRole('button', { name: 'Sign in in a window' }).click()
      const popup = await opening
      const closing = popup.waitForEvent('close')
      await choosePerson(popup, 'Ada Lovelace')
      await closing
      await page.getByText('Buy milk').waitFor()
      expect(await page.evaluate('window.told')).toEqual([
        stage.demo.siteUrl,
        'gatehouse:signed-in',
      ])
    },
  )

  it('can be watched by the page that opened it until it closes', async () => {
    kind = 'denied'
    const { page } = await openApp()
    await forgetPerson(page, stage.demo)
    await page.goto(`${stage.demo.siteUrl}/draft`)
    const opening = page.waitForEvent('popup')
    const url = `${stage.demo.siteUrl}/.gatehouse/login?to=%2F.gatehouse%2Fsigned-in`
    await page.evaluate(`window.handle = window.open(${JSON.stringify(url)}, '', 'popup')`)
    const popup = await opening
    await popup.getByRole('button', { name: 'Zoë Ångström' }).waitFor()
    expect(await page.evaluate('window.handle.closed')).toBe(false)
    await popup.close()
    await expect.poll(() => page.evaluate('window.handle.closed'), eventually).toBe(true)
  })

  it('tells nothing to an opener of another site', async () => {
    kind = 'denied'
    const { page } = await openApp()
    await page.goto(stage.demo.idpUrl)
    await page.evaluate(`addEventListener('message', () => { window.told = true })`)
    const signedIn = `${stage.demo.siteUrl}/.gatehouse/signed-in`
    const opening = page.waitForEvent('popup')
    await page.evaluate(`window.handle = window.open(${JSON.stringify(signedIn)})`)
    const popup = await opening
    expect(await headingOf(popup)).toBe('You are signed in')
    await popup.waitForLoadState()
    await popup.evaluate('new Promise((resolve) => setTimeout(resolve))')
    expect(popup.isClosed()).toBe(false)
    expect(await accessibilityFaults(popup)).toEqual([])
    expect(await page.evaluate('window.told')).toBeUndefined()
    await popup.close()

    // Through a sign-in, which the IdP answers at once, the handle says nothing of how it went.
    const opened = page.waitForEvent('popup')
    const login = `${stage.demo.siteUrl}/.gatehouse/login?to=%2F.gatehouse%2Fsigned-in`
    await page.evaluate(`window.handle = window.open(${JSON.stringify(login)})`)
    await (await opened).waitForURL(`${stage.demo.siteUrl}/.gatehouse/**`).catch(() => null)
    await expect.poll(() => page.evaluate('window.handle.closed'), eventually).toBe(true)
    expect(await page.evaluate('window.told')).toBeUndefined()
  })
})

describe.each([true, false])(
  'a form of more than 64 KB posted after the end (JavaScript: %s)',
  (javaScript) => {
    it('is said not to be sent, and is sent when the person has signed in in another tab', async () => {
      saved.length = 0
      const { page, context } = await stage.visit({ javaScript, refusals: [401] })
      const { siteUrl } = stage.demo
      await page.goto(`${siteUrl}/draft`)
      await choosePerson(page, 'Ada Lovelace')
      if (!javaScript) await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForURL(`${siteUrl}/draft`)
      await page.getByLabel('Text').fill('A long text & more')
      // A file of the disk, as a person chooses one: a browser keeps none that a script has made.
      await page.getByLabel('File').setInputFiles(attachment)
      await endSession(context)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: 'Sign in to send this form' }).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      expect(saved).toEqual([])

      const opening = context.waitForEvent('page')
      await page.getByRole('button', { name: 'Sign in in a new tab' }).click()
      const tab = await opening
      if (!javaScript) {
        await tab.getByRole('button', { name: 'Continue' }).click()
        await tab.getByRole('heading', { name: 'You are signed in' }).waitFor()
      }
      await expect
        .poll(async () => (await context.cookies(siteUrl)).map(({ name }) => name), eventually)
        .toContain('__Host-gatehouse')
      await page.reload()
      await page.getByRole('heading', { name: 'Saved' }).waitFor()
      expect(saved).toEqual([`A long text & more: ${longFile}`])
    })
  },
)
