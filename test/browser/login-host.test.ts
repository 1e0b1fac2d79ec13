/** The end of a session at a site whose people sign in at another host. */
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listen, type Server } from '../../demo/server.ts'
import { choosePerson, eventually, forgetPerson, useStage } from './stage.ts'

const html = { 'Content-Type': 'text/html' }
const draft = `<!doctype html><html lang="en"><title>Draft</title><link rel="icon" href="data:,">
<h1>Draft</h1><form method="post"><label>Text <textarea name="text"></textarea></label>
<button>Save</button></form>`
const saved: string[] = []
async function origin(request: Request): Promise<Response> {
  if (request.method === 'GET') return new Response(draft, { headers: html })
  saved.push(await request.text())
  return new Response(draft.replace('<h1>Draft', '<h1>Saved'), { headers: html })
}
const server: Server = await listen(0, () => origin)
const stage = useStage({ origin: server.url, revocationSeconds: 1, loginHost: 'apart' })
beforeAll(() => () => server.stop())
beforeEach(() => void saved.splice(0))

async function openDraft(): Promise<{ page: Page; context: BrowserContext; hosts: Set<string> }> {
  // An answer that is on its way when the session ends is cut off.
  const complaint = /ERR_INCOMPLETE_CHUNKED_ENCODING/
  const { page, context } = await stage.visit({ refusals: [401, 403], complaint })
  const url = `${stage.demo.siteUrl}/draft`
  await page.goto(url)
  await choosePerson(page, 'Ada Lovelace')
  await page.waitForURL(url)
  const hosts = new Set<string>()
  context.on('request', (request) => {
    if (request.isNavigationRequest()) hosts.add(new URL(request.url()).hostname)
  })
  return { page, context, hosts }
}

/** At every host, so that the identity provider is asked again. */
async function endSignIn(page: Page): Promise<void> {
  await stage.demo.db.prepare('UPDATE sign_ins SET ended_at = ?1').bind(Date.now()).run()
  const ask = `fetch('/draft', { redirect: 'manual' }).then(({ status }) => status)`
  await expect.poll(() => page.evaluate(ask), eventually).toBe(401)
}

describe('a single-page app', () => {
  const load = `import('/.gatehouse/client.js').then(async (client) => {
    window.client = client
    await client.fetch('/draft')
  })`
  const post = `client.fetch('/draft', { method: 'POST', body: 'typed' }).then(({ status }) => status)`

  it('signs in again in a window that passes the other host, and saves', async () => {
    const { page, hosts } = await openDraft()
    await page.evaluate(load)
    await endSignIn(page)
    // Playwright gives every page the focus; the person is in the other window.
    await page.evaluate('document.hasFocus = () => false')
    const opening = page.waitForEvent('popup')
    const sent = page.evaluate(post)
    const popup = await opening
    expect(await sent).toBe(200)
    await expect.poll(() => popup.isClosed(), eventually).toBe(true)
    expect(saved).toEqual(['typed'])
    expect([...hosts]).toEqual(['localhost', '127.0.0.1'])
  })

  it('sends nothing for another person who signs in there', async () => {
    const { page, context } = await openDraft()
    await page.evaluate(load)
    await endSignIn(page)
    const tab = await context.newPage()
    await forgetPerson(tab, stage.demo)
    // Playwright gives every page the focus; the person is in the other window.
    await page.evaluate('document.hasFocus = () => false')
    const opening = context.waitForEvent('page')
    const sent = page.evaluate(post)
    await choosePerson(await opening, 'Grace Hopper')
    expect(await sent).toBe(403)
    expect(saved).toEqual([])
  })
})

describe('a form', () => {
  it('is kept while the tab is at the other host, and sent', async () => {
    const { page, hosts } = await openDraft()
    await page.getByLabel('Text').fill('typed')
    await endSignIn(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Send this form?' }).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('heading', { name: 'Saved' }).waitFor()
    expect(saved).toEqual(['text=typed'])
    expect([...hosts]).toEqual(['localhost', '127.0.0.1'])
  })
})
