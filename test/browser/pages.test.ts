/** Every page of the gate, of the demo's site and of its identity provider, light and dark. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { removeConnection } from '../../src/connection/store.ts'
import { accessibilityFaults } from './accessibility.ts'
import { choosePerson, eventually, headingOf, signIn, useStage } from './stage.ts'

const stage = useStage()

const visits = [{ colorScheme: 'light' }, { colorScheme: 'dark' }] as const

/** Lets a page stand that would lead on by itself: the browser goes nowhere on an answer of 204. */
const halt = (page: Page, url: string | RegExp): Promise<void> =>
  page.route(url, (route) => route.fulfill({ status: 204 })).then(() => undefined)

describe('an icon', () => {
  it("is there for answers that are not pages, at each of the demo's programs", async () => {
    const { siteUrl, idpUrl, originUrl } = stage.demo
    for (const url of [siteUrl, idpUrl, originUrl]) {
      expect((await fetch(`${url}/favicon.ico`)).status).toBe(204)
    }
  })

  it('is in the page itself, so that no request for it is refused', async () => {
    const { page } = await stage.visit({ refusals: [401, 404] })
    const { siteUrl, idpUrl, originUrl } = stage.demo
    for (const url of [
      `${siteUrl}/.gatehouse/nothing`,
      `${siteUrl}/public`,
      `${idpUrl}/nothing`,
      `${idpUrl}/directory`,
      `${originUrl}/`,
    ]) {
      await page.goto(url)
      const icon = await page.locator('link[rel=icon]').getAttribute('href')
      expect(icon).toMatch(/^data:/)
      // A policy that forbids it is reported as a complaint of the page.
      await page.evaluate(`new Promise((resolve) => { const image = new Image()
        image.onload = image.onerror = resolve; image.src = ${JSON.stringify(icon)} })`)
    }
  })
})

