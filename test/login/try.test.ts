/** A test sign-in, from the operator's link to the record of every check. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { connectionTry } from '../../src/admin/connection-try.ts'
import { signInShow } from '../../src/admin/sign-ins.ts'
import { parseConfig } from '../../src/config.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { act, context, valueOf } from '../admin/stage.ts'
import type { Browser } from '../support/browser.ts'
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
  type Asked,
  type Stage,
} from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  for (const table of ['attempts', 'taken', 'audit', 'sign_in_tests']) {
    await env.DB.exec(`DELETE FROM ${table}`)
  }
})

const config = valueOf(parseConfig(configOf()))
const operator = { ...context, config }
const at = () => ({ ...operator, now: toInstant(Date.now()) })

async function link(): Promise<{ readonly url: string; readonly id: string }> {
  const { secret, facts } = valueOf(await act(connectionTry, { connection: 'okta' }, { by: at() }))
  return { url: secret ?? '', id: String(facts['id']) }
}

/** Opens the link, presses the button, and follows to the IdP. */
async function begin(browser: Browser, url: string): Promise<Asked> {
  const [step] = stepsOf(await (await browser.go(url)).text())
  const page = await browser.submit(SITE + (step?.action ?? ''), step?.fields ?? {})
  return readRequest(onwardOf(await page.text()))
}

const show = async (number: string) => {
  const { facts } = valueOf(await act(signInShow, { number }, { by: at() }))
  const shown: Record<string, unknown> & { steps: { check: string; outcome: string }[] } =
    JSON.parse(JSON.stringify(facts))
  return shown
}

const counts = async () => {
  const count = (table: string) => `(SELECT count(*) FROM ${table}) AS ${table}`
  const tables = ['users', 'sessions', 'sign_ins'].map(count).join(', ')
  return env.DB.prepare(`SELECT ${tables}`).first()
}
const nothing = { users: 0, sessions: 0, sign_ins: 0 }

const ada = { nameId: 'ada@example.test', attributes: { groups: ['engineering'] } }

async function run(stage: Stage, fields: Parameters<Stage['respond']>[1] = ada) {
  const browser = stage.browser()
  const { url, id } = await link()
  const asked = await begin(browser, url)
  const page = await stage.post(browser, await stage.respond(asked, fields), asked.relayState)
  return { browser, page, id }
}

describe('a test of a connection', () => {
  it('shows the person, every check and what would open, and signs nobody in', async () => {
    const stage = await createStage()
    const { browser, page, id } = await run(stage)
    expect(page.status).toBe(200)
    const text = await page.text()
    expect(text).toContain('A sign-in would be accepted')
    expect(text).toContain(`/.gatehouse/admin/sign-ins/${id}`)
    expect(text).toContain('18 passed and 0 failed')
    expect([...browser.cookies.keys()]).toEqual([])
    expect(await counts()).toEqual(nothing)
    const keys = await env.SESSIONS.list({ prefix: 'session:' })
    expect(keys.keys).toEqual([])
    const shown = await show(id)
    expect(shown).toMatchObject({
      kind: 'test',
      isAccepted: true,
      person: 'ada@example.test',
      facts: { comesAs: 'created', groups: ['engineering'] },
      routes: [
        { path: '/', access: 'open' },
        { path: '/engineers', access: 'open' },
        { path: '/public', access: 'open' },
      ],
    })
    expect(JSON.stringify(shown['document'])).toContain('engineering')
    expect((await browser.go(SITE)).status).not.toBe(200)
    expect(stage.audit().filter(({ audit }) => audit === 'login')).toEqual([])
  })

  it('says which routes stay closed, and that a known user comes', async () => {
    const stage = await createStage()
    await stage.signIn(stage.browser(), '/', { nameId: 'ada@example.test' })
    const { id } = await run(stage, { nameId: 'ada@example.test' })
    expect(await show(id)).toMatchObject({
      facts: { comesAs: 'known' },
      routes: [{ access: 'open' }, { access: 'closed' }, { access: 'open' }],
    })
  })

  it('works for a connection that is disabled, and says so', async () => {
    const stage = await createStage(configOf(), { enabled: false })
    const { page, id } = await run(stage)
    expect(page.status).toBe(200)
    const { steps } = await show(id)
    expect(steps.find(({ outcome }) => outcome === 'warning')?.check).toBe(
      'The connection is enabled',
    )
  })

  it('tells of the check that fails, and leaves no refusal of a login', async () => {
    const stage = await createStage()
    const { page, id } = await run(stage, { spEntityId: 'https://another.example' })
    expect(await page.text()).toContain('1 failed')
    const { steps } = await show(id)
    expect(steps.find(({ outcome }) => outcome === 'failed')?.check).toBe(
      'Audience is our entity ID',
    )
    expect(stage.audit()).toEqual([])
  })

  it('says that the session at the IdP is over, as a sign-in would', async () => {
    const stage = await createStage()
    const over = { ...ada, sessionNotOnOrAfter: new Date(start.getTime() - 5_000) }
    const { page, id } = await run(stage, over)
    expect(await page.text()).toContain('A sign-in would be refused')
    const { steps, reason } = await show(id)
    expect(reason).toBe('session-over')
    expect(steps.find(({ outcome }) => outcome === 'failed')?.check).toBe(
      'The IdP still has the session',
    )
  })

  it('is kept whatever the config keeps of sign-ins', async () => {
    const stage = await createStage({ ...configOf(), attempts: 'off' })
    const { id } = await run(stage)
    expect(await show(id)).toMatchObject({ kind: 'test' })
  })
})

