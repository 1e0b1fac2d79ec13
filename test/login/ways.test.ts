/** The ways to choose an identity provider, where several sites share the sign-in. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { emptyStores } from '../support/session.ts'
import { A, B, LOGIN, Person, rows, siteAt, three, type SiteOptions } from './person.ts'
import { createStage, start, stepsOf } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit')
})

/** Three sites, with a second identity provider for partners. */
async function withTwo(fields: Readonly<Record<string, SiteOptions>> = {}) {
  const stage = await createStage(three(fields), {
    displayName: 'Our staff',
    domains: ['staff.example'],
  })
  const idp = await createTestIdp({ entityId: 'https://partner.example.test' })
  const partner = connectionOf(idp, {
    id: 'partner',
    displayName: 'Partners',
    domains: ['partner.example'],
    ssoUrl: 'https://partner.example.test/sso',
  })
  await saveConnection(env.DB, partner, toInstant(start.getTime()))
  const zoe = new Person(stage)
  zoe.elsewhere = ['partner.example.test']
  return { stage, zoe }
}
const lastOf = (zoe: Person) => new URL(zoe.seen.at(-1) ?? '').host

describe('the identity provider is chosen', () => {
  it('by the site, with no question where it takes one', async () => {
    const { zoe } = await withTwo({ [B]: { connections: ['partner'] } })
    await zoe.open(`${B}/`)
    expect(lastOf(zoe)).toBe('partner.example.test')
  })

  it('on the page of choices, at the login host, and the person goes on to the site', async () => {
    const { zoe } = await withTwo()
    const page = await (await zoe.open(`${A}/deep?x=1`)).text()
    expect(lastOf(zoe)).toBe('login.example.com')
    const step = stepsOf(page).find(({ fields }) => fields['connection'] === undefined)
    expect(page).toContain('Partners')
    const staff = { to: step?.fields['to'] ?? '', connection: 'okta' }
    expect(await (await zoe.post(`${LOGIN}/.gatehouse/login`, staff)).text()).toBe(
      'the page behind',
    )
    expect(zoe.seen.at(-1)).toBe(`${A}/deep?x=1`)
  })

  it('by the email address, of which an unknown domain gets the same answer as a wrong one', async () => {
    const { zoe } = await withTwo({ [A]: { choice: 'email', connections: ['okta', 'partner'] } })
    const page = await (await zoe.open(`${A}/deep`)).text()
    expect(page).toContain('Work email')
    expect(page).not.toMatch(/Partners|Our staff/)
    const [step] = stepsOf(page)
    const ask = async (email: string) => {
      await zoe.post(LOGIN + (step?.action ?? ''), { ...step?.fields, email })
      return lastOf(zoe)
    }
    zoe.staysAtIdp = true
    expect(await ask('ann@partner.example')).toBe('partner.example.test')
    for (const email of ['ann@nowhere.example', 'ann@staff.example', 'ann@partner.example.org']) {
      expect(await ask(email), email).toBe('idp.example.test')
    }
    zoe.staysAtIdp = false
    await ask('ann@staff.example')
    expect(zoe.seen.at(-1)).toBe(`${A}/deep`)
  })

  it('by an address that the site gives (login_hint)', async () => {
    const { zoe } = await withTwo()
    await zoe.open(`${A}/.gatehouse/login?login_hint=ann%40partner.example&to=/x`)
    expect(lastOf(zoe)).toBe('partner.example.test')
  })

  it('by ?connection= at a site, which is carried to the login host', async () => {
    const { zoe } = await withTwo()
    await zoe.open(`${A}/.gatehouse/login?connection=partner&to=/x`)
    expect(lastOf(zoe)).toBe('partner.example.test')
    await zoe.open(`${A}/.gatehouse/login?connection=okta&to=/x`)
    expect(zoe.seen.at(-1)).toBe(`${A}/x`)
    // Signed in by another connection than the link names.
    await zoe.open(`${B}/.gatehouse/login?connection=partner&to=/x`)
    expect(lastOf(zoe)).toBe('partner.example.test')
  })

  it('but never as the site does not take it', async () => {
    const { zoe } = await withTwo({ [A]: { connections: ['okta'] } })
    await zoe.open(`${A}/.gatehouse/login?connection=partner&to=/x`)
    expect(zoe.seen.at(-1)).toBe(`${A}/x`)
    expect(zoe.seen.some((url) => url.includes('partner.example.test'))).toBe(false)
  })

  it('by the browser, which remembers at the login host, for each site that takes it', async () => {
    const { zoe } = await withTwo()
    await zoe.open(`${A}/.gatehouse/login?connection=okta&to=/x`)
    expect(zoe.at(LOGIN).cookies.has('__Host-gatehouse-connection')).toBe(true)
    await zoe.at(A).submit(`${A}/.gatehouse/logout`, {})
    const labels = async (url: string) =>
      stepsOf(await (await zoe.open(url)).text()).map(({ label }) => label.trim())
    expect((await labels(`${B}/`))[0]).toBe('Continue with Our staff')
  })
})

