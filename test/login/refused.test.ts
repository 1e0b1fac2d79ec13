/** What a refused sign-in shows: to the person, with a next step, and to the operator. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { locationOf, type Browser } from '../support/browser.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { addProvisioned, changeProvisioned } from '../support/directory.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores } from '../support/session.ts'
import {
  configOf,
  createStage,
  onwardOf,
  readRequest,
  refusals,
  SITE,
  stepsOf,
  type Stage,
} from './stage.ts'

const ACS = `${SITE}/.gatehouse/saml/okta/acs`
const now = () => toInstant(Date.now())

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

const eve = { nameId: 'eve@example.test' }

/**
 * Presses a button of one of our pages.
 *
 * @returns the request that the IdP gets then.
 */
async function press(browser: Browser, page: string, label: string) {
  const step = stepsOf(page).find((each) => each.label === label)
  if (!step) throw new Error(`no button "${label}"`)
  const answer = await browser.submit(SITE + step.action, step.fields)
  return readRequest(onwardOf(await answer.text()))
}

async function disabled(connection: Partial<Connection> = {}): Promise<Stage> {
  const stage = await createStage(configOf(), connection)
  await stage.signIn(stage.browser(), '/', eve)
  const [user] = await findUsers(env.DB, eve.nameId)
  await setUserActive(env.DB, user?.id ?? '', false, now())
  return stage
}

describe('a person who is refused', () => {
  it.each<[string, () => Promise<Stage>]>([
    ['has no account', () => createStage(configOf(), { provisioning: 'scim' })],
    ['is disabled', disabled],
  ])('is told as whom, and can try again or use another account: %s', async (_, open) => {
    const stage = await open()
    const browser = stage.browser()
    const page = await (await stage.signIn(browser, '/board?tab=2', eve)).text()
    expect(page).toContain('You signed in with Okta as <strong>eve@example.test</strong>')
    const next = [
      ['Try again', false],
      ['Use another account', true],
    ] as const
    expect(stepsOf(page).map(({ label }) => label)).toEqual(next.map(([label]) => label))
    for (const [label, isFresh] of next) {
      const asked = await press(browser, page, label)
      expect(asked.xml.includes('ForceAuthn="true"')).toBe(isFresh)
    }
  })

  it('lands where they wanted to go when another account is let in', async () => {
    const stage = await disabled()
    const browser = stage.browser()
    const page = await (await stage.signIn(browser, '/board?tab=2', eve)).text()
    const asked = await press(browser, page, 'Use another account')
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.headers.get('Location')).toBe(`${SITE}/board?tab=2`)
  })

  it('is asked with which connection, where there are several', async () => {
    const stage = await disabled()
    const partner = await createTestIdp({ entityId: 'https://partner.example.test' })
    await saveConnection(env.DB, connectionOf(partner, { id: 'partner' }), now())
    const browser = stage.browser()
    const toIdp = await browser.go(`${SITE}/.gatehouse/login?go=1&connection=okta&to=%2Fa`)
    const asked = await readRequest(toIdp.headers.get('Location') ?? '')
    const page = await stage.post(browser, await stage.respond(asked, eve), asked.relayState)
    const other = stepsOf(await page.text()).find(({ label }) => label === 'Use another account')
    const choice = await (await browser.submit(SITE + other?.action, other?.fields ?? {})).text()
    expect(stepsOf(choice).map(({ fields }) => fields)).toEqual([
      { to: '/a', fresh: '1', connection: 'okta' },
      { to: '/a', fresh: '1', connection: 'partner' },
    ])
  })

  it('is named by nothing that was not verified', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/')
    const response = await stage.respond(asked, eve)
    const forged = btoa(atob(response).replaceAll('eve@', 'boss@'))
    const page = await (await stage.post(browser, forged, asked.relayState)).text()
    expect(page).not.toMatch(/eve@|boss@/)
    expect(stepsOf(page).map(({ label }) => label)).toEqual(['Try again'])
    expect(refusals(stage)).toMatchObject([{ user: null }])
    expect(JSON.stringify(refusals(stage))).not.toMatch(/eve@|boss@/)
  })

  it('is named as text, whatever the IdP calls them', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const attributes = { username: ['<img src=x>'] }
    const answer = await stage.signIn(stage.browser(), '/', { nameId: 'x', attributes })
    expect(await answer.text()).toContain('<strong>&lt;img src=x&gt;</strong>')
  })
})

