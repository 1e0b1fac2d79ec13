/** A person who has given an email address is not asked for it again at the IdP. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { locationOf } from '../support/browser.ts'
import { connectionOf, usualSettings } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, onwardOf, readRequest, SITE, stepsOf } from './stage.ts'

const LOGIN = `${SITE}/.gatehouse/login`
const entra = 'https://login.microsoftonline.com/7f0e5a0c/saml2'
const email = 'zoë+x@example.test'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

async function two(first: Partial<Connection> = {}) {
  const stage = await createStage(configOf(), { domains: ['example.test'], ...first })
  const partner = await createTestIdp({ entityId: 'https://partner.example.test' })
  const fields = { id: 'partner', displayName: 'Partner' }
  await saveConnection(env.DB, connectionOf(partner, fields), toInstant(Date.now()))
  return stage
}

async function onwardWith(fields: Readonly<Record<string, string>>, first: Partial<Connection>) {
  const stage = await two(first)
  const page = await stage.browser().submit(LOGIN, { to: '/', ...fields })
  return onwardOf(await page.text())
}

describe('an address that was typed', () => {
  it('is in the parameter that the IdP documents, beside its own query, and in no request', async () => {
    const onward = await onwardWith({ email: ` ${email} ` }, { ssoUrl: `${entra}?x=a%20b` })
    expect(onward.startsWith(`${entra}?x=a%20b&login_hint=zo%C3%AB%2Bx%40example.test&SAML`)).toBe(
      true,
    )
    expect((await readRequest(onward)).xml).not.toContain('Subject')
    expect((await readRequest(onward)).xml).toContain(`Destination="${entra}?x=a%20b"`)
  })

  it('is the Subject where the connection says so, and in no parameter', async () => {
    const settings = { ...usualSettings, loginHint: 'subject' }
    const onward = await onwardWith({ email }, { settings })
    expect((await readRequest(onward)).xml).toContain(
      `<saml:Subject><saml:NameID>${email}</saml:NameID></saml:Subject>`,
    )
    expect(onward).not.toContain('example.test%40')
    expect(new URL(onward).searchParams.size).toBe(2)
  })

  it('goes to no IdP that is not known to take it', async () => {
    const onward = await onwardWith({ email }, {})
    expect(new URL(onward).searchParams.size).toBe(2)
    expect((await readRequest(onward)).xml).not.toContain('Subject')
  })

  it('takes the place of none that stands in the SSO URL', async () => {
    const ssoUrl = `${entra}?login_hint=fixed`
    const onward = await onwardWith({ email }, { ssoUrl })
    expect(new URL(onward).searchParams.getAll('login_hint')).toEqual(['fixed'])
  })

  it('is in the form of an IdP of the POST binding', async () => {
    const stage = await two({ ssoUrl: entra, ssoBinding: 'post' })
    const page = await stage.browser().submit(LOGIN, { to: '/', email: 'ada@example.test' })
    expect(await page.text()).toContain(`action="${entra}?login_hint=ada%40example.test"`)
  })

  it.each(['ada@example.test\u0001', 'a b@example.test', `${'a'.repeat(320)}@example.test`, 'ada'])(
    'is handed on only if it is an address: %j',
    async (wrong) => {
      const onward = await onwardWith({ email: wrong, connection: 'okta' }, { ssoUrl: entra })
      expect(new URL(onward).searchParams.get('login_hint')).toBeNull()
    },
  )

  it('may come from an application, through the page that takes the fragment along', async () => {
    const stage = await two({ ssoUrl: entra })
    const browser = stage.browser()
    const page = await browser.go(`${LOGIN}?to=%2Fa&login_hint=ada%40example.test`)
    const location = locationOf(await browser.go(SITE + onwardOf(await page.text())))
    expect(new URL(location).searchParams.get('login_hint')).toBe('ada@example.test')
  })
})

describe('the connection by which a browser last signed in', () => {
  it('is offered first, also after a sign-out, and to nobody else', async () => {
    const stage = await two()
    const browser = stage.browser()
    const toIdp = await browser.go(`${LOGIN}?go=1&connection=okta&to=%2F`)
    const asked = await readRequest(locationOf(toIdp))
    await stage.post(browser, await stage.respond(asked), asked.relayState)
    await browser.submit(`${SITE}/.gatehouse/logout`, {})
    const choice = stepsOf(await (await browser.go(`${LOGIN}?go=1&to=%2Fa`)).text())
    expect(choice.map(({ label }) => label)).toEqual(['Continue with Okta', 'Continue', 'Partner'])
    expect(choice[0]?.fields).toEqual({ to: '/a', connection: 'okta' })
    const other = stepsOf(await (await stage.browser().go(`${LOGIN}?go=1&to=%2Fa`)).text())
    expect(other.map(({ label }) => label)).toEqual(['Continue', 'Okta', 'Partner'])
  })

  it('is remembered for what it is: an id, the same for all, that opens nothing', async () => {
    const stage = await two()
    const cookies = []
    for (const nameId of ['ada@example.test', 'grace@example.test']) {
      const browser = stage.browser()
      const toIdp = await browser.go(`${LOGIN}?go=1&connection=okta&to=%2F`)
      const asked = await readRequest(locationOf(toIdp))
      const answer = await stage.post(
        browser,
        await stage.respond(asked, { nameId }),
        asked.relayState,
      )
      cookies.push(answer.headers.getSetCookie().find((cookie) => cookie.includes('-connection=')))
    }
    expect(cookies).toEqual([cookies[0], cookies[0]])
    expect(cookies[0]).toBe(
      '__Host-gatehouse-connection=okta; Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it.each(['nobody', '"><b>', 'partner2'])('is none where it is not offered: %s', async (id) => {
    const stage = await two()
    const headers = { Cookie: `__Host-gatehouse-connection=${id}` }
    const page = await stage.send(new Request(`${LOGIN}?go=1&to=%2Fa`, { headers }))
    expect(stepsOf(await page.text()).map(({ label }) => label)).toEqual([
      'Continue',
      'Okta',
      'Partner',
    ])
  })

  it('is not remembered of a sign-in that was refused', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const browser = stage.browser()
    expect((await stage.signIn(browser)).status).toBe(403)
    expect([...browser.cookies.keys()].join()).not.toContain('-connection')
  })
})
