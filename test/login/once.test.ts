import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { locationOf } from '../support/browser.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp, signedResponse } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { createStage, readRequest, refusals, SITE, start } from './stage.ts'

const ACS = `${SITE}/.gatehouse/saml/okta/acs`
const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)
const now = () => toInstant(Date.now())

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('an answer counts once', () => {
  it('of two that arrive at the same moment one is let in', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const posted = await stage.respond(asked)
    const copies = [stage.browser({}), stage.browser({}), stage.browser({})]
    for (const copy of copies)
      browser.cookies.forEach((cookie, name) => copy.cookies.set(name, cookie))
    const answers = await Promise.all(
      copies.map((copy) => stage.post(copy, posted, asked.relayState)),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400, 400])
    expect(refusals(stage).map(({ reason }) => reason)).toEqual(['replayed', 'replayed'])
  })

  it('another assertion for a request already answered is refused', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const copy = stage.browser()
    browser.cookies.forEach((cookie, name) => copy.cookies.set(name, cookie))
    await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect((await stage.post(copy, await stage.respond(asked), asked.relayState)).status).toBe(400)
    expect(refusals(stage)).toMatchObject([{ reason: 'replayed' }])
  })

  it('a forgery uses nothing up: the real answer still counts', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const attacker = await createTestIdp({ entityId: stage.idp.entityId })
    const forged = await signedResponse(attacker, {
      spEntityId: `${SITE}/.gatehouse/saml/okta/metadata`,
      acsUrl: ACS,
      inResponseTo: asked.id,
      now: new Date(),
      nameId: 'boss@example.test',
    })
    expect((await stage.post(browser, forged, asked.relayState)).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'signature-mismatch' }])
    const real = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(real.status).toBe(303)
  })

  it('the back button, after sign-in, leads on to the page', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/deep?q=1')
    const posted = await stage.respond(asked)
    await stage.post(browser, posted, asked.relayState)
    const again = await stage.post(browser, posted, asked.relayState)
    expect([again.status, locationOf(again)]).toEqual([303, `${SITE}/deep?q=1`])
    expect(again.headers.getSetCookie()).toEqual([])
    expect(refusals(stage)).toEqual([])
  })

  it('what was used up is forgotten by cron only when it would be too old anyway', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser())
    const kinds = async () =>
      (await env.DB.prepare('SELECT kind FROM taken ORDER BY kind').all()).results.map(
        (row) => row['kind'],
      )
    at(359)
    await stage.cron()
    expect(await kinds()).toEqual(['assertion', 'request'])
    at(362)
    await stage.cron()
    expect(await kinds()).toEqual(['request'])
    at(3600)
    await stage.cron()
    expect(await kinds()).toEqual([])
  })
})

describe('what a browser did not ask for', () => {
  it('signs nobody in who is led to post somebody else’s answer (login CSRF)', async () => {
    const stage = await createStage()
    const attacker = stage.browser()
    const asked = await stage.begin(attacker, '/')
    const victim = stage.browser()
    const lost = await stage.post(victim, await stage.respond(asked), asked.relayState)
    expect(victim.cookies.size).toBe(0)
    const answer = await victim.go(SITE + locationOf(lost))
    expect(answer.status).toBe(400)
    expect(victim.cookies.has('__Host-gatehouse')).toBe(false)
    expect(refusals(stage)).toMatchObject([{ reason: 'unknown-login' }])
  })

  it('an unsolicited response starts a login that ends where its tile pointed', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const unsolicited = await stage.respond({ id: '' }, { inResponseTo: null })
    const first = await stage.post(browser, unsolicited, `${SITE}/reports?y=2026`)
    expect(first.status).toBe(303)
    expect(browser.cookies.size).toBe(0)
    const asked = await readRequest(locationOf(await browser.go(SITE + locationOf(first))))
    expect(asked.relayState).toMatch(/^gh-/)
    expect(browser.cookies.has('__Host-gatehouse')).toBe(false)
    const back = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(locationOf(back)).toBe(`${SITE}/reports?y=2026`)
  })

  it('an IdP that loses our RelayState does not send the browser round for ever', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = [await stage.begin(browser, '/reports')]
    const answers: Response[] = []
    for (const { id } of asked) {
      const answer = await stage.post(browser, await stage.respond({ id }), null)
      answers.push(answer)
      if (answer.status !== 303 || answers.length > 9) break
      asked.push(await readRequest(locationOf(await browser.go(SITE + locationOf(answer)))))
    }
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 403])
    expect(refusals(stage)).toMatchObject([{ reason: 'relay-state-lost' }])
    // After the time has passed, the count begins anew.
    at(61)
    const later = await stage.post(browser, await stage.respond({ id: '_x' }), null)
    expect(later.status).toBe(303)
  })

  it('nor does it where the browser keeps no cookies to count by', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const { id } = await stage.begin(browser, '/reports')
    browser.cookies.clear()
    const answer = await stage.post(browser, await stage.respond({ id }), null)
    expect([answer.status, answer.headers.has('Location')]).toEqual([403, false])
    expect(refusals(stage)).toMatchObject([{ reason: 'relay-state-lost' }])
    // A click on a tile of the IdP sends a response to no request.
    const tile = await stage.respond({ id: '' }, { inResponseTo: null })
    expect((await stage.post(browser, tile, null)).status).toBe(303)
  })

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'javascript:alert(1)',
    '/.gatehouse/logout',
    'x'.repeat(5000),
  ])('an unsolicited response leads nowhere but to the site itself: %s', async (relayState) => {
    const stage = await createStage()
    const response = await stage.post(stage.browser(), 'anything', relayState)
    expect(response.status).toBe(303)
    expect(locationOf(response)).toBe('/.gatehouse/login?connection=okta&go=1&to=%2F')
  })

  it('a browser that keeps no cookies gets a page, not a loop', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    browser.cookies.clear()
    const lost = await stage.post(browser, await stage.respond(asked), asked.relayState)
    const answer = await browser.go(SITE + locationOf(lost))
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('allow cookies for this site')
  })

  it('an answer after an hour is to no open login', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    at(3600)
    const lost = await stage.post(browser, await stage.respond(asked), asked.relayState)
    const answer = await browser.go(SITE + locationOf(lost))
    expect(answer.status).toBe(400)
    expect(refusals(stage)).toMatchObject([{ reason: 'unknown-login' }])
  })

  it('a response of one connection does not answer the request to another', async () => {
    const stage = await createStage()
    const other = await createTestIdp({ entityId: 'https://other.example.test' })
    await saveConnection(env.DB, connectionOf(other, { id: 'other', displayName: 'Other' }), now())
    const browser = stage.browser()
    const toIdp = await browser.go(`${SITE}/.gatehouse/login?go=1&connection=okta&to=%2F`)
    const relayState = new URL(locationOf(toIdp)).searchParams.get('RelayState') ?? ''
    const response = await browser.submitFromElsewhere(`${SITE}/.gatehouse/saml/other/acs`, {
      SAMLResponse: await stage.respond({ id: 'x' }),
      RelayState: relayState,
    })
    expect(response.status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'other-connection', connection: 'other' }])
  })
})