describe('the audit of a refused sign-in', () => {
  it('has the person, the subject and what to do, for a person of no account', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    await stage.signIn(stage.browser(), '/', eve)
    expect(refusals(stage)).toMatchObject([
      {
        reason: 'not-provisioned',
        user: null,
        facts: { person: eve.nameId, subject: eve.nameId, explained: expect.any(String) },
      },
    ])
  })

  it('has the user too, for one whom the operator disabled', async () => {
    const stage = await disabled()
    const [user] = await findUsers(env.DB, eve.nameId)
    await stage.signIn(stage.browser(), '/', eve)
    expect(refusals(stage)).toMatchObject([
      {
        reason: 'user-disabled',
        user: user?.id,
        facts: {
          person: eve.nameId,
          subject: eve.nameId,
          explained: 'This user is disabled, by an operator or by the directory.',
        },
      },
    ])
  })

  it('has the user whom the directory disabled, found by the rule of the connection', async () => {
    const { settings } = connectionOf(await createTestIdp())
    const directory = { ...settings.directory, join: 'external-id' } as const
    const stage = await createStage(configOf(), {
      provisioning: 'scim',
      settings: { ...settings, directory },
    })
    const id = await addProvisioned({ userName: 'eve', externalId: 'e-7' })
    await changeProvisioned(id, { active: false })
    await stage.signIn(stage.browser(), '/', { nameId: 'e-7' })
    expect(refusals(stage)).toMatchObject([
      { reason: 'user-disabled', user: id, facts: { subject: 'e-7' } },
    ])
  })

  it('has the subject and what to do when the assertion identifies nobody', async () => {
    const stage = await createStage()
    const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    await stage.signIn(stage.browser(), '/', { nameId: '_t1', nameIdFormat })
    expect(refusals(stage)).toMatchObject([
      {
        reason: 'transient-subject',
        facts: { person: null, subject: '_t1', explained: expect.stringContaining('NameID') },
      },
    ])
  })

  it('has what to do when the answer is to no open sign-in', async () => {
    const stage = await createStage()
    const asked = await stage.begin(stage.browser(), '/')
    const browser = stage.browser()
    const lost = await stage.post(browser, await stage.respond(asked), asked.relayState)
    await browser.go(SITE + locationOf(lost))
    expect(refusals(stage)).toMatchObject([
      { reason: 'unknown-login', user: null, facts: { explained: expect.any(String) } },
    ])
  })
})

describe('the address that takes the answer of an IdP', () => {
  it('says to start again when it is opened without one, and leads where the person wanted to go', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.begin(browser, '/board')
    const answer = await browser.go(ACS)
    expect(answer.status).toBe(405)
    expect(answer.headers.get('Allow')).toBe('POST')
    const page = await answer.text()
    expect(page).toContain('<h1>Start again</h1>')
    expect(stepsOf(page)).toEqual([
      {
        label: 'Sign in',
        action: '/.gatehouse/login',
        fields: { to: '/board', connection: 'okta' },
      },
    ])
  })

  it('says to start again when the same answer is posted once more after a refusal', async () => {
    const stage = await createStage(configOf(), { provisioning: 'scim' })
    const browser = stage.browser()
    const asked = await stage.begin(browser, '/board')
    const response = await stage.respond(asked, eve)
    expect((await stage.post(browser, response, asked.relayState)).status).toBe(403)
    const again = await stage.post(browser, response, asked.relayState)
    const page = await again.text()
    expect(page).toContain('<h1>Start again</h1>')
    expect(stepsOf(page)[0]?.fields).toEqual({ to: '/board', connection: 'okta' })
  })

  it('is not found at a connection that there is not', async () => {
    const stage = await createStage()
    const answer = await stage.browser().go(ACS.replace('okta', 'none'))
    expect(answer.status).toBe(404)
  })
})

describe('the metadata', () => {
  it('of a connection is for anybody, and there is none of a connection that does not exist', async () => {
    const stage = await createStage()
    const metadata = `${SITE}/.gatehouse/saml/okta/metadata`
    const answer = await stage.browser().go(metadata)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain(`entityID="${metadata}"`)
    const none = await stage.browser().go(metadata.replace('okta', 'none'))
    expect(none.status).toBe(404)
    expect(await none.text()).not.toContain('EntityDescriptor')
  })

  it('of a disabled connection is for anybody too: its identity provider is set up by it', async () => {
    const stage = await createStage()
    await env.DB.exec("UPDATE connections SET enabled = 0 WHERE id = 'okta'")
    const answer = await stage.browser().go(`${SITE}/.gatehouse/saml/okta/metadata`)
    expect(await answer.text()).toContain('EntityDescriptor')
    expect((await stage.browser().go(`${SITE}/.gatehouse/saml/okta/acs`)).status).toBe(404)
  })
})

describe('signing out', () => {
  it('and in again leads back to the page that was refused', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    await stage.signIn(browser, '/', eve)
    const refused = await (await browser.go(`${SITE}/engineers?plan=1`)).text()
    expect(refused).toContain('You are signed in as <strong>eve@example.test</strong>')
    const out = stepsOf(refused).find(({ label }) => label === 'Sign out')
    const page = await (await browser.submit(SITE + out?.action, out?.fields ?? {})).text()
    const asked = await press(browser, page, 'Sign in again')
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.headers.get('Location')).toBe(`${SITE}/engineers?plan=1`)
  })

  it('leads back to no other site', async () => {
    const stage = await createStage()
    const page = await stage
      .browser()
      .submit(`${SITE}/.gatehouse/logout`, { to: '//evil.example/' })
    expect(stepsOf(await page.text())[0]?.fields).toEqual({ to: '/', fresh: '1' })
  })
})
