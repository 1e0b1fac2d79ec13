import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { tryKeys } from '../../src/login/store.ts'
import { addNextGeneration } from '../../src/sp/store.ts'
import { connectionOf, usualSettings } from '../../tools/signing/connection.ts'
import { watched } from '../support/binding.ts'
import { locationOf } from '../support/browser.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { background } from '../support/background.ts'
import { emptyStores, everyRow } from '../support/session.ts'
import {
  configOf,
  createStage,
  onwardOf,
  readRequest,
  refusals,
  SITE,
  start,
  stepsOf,
} from './stage.ts'

const ACS = `${SITE}/.gatehouse/saml/okta/acs`
const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('a login', () => {
  it('leads from a protected page to the IdP and back to the very page, with an identity', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const back = await stage.signIn(browser, '/wiki/a%20b?x=1&y=%2F', {
      attributes: { groups: ['staff', 'engineering'] },
    })
    expect(back.status).toBe(303)
    expect(locationOf(back)).toBe(`${SITE}/wiki/a%20b?x=1&y=%2F`)
    const page = await browser.go(locationOf(back))
    expect(await page.text()).toBe('the page behind')
    const [seen] = stage.origin
    expect(seen?.headers.get('X-Forwarded-Email')).toBe('zoe@example.test')
    expect(seen?.headers.get('X-Forwarded-Groups')).toBe('staff,engineering')
    expect(seen?.headers.get('Cookie')).toBeNull()
    expect(stage.audit().map(({ audit }) => audit)).toEqual(['login'])
  })

  it('sets cookies that no other site, script or plain connection gets hold of', async () => {
    const stage = await createStage()
    const back = await stage.signIn(stage.browser())
    const [planted = '', session = '', pending = ''] = back.headers.getSetCookie()
    expect(planted).toMatch(/^__Host-gatehouse=; Path=\/; Max-Age=0; .*; Partitioned$/)
    expect(session).toMatch(
      /^__Host-gatehouse=[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(pending).toMatch(
      /^__Host-gatehouse-login-[0-9a-f-]{36}=[\w-]+; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=None$/,
    )
  })

  it('asks the IdP for what the connection says', async () => {
    const stage = await createStage(configOf(), {
      settings: {
        ...connectionOf(await createTestIdp()).settings,
        nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        forceAuthn: true,
        authnContext: { comparison: 'minimum', classRefs: ['urn:a', 'urn:b & <c>'] },
      },
    })
    const { xml } = await stage.begin(stage.browser(), '/')
    expect(xml).toContain('Destination="https://idp.example.test/sso"')
    expect(xml).toContain('ForceAuthn="true"')
    expect(xml).toContain(`AssertionConsumerServiceURL="${ACS}"`)
    expect(xml).toContain(
      '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"/>',
    )
    expect(xml).toContain(
      '<samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>urn:a</saml:AuthnContextClassRef><saml:AuthnContextClassRef>urn:b &amp; &lt;c&gt;</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>',
    )
  })

  it('lets in who signed in anew, and nobody by an older sign-in, where the connection wants that', async () => {
    const settings = connectionOf(await createTestIdp()).settings
    const stage = await createStage(configOf(), { settings: { ...settings, forceAuthn: true } })
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    at(50)
    const fresh = await stage.respond(asked)
    expect((await stage.post(browser, fresh, asked.relayState)).status).toBe(303)

    const other = stage.browser()
    const again = await stage.begin(other, '/')
    at(-100)
    const stale = await stage.respond(again, { now: new Date() })
    at(50)
    expect((await stage.post(other, stale, again.relayState)).status).toBe(403)
    expect(refusals(stage).map(({ reason }) => reason)).toEqual(['authn-too-old'])
  })

  it('has the IdP ask who it is after a sign-out', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser)
    const page = await (await browser.submit(`${SITE}/.gatehouse/logout`, {})).text()
    const [again] = stepsOf(page)
    expect(again?.label).toBe('Sign in again')
    const onward = await browser.submit(SITE + again?.action, again?.fields ?? {})
    const asked = await readRequest(onwardOf(await onward.text()))
    expect(asked.xml).toContain('ForceAuthn="true"')
    expect((await stage.begin(browser, '/')).xml).not.toContain('ForceAuthn')
  })

  it('keeps the query that the IdP has in its own address', async () => {
    const stage = await createStage(configOf(), { ssoUrl: 'https://idp.example.test/sso?app=7' })
    const browser = stage.browser()
    const location = locationOf(await browser.go(`${SITE}/.gatehouse/login?go=1&to=%2F`))
    expect(location).toMatch(
      /^https:\/\/idp\.example\.test\/sso\?app=7&SAMLRequest=[^&]+&RelayState=gh-[\w-]+$/,
    )
  })

  it('goes to an IdP of the POST binding by a form that works without script', async () => {
    const stage = await createStage(configOf(), { ssoBinding: 'post' })
    const page = await stage.browser().go(`${SITE}/.gatehouse/login?go=1&to=%2F`)
    const text = await page.text()
    expect(text).toContain('<form method="post" action="https://idp.example.test/sso"')
    expect(text).toMatch(/name="SAMLRequest" value="[\w+/=]+"/)
    expect(text).toMatch(/name="RelayState" value="gh-[\w-]+"/)
    expect(text).toContain('<button>')
    expect(page.headers.get('Content-Security-Policy')).toContain(
      'form-action https://idp.example.test https:;',
    )
  })

  it('posts nothing to our own host, where the form would sign out whoever is there', async () => {
    const ssoUrl = `${SITE}/.gatehouse/logout`
    const stage = await createStage(configOf(), { ssoBinding: 'post', ssoUrl })
    const location = locationOf(await stage.browser().go(`${SITE}/.gatehouse/login?go=1&to=%2F`))
    expect(location).toMatch(`${ssoUrl}?SAMLRequest=`)
  })

  it('passes through pages and answers of ours that are stored by nobody and framed by nobody', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const ours = [
      await browser.go(`${SITE}/`),
      await browser.go(`${SITE}/.gatehouse/login?to=%2F`),
      await browser.go(`${SITE}/.gatehouse/login?go=1&to=%2F`),
      await stage.post(browser, 'x', 'gh-00000000-0000-4000-8000-000000000000'),
      await browser.go(`${SITE}/.gatehouse/back?lost=okta`),
      await browser.go(`${SITE}/.gatehouse/back`),
      await browser.go(`${SITE}/.gatehouse/logout`),
      await browser.go(`${SITE}/.gatehouse/nothing`),
      await browser.go(`${SITE}/.gatehouse/saml/okta/metadata`),
      await stage.signIn(browser),
    ]
    for (const answer of ours) {
      expect(answer.headers.get('Cache-Control'), String(answer.status)).toBe('no-store')
      expect(answer.headers.get('X-Frame-Options')).toBe('DENY')
      expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(answer.headers.get('Strict-Transport-Security')).toBe('max-age=31536000')
      if (!answer.headers.get('Content-Type')?.startsWith('text/html')) continue
      const policy = answer.headers.get('Content-Security-Policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-')
    }
    expect(ours.map(({ status }) => status)).toEqual([
      302, 200, 302, 303, 400, 200, 200, 404, 200, 303,
    ])
  })

  it('works in two tabs at once, in either order', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const first = await stage.begin(browser, '/one')
    const second = await stage.begin(browser, '/two')
    const back2 = await stage.post(browser, await stage.respond(second), second.relayState)
    expect(locationOf(back2)).toBe(`${SITE}/two`)
    const back1 = await stage.post(browser, await stage.respond(first), first.relayState)
    expect(locationOf(back1)).toBe(`${SITE}/one`)
    expect(refusals(stage)).toEqual([])
  })

  it('stores nothing for who does not come back', async () => {
    const kv = watched(env.SESSIONS)
    const stage = await createStage()
    const browser = stage.browser({ SESSIONS: kv.binding })
    const before = await everyRow()
    for (const path of ['/', '/public', '/engineers', '/nowhere']) await browser.go(SITE + path)
    await browser.go(`${SITE}/.gatehouse/login?to=%2F`)
    await stage.begin(browser, '/')
    expect(kv.calls).toEqual([])
    expect(await everyRow()).toBe(before)
  })

  it('ends at the same time as the session at the IdP, when that is sooner', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const sessionNotOnOrAfter = new Date(start.getTime() + 600_000)
    await stage.signIn(browser, '/', { sessionNotOnOrAfter })
    at(599)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    at(600)
    expect((await browser.go(`${SITE}/`)).status).toBe(302)
  })

  it('is refused, not repeated for ever, when the session at the IdP is over', async () => {
    const stage = await createStage()
    const sessionNotOnOrAfter = new Date(start.getTime() - 5_000)
    const back = await stage.signIn(stage.browser(), '/', { sessionNotOnOrAfter })
    expect(back.status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'session-over' }])
    expect(await env.DB.prepare('SELECT count(*) AS n FROM users').first('n')).toBe(0)
  })
})