describe('the link', () => {
  it('begins one test, within ten minutes, and looking at it begins none', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const { url } = await link()
    await browser.go(url)
    await begin(browser, url)
    const [again] = stepsOf(await (await browser.go(url)).text())
    const second = await browser.submit(SITE + (again?.action ?? ''), again?.fields ?? {})
    expect(second.status).toBe(400)
    const late = await link()
    vi.setSystemTime(start.getTime() + 600_000)
    const [step] = stepsOf(await (await browser.go(late.url)).text())
    expect((await browser.submit(SITE + (step?.action ?? ''), step?.fields ?? {})).status).toBe(400)
    await stage.cron()
    expect(await env.DB.prepare('SELECT count(*) AS n FROM sign_in_tests').first('n')).toBe(0)
  })

  it('begins nothing for a form of another site, or with a code that nobody made', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const { url } = await link()
    const code = new URL(url).searchParams.get('code') ?? ''
    const address = `${SITE}/.gatehouse/test-sign-in`
    expect((await browser.submitFromElsewhere(address, { code })).status).toBe(404)
    expect((await browser.submit(address, { code: 'A'.repeat(43) })).status).toBe(400)
    expect((await browser.submit(address, { code })).status).toBe(200)
  })

  it('stands in no audit and no table', async () => {
    await createStage()
    const { url, id } = await link()
    const code = new URL(url).searchParams.get('code') ?? ''
    const rows = await env.DB.batch([
      env.DB.prepare('SELECT * FROM audit'),
      env.DB.prepare('SELECT * FROM sign_in_tests'),
    ])
    const text = JSON.stringify(rows.map(({ results }) => results))
    expect(text).toContain(id)
    expect(text).not.toContain(code)
  })
})

