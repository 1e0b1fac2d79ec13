import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { saveConnection } from '../../tools/stage/connection.ts'
import { findUsers } from '../../src/directory/sign-in-store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { locationOf } from '../support/browser.ts'
import { connectionOf, usualSettings } from '../../tools/signing/connection.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  toPosted,
  type KeyChoice,
  type SignOptions,
} from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
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

const now = () => toInstant(Date.now())

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

describe('who may sign in', () => {
  it('scim takes only who is provisioned', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const answer = await stage.signIn(stage.browser())
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('no account for you')
    expect(refusals(stage)).toMatchObject([{ reason: 'not-provisioned' }])
  })

  it.each([
    ['email', { nameId: 'boss@corp.example' }],
    [
      'user name',
      { nameId: 'x@elsewhere.example', attributes: { username: ['boss@corp.example'] } },
    ],
    ['email in other letters', { nameId: 'boss@CORP.Example' }],
  ])('an IdP does not speak for the domain of another: %s', async (_, fields) => {
    const stage = await createStage()
    const corp = await createTestIdp({ entityId: 'https://corp.example' })
    const owner = connectionOf(corp, { id: 'corp', domains: ['corp.example'] })
    await saveConnection(env.DB, owner, now())
    const browser = stage.browser()
    const toIdp = await browser.go(`${SITE}/.gatehouse/login?go=1&connection=okta&to=%2F`)
    const asked = await readRequest(locationOf(toIdp))
    const answer = await stage.post(browser, await stage.respond(asked, fields), asked.relayState)
    expect(answer.status).toBe(403)
    expect(refusals(stage)).toMatchObject([
      { reason: 'foreign-domain', facts: { domain: 'corp.example' } },
    ])
    expect(await findUsers(env.DB, 'boss@corp.example')).toEqual([])
  })

  it('nobody by a transient NameID, unless an attribute identifies them', async () => {
    const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    const stage = await createStage()
    expect((await stage.signIn(stage.browser(), '/', { nameIdFormat })).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'transient-subject' }])
  })

  it('nobody without a NameID, unless an attribute identifies them', async () => {
    const stage = await createStage()
    const unnamed = { nameId: null, attributes: { employee: ['7'] } }
    expect((await stage.signIn(stage.browser(), '/', unnamed)).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'name-id', facts: { detail: 'missing' } }])
  })

  it('somebody without a NameID, where an attribute identifies them', async () => {
    const { settings } = connectionOf(await createTestIdp())
    const subject = { from: 'attribute', name: 'employee' } as const
    const stage = await createStage(configOf(), { settings: { ...settings, subject } })
    const browser = stage.browser()
    await stage.signIn(browser, '/', { nameId: null, attributes: { employee: ['7'] } })
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    const [user] = await findUsers(env.DB, '7')
    expect(user).toMatchObject({ subject: '7', userName: '7', email: null })
    // Another isolate, whose cache does not have the session: it reads KV.
    const elsewhere = stage.browser({})
    browser.cookies.forEach((cookie, name) => elsewhere.cookies.set(name, cookie))
    expect((await elsewhere.go(`${SITE}/`)).status).toBe(200)

    const other = { nameId: null, attributes: { employee: ['  '] } }
    expect((await stage.signIn(stage.browser(), '/', other)).status).toBe(403)
    expect(refusals(stage)).toMatchObject([
      { reason: 'subject-attribute', facts: { subject: null } },
    ])
  })

  it('somebody whose groups are too many for Entra ID to say is let in, without groups, and the log says so', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser, '/', {
      attributes: {
        'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example/x'],
      },
    })
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    expect((await browser.go(`${SITE}/engineers`)).status).toBe(403)
    expect(stage.audit()).toContainEqual(expect.objectContaining({ audit: 'groups-omitted' }))
  })

  it('is let in with the groups of the directory where Entra ID left them out of the assertion', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const ada = await addProvisioned({ userName: 'ada@example.test' })
    await addGroup('engineering', [ada])
    const browser = stage.browser()
    await stage.signIn(browser, '/', {
      nameId: 'Ada@example.test',
      attributes: {
        'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example/x'],
      },
    })
    expect((await browser.go(`${SITE}/engineers`)).status).toBe(200)
    expect(stage.audit().map(({ audit }) => audit)).not.toContain('groups-omitted')
    expect(stage.origin.at(-1)?.headers.get('X-Forwarded-Groups')).toBe('engineering')
  })

  it('is whom the rule of the connection finds, and the log says what it looked for', async () => {
    const settings = {
      ...connectionOf(await createTestIdp()).settings,
      directory: { join: 'email', groupsFrom: 'auto', removalGuardPercent: null },
    } as const
    const stage = await createStage(configOf(), { provisioning: 'scim', settings })
    await addProvisioned({ userName: 'ada', emails: [{ value: 'ada@example.test' }] })
    await stage.signIn(stage.browser(), '/', { nameId: 'ada@example.test' })
    expect(refusals(stage)).toEqual([])
    expect((await stage.signIn(stage.browser(), '/', { nameId: 'ada' })).status).toBe(403)
    expect(refusals(stage)).toMatchObject([
      {
        reason: 'not-provisioned',
        facts: {
          join: 'email',
          subject: 'ada',
          explained: 'Nobody in the directory has this subject as address.',
        },
      },
    ])
    await addProvisioned({ userName: 'b', emails: [{ value: 'ada@example.test' }] })
    const several = await stage.signIn(stage.browser(), '/', { nameId: 'ada@example.test' })
    expect(await several.text()).toContain('More than one account matches')
    expect(refusals(stage).at(-1)).toMatchObject({ reason: 'several-provisioned' })
  })

  it('nobody while no connection stands, or it is disabled', async () => {
    const stage = await createStage(configOf(), { enabled: false })
    const browser = stage.browser()
    const page = await browser.go(`${SITE}/.gatehouse/login?go=1&to=%2F`)
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('Sign-in is not set up yet')
    expect((await stage.post(browser, 'x', null)).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'unknown-connection', connection: 'okta' }])
  })

  it('nobody by a connection that the site does not take', async () => {
    const stage = await createStage(configOf({ connections: ['another'] }))
    const page = await stage.browser().go(`${SITE}/.gatehouse/login?connection=okta&go=1&to=%2F`)
    expect(page.status).toBe(503)
    expect((await stage.post(stage.browser(), 'x', null)).status).toBe(403)
  })
})

