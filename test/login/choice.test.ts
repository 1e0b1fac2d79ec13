/**
 * A site that asks for the email address, so that its sign-in page tells strangers little about its
 * connections.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import { configOf, createStage, SITE, start } from './stage.ts'

const LOGIN = `${SITE}/.gatehouse/login`

beforeEach(emptyStores)

async function createSite(connections: readonly string[] | null) {
  const site = configOf({
    choice: 'email',
    ...(connections ? { connections: [...connections] } : {}),
  })
  const stage = await createStage(site, { displayName: 'Our staff', domains: ['staff.example'] })
  const add = async (id: string, displayName: string, domains: readonly string[]) => {
    const idp = await createTestIdp({ entityId: `https://${id}.example.test` })
    const ssoUrl = `https://${id}.example.test/sso`
    const connection = connectionOf(idp, { id, displayName, domains, ssoUrl })
    await saveConnection(env.DB, connection, toInstant(start.getTime()))
  }
  await add('acme', 'Acme the partner', ['acme.example'])
  await add('globex', 'Globex the client', ['globex.example'])
  return stage.browser()
}

/** The text of a page, without the parts that differ for each request. */
const textOf = async (answer: Response) =>
  (await answer.text())
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
    .replace(/(SAMLRequest|RelayState)=[^&"]*/g, '$1=')
const leadsTo = (page: string) => new URL(/id="onward" href="([^"?]*)/.exec(page)?.[1] ?? '').host

describe('a site with choice: email', () => {
  it('names no connection and no domain on its page', async () => {
    const browser = await createSite(null)
    const page = await (await browser.go(`${LOGIN}?go=1&to=%2F`)).text()
    expect(page).toContain('<label for="email">Work email</label>')
    expect(page).not.toMatch(/Acme|Globex|Our staff|okta|acme|globex|staff\.example|<li>/)
  })

  it('answers an address of an unknown domain as one of the first connection, to the letter', async () => {
    const browser = await createSite(['globex', 'okta', 'acme'])
    const ask = async (email: string) => {
      browser.cookies.clear()
      const answer = await browser.submit(LOGIN, { email, to: '/board' })
      const headers = [...answer.headers].map(([name]) => name)
      return [answer.status, headers, await textOf(answer)]
    }
    const known = await ask('ann@globex.example')
    expect(known[0]).toBe(200)
    expect(leadsTo(String(known[2]))).toBe('globex.example.test')
    for (const email of ['ann@nowhere.example', 'ann@globex.example.org', 'x@x.test']) {
      expect(await ask(email)).toEqual(known)
    }
  })

  it('leads an address of a known domain to its connection', async () => {
    const browser = await createSite(['globex', 'okta', 'acme'])
    const page = await browser.submit(LOGIN, { email: 'ann@acme.example', to: '/' })
    expect(leadsTo(await page.text())).toBe('acme.example.test')
  })

  it('has the connection that is first by its name for first, where the config has no list', async () => {
    const browser = await createSite(null)
    const page = await browser.submit(LOGIN, { email: 'ann@nowhere.example', to: '/' })
    expect(leadsTo(await page.text())).toBe('acme.example.test')
  })

  it('says of what is no address that it is none', async () => {
    const browser = await createSite(null)
    for (const email of ['ann', 'ann@', '@acme.example', 'ann@acme', 'a@b@acme.example']) {
      const page = await browser.submit(LOGIN, { email, to: '/' })
      expect(page.status, email).toBe(422)
      const text = await page.text()
      expect(text).toContain('Check the')
      expect(text).not.toContain('choose from the list')
    }
  })

  it('still begins at a connection that a link names', async () => {
    const browser = await createSite(null)
    const answer = await browser.go(`${LOGIN}?go=1&connection=globex&to=%2F`)
    expect(new URL(answer.headers.get('Location') ?? '').host).toBe('globex.example.test')
  })
})

describe('a site with choice: list', () => {
  it('lists connections in the order of its config', async () => {
    const stage = await createStage(configOf({ connections: ['zeta', 'okta'] }))
    const idp = await createTestIdp({ entityId: 'https://zeta.example.test' })
    const zeta = connectionOf(idp, { id: 'zeta', displayName: 'Zeta' })
    await saveConnection(env.DB, zeta, toInstant(start.getTime()))
    const page = await (await stage.browser().go(`${LOGIN}?go=1&to=%2F`)).text()
    const ids = [...page.matchAll(/name="connection" value="([^"]*)"/g)].map(([, id]) => id)
    expect(ids).toEqual(['zeta', 'okta'])
  })
})
