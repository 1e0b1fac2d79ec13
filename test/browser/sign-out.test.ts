/** What a real browser still shows of a site after sign-out. */
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { createStage, type Stage } from '../../tools/stage/stage.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { launchChromium } from './chromium.ts'

let stage: Stage
let browser: Browser
/** How often the site was asked for the report. */
let asked = 0
beforeAll(async () => {
  stage = await createStage()
  // Not by interception, which switches the browser's cache off.
  const ssoUrl = 'http://app.localhost/public/idp'
  await saveConnection(stage.db, connectionOf(stage.idp, { ssoUrl }), toInstant(Date.now()))
  stage.origin.at('/public/idp', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Who are you?</h1>')
  })
  browser = await launchChromium([
    `--host-resolver-rules=MAP *.localhost:80 127.0.0.1:${stage.ports[0]}`,
  ])
  stage.origin.at('/report', (_, response) => {
    asked++
    response.writeHead(200, {
      'Content-Type': 'text/html',
      'Cache-Control': 'private, max-age=600',
    })
    response.end(`<h1>The secret report</h1>
      <form method="post" action="/.gatehouse/logout"><button>Sign out</button></form>`)
  })
})
afterAll(async () => {
  await browser.close()
  await stage.stop()
})

async function enter(host: string): Promise<BrowserContext> {
  const context = await browser.newContext()
  const { cookie } = await signIn(stage, '/', {}, host)
  const value = cookie.slice(cookie.indexOf('=') + 1)
  const own = { name: '__Host-gatehouse', value, secure: true, httpOnly: true }
  await context.addCookies([{ ...own, domain: host, path: '/', sameSite: 'Lax' }])
  return context
}

describe('after sign-out', () => {
  // `Vary: Cookie` alone keeps Chromium from showing a protected page. A public answer has no such header.
  it('the browser has dropped what it kept of the site', async () => {
    let given = 0
    stage.origin.at('/public/kept', (_, response) => {
      given++
      response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'max-age=600' })
      response.end('<h1>Kept</h1>')
    })
    const context = await enter('app.localhost')
    const visit = async () => {
      const tab = await context.newPage()
      await tab.goto('http://app.localhost/public/kept')
      await tab.getByRole('heading', { name: 'Kept' }).waitFor()
      await tab.close()
    }
    await visit()
    await visit()
    expect(given).toBe(1)
    const page = await context.newPage()
    await page.goto('http://app.localhost/report')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await visit()
    expect(given).toBe(2)
    await context.close()
  })

  it('neither Back nor a new tab shows a page that the site let the browser keep', async () => {
    const context = await enter('app.localhost')
    const page = await context.newPage()
    const report = 'http://app.localhost/report'
    await page.goto(report)
    // It does keep it, or this would test nothing.
    await page.goto('http://app.localhost/public')
    const before = asked
    const tab = await context.newPage()
    await tab.goto(report)
    expect(asked).toBe(before)
    await page.goBack()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()

    await page.goBack()
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
    const fresh = await context.newPage()
    await fresh.goto(report)
    await fresh.getByRole('heading', { name: 'Who are you?' }).waitFor()
    await context.close()
  })

  it('what the site stored is left, unless it says that sign-out clears it', async () => {
    for (const [host, left] of [
      ['app.localhost', 'mine'],
      ['app.corp.localhost', null],
    ] as const) {
      const context = await enter(host)
      const page = await context.newPage()
      await page.goto(`http://${host}/report`)
      await page.evaluate("localStorage.setItem('draft', 'mine')")
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
      expect(await page.evaluate("localStorage.getItem('draft')"), host).toBe(left)
      await context.close()
    }
  })
})