describe('a tile at the identity provider', () => {
  const unsolicited = async (
    person: Person,
    relayState: string | null,
    login = LOGIN,
  ): Promise<Response> => {
    const acs = `${login}/.gatehouse/saml/okta/acs`
    const answer = await person.stage.respond({ id: '' }, { inResponseTo: null })
    const fields = {
      SAMLResponse: answer,
      ...(relayState === null ? {} : { RelayState: relayState }),
    }
    person.seen.push(acs)
    return person.follow(await person.at(login).submitFromElsewhere(acs, fields), acs)
  }

  it('lands on the site whose URL its RelayState has', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    const page = await unsolicited(zoe, `${B}/deep?x=1#top`)
    expect(await page.text()).toBe('the page behind')
    expect(new URL(zoe.seen.at(-1) ?? '').host).toBe('b.example.com')
    expect(zoe.seen.at(-1)).toContain('/deep?x=1')
    // The unsolicited response has signed nobody in: the identity provider was asked.
    expect(zoe.timesAtIdp).toBe(1)
    // And is not asked again where somebody is signed in.
    await unsolicited(zoe, A)
    expect(zoe.seen.at(-1)).toBe(`${A}/`)
    expect(zoe.timesAtIdp).toBe(1)
  })

  it('lands on a path of the login host’s site, and without one on the home page', async () => {
    const stage = await createStage({ loginHost: A, sites: [siteAt(A), siteAt(B)] })
    const zoe = new Person(stage)
    zoe.login = A
    await unsolicited(zoe, '/deep', A)
    expect(zoe.seen.at(-1)).toBe(`${A}/deep`)
    await unsolicited(zoe, `${B}/x`, A)
    expect(zoe.seen.at(-1)).toBe(`${B}/x`)
    await emptyStores()
    const bare = new Person(await createStage(three()))
    expect(await (await unsolicited(bare, null)).text()).toContain('Your sites')
    expect(bare.seen.at(-1)).toBe(`${LOGIN}/`)
  })

  it('leads to no host that is not of the deployment', async () => {
    const stage = await createStage(three())
    for (const relayState of [
      'https://evil.example/x',
      'https://b.example.com.evil.example/x',
      'https://b.example.com@evil.example/x',
      '//evil.example/x',
      'javascript:alert(1)',
      `blob:${B}/x`,
      'http://b.example.com/x',
      `https://zoe@b.example.com/x`,
      `${B}/${'x'.repeat(3000)}`,
    ]) {
      const zoe = new Person(stage)
      await unsolicited(zoe, relayState)
      const hosts = new Set(zoe.seen.map((url) => new URL(url).host))
      const ours = ['login.example.com', 'idp.example.test', 'b.example.com']
      expect(
        [...hosts].filter((host) => !ours.includes(host)),
        relayState,
      ).toEqual([])
      expect(['/', ''].includes(new URL(zoe.seen.at(-1) ?? '').pathname), relayState).toBe(true)
    }
    expect(await rows('transfers')).toEqual([])
  })
})