describe('a test and a login never become each other', () => {
  it('an answer to a test, with the handle of a login of the same browser', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const login = await stage.begin(browser, '/')
    const test = await begin(browser, (await link()).url)
    const page = await stage.post(browser, await stage.respond(test, ada), login.relayState)
    expect(page.status).toBe(403)
    expect(await counts()).toEqual(nothing)
    // The test itself goes on.
    const done = await stage.post(browser, await stage.respond(test, ada), test.relayState)
    expect(await done.text()).toContain('would be accepted')
    expect(await counts()).toEqual(nothing)
  })

  it('an answer to a login, with the handle of a test of the same browser', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const login = await stage.begin(browser, '/')
    const { url, id } = await link()
    const test = await begin(browser, url)
    const answer = await stage.respond(login, ada)
    const page = await stage.post(browser, answer, test.relayState)
    expect(await page.text()).toContain('would be refused')
    expect((await show(id)).steps.filter(({ outcome }) => outcome === 'failed')).not.toEqual([])
    expect(await counts()).toEqual(nothing)
    const signedIn = await stage.post(browser, answer, login.relayState)
    expect(signedIn.status).toBe(303)
  })

  it('a cookie of a test, under the name of a login and the other way round', async () => {
    const stage = await createStage()
    const browser = stage.browser()
    const test = await begin(browser, (await link()).url)
    const [name = '', cookie] = [...browser.cookies].find(([key]) => key.includes('-test-')) ?? []
    if (!cookie) throw new Error('no cookie of the test')
    browser.cookies.set(name.replace('-test-', '-login-'), cookie)
    const handle = test.relayState.replace('gt-', 'gh-')
    const lost = await stage.post(browser, await stage.respond(test, ada), handle)
    expect(lost.headers.get('Location')).toContain('lost=')
    const login = await stage.begin(browser, '/')
    const [own = '', kept] = [...browser.cookies].findLast(([key]) => key.includes('-login-')) ?? []
    if (!kept) throw new Error('no cookie of the login')
    browser.cookies.set(own.replace('-login-', '-test-'), kept)
    const other = login.relayState.replace('gh-', 'gt-')
    expect((await stage.post(browser, await stage.respond(login, ada), other)).status).toBe(400)
    expect(await counts()).toEqual(nothing)
  })

  it('an answer to a test that another browser posts', async () => {
    const stage = await createStage()
    const { url, id } = await link()
    const test = await begin(stage.browser(), url)
    const page = await stage.post(stage.browser(), await stage.respond(test, ada), test.relayState)
    expect(page.status).toBe(400)
    expect(await page.text()).not.toContain('would be')
    expect(await act(signInShow, { number: id }, { by: at() })).toMatchObject({ ok: false })
  })

  it('an answer to a test of another connection', async () => {
    const stage = await createStage()
    await createStage(configOf(), { id: 'entra' })
    const browser = stage.browser()
    const { url, id } = await link()
    const asked = await begin(browser, url)
    const acs = (connection: string) => `${SITE}/.gatehouse/saml/${connection}/acs`
    const fields = { SAMLResponse: await stage.respond(asked, ada), RelayState: asked.relayState }
    for (const connection of ['entra', 'unknown']) {
      const page = await browser.submitFromElsewhere(acs(connection), fields)
      expect([400, 403]).toContain(page.status)
      expect(await page.text()).not.toContain('would be')
    }
    expect(refusals(stage).map(({ reason }) => reason)).toEqual([
      'other-connection',
      'unknown-login',
    ])
    expect(await act(signInShow, { number: id }, { by: at() })).toMatchObject({ ok: false })
    const page = await browser.submitFromElsewhere(acs('okta'), fields)
    expect(await page.text()).toContain('would be accepted')
  })

  it('an answer to a test that is older than a quarter of an hour', async () => {
    const stage = await createStage()
    const [slow, slower] = [stage.browser(), stage.browser()]
    const [one, two] = [
      await begin(slow, (await link()).url),
      await begin(slower, (await link()).url),
    ]
    vi.setSystemTime(start.getTime() + 899_000)
    const page = await stage.post(slow, await stage.respond(one, ada), one.relayState)
    expect(page.status).toBe(200)
    vi.setSystemTime(start.getTime() + 900_000)
    const late = await stage.post(slower, await stage.respond(two, ada), two.relayState)
    expect(late.status).toBe(400)
    expect(await late.text()).not.toContain('would be')
  })

  it('an answer to a test that is posted twice', async () => {
    const stage = await createStage()
    const { browser, page } = await run(stage)
    expect(page.status).toBe(200)
    const { url } = await link()
    const second = await begin(browser, url)
    const answer = await stage.respond(second, ada)
    await stage.post(browser, answer, second.relayState)
    expect((await stage.post(browser, answer, second.relayState)).status).toBe(400)
  })
})

it('two tests of one browser at once do not disturb each other', async () => {
  const stage = await createStage()
  const browser = stage.browser()
  const [one, two] = [await link(), await link()]
  const [first, second] = [await begin(browser, one.url), await begin(browser, two.url)]
  const bob = { ...ada, nameId: 'bob@example.test' }
  await stage.post(browser, await stage.respond(second, bob), second.relayState)
  await stage.post(browser, await stage.respond(first, ada), first.relayState)
  expect(await show(one.id)).toMatchObject({ person: 'ada@example.test', isAccepted: true })
  expect(await show(two.id)).toMatchObject({ person: 'bob@example.test', isAccepted: true })
})