describe.each(visits)('a page of the gate ($colorScheme)', ({ colorScheme }) => {
  const visit = async (...refusals: number[]) => (await stage.visit({ colorScheme, refusals })).page

  it.each([
    ["You don't have access to this page", '/engineering', 403],
    ["This address can't be opened", '/notes/..%2fengineering', 400],
    ['Page not found', '/.gatehouse/nothing', 404],
    ['Start again', '/.gatehouse/saml/northwind/acs', 405],
    ['Sign out?', '/.gatehouse/logout', 200],
  ])('"%s" can be read by all and used without a mouse', async (heading, path, status) => {
    const page = await visit(status)
    await signIn(page, stage.demo, 'Grace Hopper')
    const answer = await page.goto(stage.demo.siteUrl + path)
    expect(answer?.status()).toBe(status)
    expect(await headingOf(page)).toBe(heading)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('"Signing you in" too, while it lasts', async () => {
    const page = await visit()
    await halt(page, /[?&]go=1&/)
    await page.goto(`${stage.demo.siteUrl}/notes`, { waitUntil: 'commit' })
    await page.getByRole('heading', { name: 'Signing you in' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('"You are signed out" too', async () => {
    const page = await visit()
    await signIn(page, stage.demo, 'Ada Lovelace')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('"You could not be signed in" too, and another try works', async () => {
    const page = await visit(403)
    const { siteUrl } = stage.demo
    const acs = `${siteUrl}/.gatehouse/saml/northwind/acs`
    // The answer is changed on its way.
    await page.route(acs, (route) => {
      const fields = new URLSearchParams(route.request().postData() ?? '')
      const xml = Buffer.from(fields.get('SAMLResponse') ?? '', 'base64').toString()
      const changed = xml.replaceAll('ada@', 'eve@')
      fields.set('SAMLResponse', Buffer.from(changed).toString('base64'))
      return route.continue({ postData: fields.toString() })
    })
    await page.goto(`${siteUrl}/notes`)
    await choosePerson(page, 'Ada Lovelace')
    await page.getByRole('heading', { name: 'You could not be signed in' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.unroute(acs)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.waitForURL(`${siteUrl}/notes`)
  })

  it('"Site not found" too', async () => {
    const page = await visit(421)
    const url = new URL(stage.demo.siteUrl)
    url.hostname = '127.0.0.1'
    await page.goto(url.href)
    expect(await headingOf(page)).toBe('Site not found')
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

describe.each(visits)('with two connections ($colorScheme)', ({ colorScheme }) => {
  beforeAll(async () => {
    const fields = { 'display-name': 'Partner & Co', 'sso-binding': 'post' } as const
    await stage.demo.connect('partner', { ...fields, domain: ['partner.example'] })
    return () => removeConnection(stage.demo.db, 'partner')
  })

  it('the page of choices can be read by all, says what it does not know, and leads on', async () => {
    const { page } = await stage.visit({ colorScheme, refusals: [422] })
    const { siteUrl, idpUrl } = stage.demo
    await page.goto(`${siteUrl}/notes?draft=2#risks`)
    await page.getByRole('button', { name: 'Northwind ID' }).waitFor()
    expect(await headingOf(page)).toBe('Sign in')
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByLabel('Work email').fill('eve@elsewhere.example')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel('Work email').inputValue()).toBe('eve@elsewhere.example')
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByLabel('Work email').fill('ada@partner.example')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${idpUrl}/sso?**`)
    await choosePerson(page, 'Ada Lovelace')
    await page.waitForURL(`${siteUrl}/notes?draft=2#risks`)
    await expect
      .poll(() => stage.audit().findLast(({ audit }) => audit === 'login'), eventually)
      .toMatchObject({
        connection: 'partner',
      })

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await page.getByRole('button', { name: 'Continue with Partner & Co' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('the page that posts to a provider can be read by all, and works without JavaScript', async () => {
    const { page } = await stage.visit({ colorScheme, javaScript: false })
    const { siteUrl, idpUrl } = stage.demo
    await page.goto(`${siteUrl}/notes`)
    await page.getByRole('button', { name: 'Partner & Co' }).click()
    await page.getByRole('heading', { name: 'Signing you in' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${idpUrl}/sso?**`)
    await choosePerson(page, 'Zoë Ångström')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${siteUrl}/notes`)
  })
})

describe.each(visits)('a page of the demo ($colorScheme)', ({ colorScheme }) => {
  it.each(['/', '/notes', '/engineering', '/public', '/live', '/nothing'])(
    '%s of the site can be read by all and used without a mouse',
    async (path) => {
      const { page } = await stage.visit({ colorScheme, refusals: [404] })
      await signIn(page, stage.demo, 'Ada Lovelace', '/notes')
      await page.goto(stage.demo.siteUrl + path)
      expect(await accessibilityFaults(page)).toEqual([])
    },
  )

  it('those of the identity provider too', async () => {
    const { page } = await stage.visit({ colorScheme, refusals: [400, 404] })
    const { siteUrl, idpUrl } = stage.demo
    await page.goto(`${siteUrl}/notes`)
    await page.waitForURL(`${idpUrl}/sso?**`)
    expect(await accessibilityFaults(page)).toEqual([])
    await halt(page, `${siteUrl}/.gatehouse/saml/northwind/acs`)
    await choosePerson(page, 'Ada Lovelace')
    await page.getByRole('heading', { name: 'Welcome, Ada' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.goto(idpUrl)
    expect(await headingOf(page)).toBe('Your apps')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.goto(`${idpUrl}/sso?SAMLRequest=nonsense`)
    expect(await headingOf(page)).toBe('Who is asking?')
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('that of the site for who comes past the gate too', async () => {
    const { page } = await stage.visit({ colorScheme, refusals: [401] })
    const answer = await page.goto(`${stage.demo.originUrl}/`)
    expect(answer?.status()).toBe(401)
    expect(await headingOf(page)).toBe('Open this site through Gatehouse')
    expect(await accessibilityFaults(page)).toEqual([])
  })
})