describe('what is posted', () => {
  it.each([
    ['a field twice', 'SAMLResponse=a&SAMLResponse=b', 'field-twice'],
    ['nothing', '', 'no-response'],
    ['a request', 'SAMLRequest=a', 'not-a-response'],
    ['too much', `SAMLResponse=${'a'.repeat(600_000)}`, 'too-large'],
    ['very many fields', `SAMLResponse=a${'&a'.repeat(200_000)}`, 'too-many-fields'],
  ])('is refused when it is %s', async (_, body, reason) => {
    const stage = await createStage()
    const worker = createGatehouse(configOf())
    const request = new Request(ACS, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
    })
    const ORIGIN = { fetch: () => Promise.reject(new Error('not for the origin')) }
    const answer = await worker.fetch(request, { ...env, ORIGIN }, background)
    expect(answer.status).toBe(403)
    expect(refusals(stage).at(-1)).toMatchObject({ reason })
  })

  it('is refused when the browser goes away in the middle of it, and is no fault of ours', async () => {
    const stage = await createStage()
    const faults = vi.spyOn(console, 'error')
    const worker = createGatehouse(configOf())
    const ORIGIN = { fetch: () => Promise.reject(new Error('not for the origin')) }
    for (const [path, status] of [
      [ACS, 403],
      [`${SITE}/.gatehouse/login`, 200],
    ] as const) {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error('Network connection lost.')),
      })
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const request = new Request(path, { method: 'POST', headers, body })
      const answer = await worker.fetch(request, { ...env, ORIGIN }, background)
      expect([path, answer.status]).toEqual([path, status])
    }
    expect(refusals(stage)).toMatchObject([{ reason: 'cut-off' }])
    expect(faults).not.toHaveBeenCalled()
    faults.mockRestore()
  })

  it('tells a refused person what the IdP said, in our words only', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" IssueInstant="2026-11-24T12:00:00Z" Destination="${ACS}" InResponseTo="${asked.id}"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:RequestDenied"/></samlp:StatusCode><samlp:StatusMessage>Call 555-EVIL</samlp:StatusMessage></samlp:Status></samlp:Response>`
    const answer = await stage.post(browser, btoa(xml), asked.relayState)
    const text = await answer.text()
    expect(text).toContain('It does not allow your account to use this site.')
    expect(text).not.toContain('EVIL')
    expect(refusals(stage)).toMatchObject([
      { reason: 'status', facts: { message: 'Call 555-EVIL' } },
    ])
  })

  it('tells why an answer does not hold to the log, and only its number to the person', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const answer = await stage.signIn(browser, '/', { spEntityId: 'https://another.example' })
    const text = await answer.text()
    const [refusal] = refusals(stage)
    expect(refusal).toMatchObject({
      reason: 'audience',
      facts: { found: ['https://another.example'] },
    })
    expect(text).toContain(String(refusal?.['requestId']))
    expect(text).not.toMatch(/audience|another\.example/i)
  })
})

it('cron removes what has expired, and makes the keys that are due', async () => {
  for (const table of ['signing_keys', 'sp_keys', 'sp_generations', 'key_tries']) {
    await env.DB.exec(`DELETE FROM ${table}`)
  }
  const stage = await createStage(configOf(), {
    settings: { ...usualSettings, signRequests: 'rsa-sha256' },
  })
  const browser = stage.browser()
  await stage.signIn(browser)
  await browser.go(`${SITE}/`)
  const now = toInstant(start.getTime())
  await tryKeys(env.DB, ['a'.repeat(64)], now)
  await addNextGeneration(env.DB, now)
  await env.DB.prepare("INSERT INTO scim_removals VALUES ('okta', ?1, 'user')").bind(now).run()

  const counts = async () => {
    const tables = ['sessions', 'taken', 'key_tries', 'scim_removals', 'signing_keys', 'sp_keys']
    const rows = await env.DB.batch<{ n: number }>(
      tables.map((table) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`)),
    )
    return rows.map(({ results }) => results[0]?.n)
  }
  expect(await counts()).toEqual([1, 2, 1, 1, 1, 1])
  at(3599)
  await stage.cron()
  // The assertion is too old by now; its request, the session and the others are not. Both generations
  // have a key that signs and one that the identity provider encrypts for.
  expect(await counts()).toEqual([1, 1, 1, 1, 1, 4])
  at(3600)
  await stage.cron()
  expect(await counts()).toEqual([1, 0, 1, 0, 1, 4])
  at(29 * 86_400)
  await stage.cron()
  expect(await counts()).toEqual([0, 0, 0, 0, 2, 4])
})