describe('several connections', () => {
  const two = async () => {
    const stage = await createStage(configOf(), { domains: ['example.test'] })
    const other = await createTestIdp({ entityId: 'https://other.example.test' })
    const partner = { id: 'partner', displayName: 'Partner & <Sons>', domains: ['partner.example'] }
    await saveConnection(env.DB, connectionOf(other, partner), now())
    return stage
  }

  it('are offered on a page, which keeps where to return to', async () => {
    const stage = await two()
    const page = await stage.browser().go(`${SITE}/.gatehouse/login?go=1&to=%2Fa%3Fb%3D1`)
    const text = await page.text()
    expect(stepsOf(text).map(({ fields }) => fields)).toContainEqual({
      to: '/a?b=1',
      connection: 'partner',
    })
    expect(text).toContain('Partner &amp; &lt;Sons&gt;')
    expect(text).toContain('name="to" value="/a?b=1"')
  })

  it.each([
    ['ada@partner.example', 'partner'],
    [' Zoe@Example.TEST ', 'okta'],
  ])(
    'are found by email address, without a redirect out of a form: %s',
    async (email, connection) => {
      const stage = await two()
      const page = await stage.browser().submit(`${SITE}/.gatehouse/login`, { email, to: '/a' })
      expect(page.status).toBe(200)
      const onward = onwardOf(await page.text())
      expect((await readRequest(onward)).xml).toContain(`/.gatehouse/saml/${connection}/acs"`)
    },
  )

  it('an address of no connection is asked for again, with what was typed', async () => {
    const stage = await two()
    const email = '"><script>@nowhere.example'
    const page = await stage.browser().submit(`${SITE}/.gatehouse/login`, { email, to: '/a' })
    expect(page.status).toBe(422)
    const text = await page.text()
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;@nowhere.example"')
    expect(text).toContain('role="alert"')
  })

  it('are chosen by a hint in the link', async () => {
    const stage = await two()
    const login = `${SITE}/.gatehouse/login?go=1&to=%2F`
    for (const hint of ['connection=partner', 'login_hint=ada%40partner.example']) {
      const { searchParams } = new URL(locationOf(await stage.browser().go(`${login}&${hint}`)))
      expect(searchParams.get('SAMLRequest')).not.toBeNull()
    }
  })
})

describe('an exception that an operator makes for a connection', () => {
  const sha1: SignOptions = {
    hash: 'SHA-1',
    signatureMethod: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  }
  const rsa = (hash: string, bits: number): KeyChoice => ({ name: 'RSASSA-PKCS1-v1_5', hash, bits })

  it.each([
    ['SHA-1', rsa('SHA-1', 2048), sha1, 'allowSha1Until', 'sha1-not-allowed'],
    ['an RSA key of 1024 bits', rsa('SHA-256', 1024), {}, 'allowWeakRsaUntil', 'weak-key'],
  ] as const)('for %s counts until its end, and no longer', async (_, key, by, name, reason) => {
    const idp = await createTestIdp({ key })
    const { certificates } = connectionOf(idp)
    const settings = { ...usualSettings, [name]: plusSeconds(toInstant(start.getTime()), 60) }
    const stage = await createStage(configOf(), { certificates, settings })
    const signIn = async () => {
      const browser = stage.browser()
      const asked = await stage.begin(browser, '/')
      const xml = responseXml({
        spEntityId: `${SITE}/.gatehouse/saml/okta/metadata`,
        acsUrl: `${SITE}/.gatehouse/saml/okta/acs`,
        inResponseTo: asked.id,
        issuer: idp.entityId,
        now: new Date(),
        assertionId: `_a${crypto.randomUUID()}`,
      })
      const signed = await sign(xml, /ID="(_a[^"]*)"/.exec(xml)?.[1] ?? '', idp, by)
      return (await stage.post(browser, toPosted(signed), asked.relayState)).status
    }
    vi.setSystemTime(start.getTime() + 59_999)
    expect(await signIn()).toBe(303)
    vi.setSystemTime(start.getTime() + 60_000)
    expect(await signIn()).toBe(403)
    expect(refusals(stage).map((refusal) => refusal['reason'])).toEqual([reason])
  })
})
