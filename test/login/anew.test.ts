/** A policy asks for another sign-in: the gate, the identity provider and its answer. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { locationOf, type Browser } from '../support/browser.ts'
import { emptyStores } from '../support/session.ts'
import {
  configOf,
  createStage,
  onwardOf,
  readRequest,
  refusals,
  SITE,
  start,
  type Asked,
  type Stage,
} from './stage.ts'

const MFA = 'https://refeds.org/profile/mfa'
const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const config = configOf({
  connections: ['okta'],
  routes: [
    { path: '/', access: 'signed-in' },
    { path: '/admin', access: { signedInWithin: '1h' } },
    { path: '/vault', access: { allOf: [{ signedInWithin: '1h' }, { authnContext: MFA }] } },
    { path: '/till', access: 'signed-in', maxSessionSeconds: 600 },
    { path: '/odd', access: { not: { authnContext: PASSWORD } } },
    { path: '/closed', access: { allOf: [{ group: 'nobody' }, { signedInWithin: '1h' }] } },
  ],
})
const at = (minutes: number) => vi.setSystemTime(start.getTime() + minutes * 60_000)

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

/** Opens a page for which the gate wants another sign-in, and follows to the identity provider. */
async function beginAnew(browser: Browser, path: string): Promise<Asked> {
  const answer = await browser.go(SITE + path)
  expect(answer.status).toBe(302)
  const toLogin = locationOf(answer)
  expect(new URL(toLogin, SITE).searchParams.get('connection')).toBe('okta')
  const link = onwardOf(await (await browser.go(SITE + toLogin)).text())
  return readRequest(locationOf(await browser.go(SITE + link)))
}
const go = async (browser: Browser, path: string) => (await browser.go(SITE + path)).status

async function signedIn(fields: Parameters<Stage['signIn']>[2] = {}) {
  const stage = await createStage(config)
  const browser = stage.browser()
  await stage.signIn(browser, '/', { authnContext: PASSWORD, ...fields })
  return { stage, browser }
}

describe('signedInWithin', () => {
  it('lets a young sign-in pass, and asks an old one anew with ForceAuthn', async () => {
    const { stage, browser } = await signedIn()
    expect(await go(browser, '/admin')).toBe(200)
    at(60)
    expect(await go(browser, '/')).toBe(200)
    const asked = await beginAnew(browser, '/admin')
    expect(asked.xml).toContain('ForceAuthn="true"')
    const back = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect([back.status, locationOf(back)]).toEqual([303, `${SITE}/admin`])
    expect(await go(browser, '/admin')).toBe(200)
  })

  it('goes by when the identity provider saw the person, not by when it sent them', async () => {
    const { browser } = await signedIn({ authnInstant: new Date(start.getTime() - 3_600_000) })
    expect(await go(browser, '/')).toBe(200)
    expect((await beginAnew(browser, '/admin')).xml).toContain('ForceAuthn="true"')
  })

  it('ends with a page, and not in a circle, if the identity provider does not ask anew', async () => {
    const { stage, browser } = await signedIn()
    at(60)
    const asked = await beginAnew(browser, '/admin')
    const answer = await stage.respond(asked, { authnInstant: start })
    const page = await stage.post(browser, answer, asked.relayState)
    expect(page.status).toBe(403)
    const text = await page.text()
    expect(text).toContain('A new sign-in is needed')
    expect(text).toContain('Sign out there, then try again')
    expect(refusals(stage)).toMatchObject([{ reason: 'authn-too-old' }])
    // The earlier session is as it was.
    expect(await go(browser, '/')).toBe(200)
  })

  it('asks for no sign-in that would not help', async () => {
    const { browser } = await signedIn()
    at(60)
    expect(await go(browser, '/closed')).toBe(403)
  })

  it('gives a script the address of the new sign-in', async () => {
    const { stage, browser } = await signedIn()
    at(60)
    const Cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    const answer = await stage.send(new Request(`${SITE}/admin`, { headers: { Cookie } }))
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({
      error: 'login-required',
      loginUrl: expect.stringContaining('&connection=okta&anew='),
      popupUrl: expect.stringContaining('&connection=okta&anew='),
    })
  })
})

describe('authnContext', () => {
  it('asks for the way that the rule names, and takes no other', async () => {
    const { stage, browser } = await signedIn()
    const asked = await beginAnew(browser, '/vault')
    expect(asked.xml).toContain('ForceAuthn="true"')
    expect(asked.xml).toContain(`>${MFA}</`)
    const other = await stage.respond(asked, { authnContext: PASSWORD })
    const page = await stage.post(browser, other, asked.relayState)
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('Another way to sign in is needed')
    expect(refusals(stage)).toMatchObject([{ reason: 'authn-context' }])

    const again = await beginAnew(browser, '/vault')
    const right = await stage.respond(again, { authnContext: MFA })
    expect((await stage.post(browser, right, again.relayState)).status).toBe(303)
    expect(await go(browser, '/vault')).toBe(200)
  })

  it('stops with a page after three sign-ins that were not enough', async () => {
    const { stage, browser } = await signedIn()
    for (let i = 0; i < 2; i++) {
      const asked = await beginAnew(browser, '/odd')
      const answer = await stage.respond(asked, { authnContext: PASSWORD })
      expect((await stage.post(browser, answer, asked.relayState)).status).toBe(303)
    }
    const toLogin = locationOf(await browser.go(`${SITE}/odd`))
    const link = onwardOf(await (await browser.go(SITE + toLogin)).text())
    const page = await browser.go(SITE + link)
    expect(page.status).toBe(429)
    expect(await page.text()).toContain('Signing in again did not help')
    expect(refusals(stage)).toMatchObject([{ reason: 'anew-in-vain' }])
    // Other pages are as open as before.
    expect(await go(browser, '/')).toBe(200)
  })
})

describe('maxSessionSeconds of a route', () => {
  it('asks anew when the session is as old, and only there', async () => {
    const { stage, browser } = await signedIn({
      authnInstant: new Date(start.getTime() - 86_400_000),
    })
    expect(await go(browser, '/till')).toBe(200)
    at(10)
    expect(await go(browser, '/')).toBe(200)
    const asked = await beginAnew(browser, '/till')
    await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(await go(browser, '/till')).toBe(200)
  })
})

describe('a link of another site', () => {
  it('may ask for a new sign-in, and weakens nothing', async () => {
    const { stage, browser } = await signedIn()
    const junk = encodeURIComponent(`"><x ${'y'.repeat(400)} ${PASSWORD}`)
    const link = `${SITE}/.gatehouse/login?go=1&to=%2F&connection=okta&anew=${junk}`
    const asked = await readRequest(locationOf(await browser.go(link)))
    expect(asked.xml).toContain('ForceAuthn="true"')
    expect(asked.xml).toContain(`>${PASSWORD}</`)
    expect(asked.xml).not.toContain('<x')
    expect(asked.xml).not.toContain('yyyy')
    const old = await stage.respond(asked, { authnInstant: new Date(start.getTime() - 7_200_000) })
    expect((await stage.post(browser, old, asked.relayState)).status).toBe(403)
  })
})
