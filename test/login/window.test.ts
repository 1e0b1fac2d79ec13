/** A sign-in in a separate window, and a sign-in that a service worker cannot answer. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, onwardOf, readRequest, SITE, stepsOf } from './stage.ts'

const LOGIN = `${SITE}/.gatehouse/login`
const SIGNED_IN = '/.gatehouse/signed-in'
const popupUrl = `${LOGIN}?to=${encodeURIComponent(SIGNED_IN)}`
const OPENER = 'Cross-Origin-Opener-Policy'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('a sign-in that begins with a form', () => {
  it('asks for no page of the site by GET on its way, and ends where its address says', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const page = await browser.submit(`${LOGIN}?to=%2Fboard%3Ftab%3D2`, {})
    expect(page.status).toBe(200)
    const onward = onwardOf(await page.text())
    expect(new URL(onward).host).toBe('idp.example.test')
    const asked = await readRequest(onward)
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.headers.get('Location')).toBe(`${SITE}/board?tab=2`)
  })

  it('offers a choice by forms only', async () => {
    const stage = await createStage()
    const partner = await createTestIdp({ entityId: 'https://partner.example.test' })
    await saveConnection(env.DB, connectionOf(partner, { id: 'partner' }), toInstant(Date.now()))
    const page = await (await stage.browser().submit(`${LOGIN}?to=%2Fboard`, {})).text()
    expect(page).not.toMatch(/<a /)
    expect(stepsOf(page).map(({ fields }) => fields)).toEqual([
      { to: '/board', connection: 'okta' },
      { to: '/board', connection: 'partner' },
    ])
  })
})

describe('a sign-in in a window of its own', () => {
  it('ends on a page that says so and closes itself, without a redirect', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const onward = onwardOf(await (await browser.submit(popupUrl, {})).text())
    const asked = await readRequest(onward)
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.status).toBe(200)
    expect([...browser.cookies.keys()]).toContain('__Host-gatehouse')
    expect(answer.headers.get(OPENER)).toBe('unsafe-none')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const page = await answer.text()
    expect(page).toContain('<h1>You are signed in</h1>')
    expect(page).not.toMatch(/example\.test|<form|<a /)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })

  it.each([
    ['same-origin', 'unsafe-none'],
    ['same-site', 'same-origin'],
    ['cross-site', 'same-origin'],
    ['none', 'same-origin'],
  ])('keeps the tie to its opener where that is of the site: %s', async (from, policy) => {
    const stage = await createStage()
    for (const method of ['GET', 'POST']) {
      const headers = {
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
        'Sec-Fetch-Site': from,
      }
      const answer = await stage.send(
        new Request(popupUrl, { method, headers, redirect: 'manual' }),
      )
      expect(answer.headers.get(OPENER)).toBe(policy)
    }
  })

  it('keeps the tie to other hosts of the domain where the site has corsOrigins, and to no other', async () => {
    const stage = await createStage(configOf({ corsOrigins: ['https://friend.example.com'] }))
    for (const [from, policy] of [
      ['same-site', 'unsafe-none'],
      ['cross-site', 'same-origin'],
      ['none', 'same-origin'],
    ] as const) {
      const headers = {
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
        'Sec-Fetch-Site': from,
      }
      const answer = await stage.send(new Request(popupUrl, { method: 'POST', headers }))
      expect(answer.headers.get(OPENER)).toBe(policy)
    }
  })

  it('is the only one that keeps it', async () => {
    const stage = await createStage(configOf())
    const headers = {
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
      'Sec-Fetch-Site': 'same-origin',
    }
    for (const to of [
      '%2F',
      encodeURIComponent(`${SIGNED_IN}/x`),
      encodeURIComponent(`/x${SIGNED_IN}`),
    ]) {
      const answer = await stage.send(new Request(`${LOGIN}?to=${to}`, { headers }))
      expect(answer.headers.get(OPENER)).toBe('same-origin')
    }
  })
})
