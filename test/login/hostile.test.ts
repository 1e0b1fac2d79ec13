/** Several sites under one sign-in: what strangers, other tabs and failing stores do to it. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { emptyStores } from '../support/session.ts'
import { A, at, B, C, LOGIN, page, Person, reasons, rows, siteAt, three } from './person.ts'
import { createStage, stepsOf } from './stage.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit')
})
const handle = `gh-${crypto.randomUUID()}`
const leadsOn = `/.gatehouse/login?site=a.example.com&login=${handle}`

describe('an address of sign-in that a stranger made', () => {
  it.each([leadsOn, `/.gatehouse/login?to=${encodeURIComponent(leadsOn)}`])(
    'leads no round from a site to another site: %s',
    async (link) => {
      const stage = await createStage(three())
      const zoe = new Person(stage)
      await zoe.open(`${A}/`)
      zoe.seen.length = 0
      expect(await page(await zoe.open(B + link))).toEqual([200, 'the page behind'])
      expect(zoe.seen.filter((url) => url.startsWith(`${LOGIN}/`))).toHaveLength(1)
      expect(reasons(stage)).toEqual([])
    },
  )

  it('leads to the hosts below a * only, as browsers write them', async () => {
    const sites = [siteAt(A), siteAt('https://*.example.com')]
    const zoe = new Person(await createStage({ ...three(), sites }))
    await zoe.open(`${A}/`)
    const led = async (site: string) => {
      const query = new URLSearchParams({ go: '1', site, login: handle, by: 'redirect' })
      const response = await zoe.at(LOGIN).go(`${LOGIN}/.gatehouse/login?${query.toString()}`)
      return new URL(response.headers.get('Location') ?? '').host
    }
    for (const site of ['b.example.com', 'xn--80ak6aa92e.example.com']) {
      expect(await led(site)).toBe(site)
    }
    const { length } = await rows('transfers')
    for (const site of [
      'login.example.com',
      'B.example.com',
      'b.example.com.',
      'b.example.com:443',
      'b.example.com:8443',
      '*.example.com',
      'u@b.example.com',
      'b%2eexample.com',
      '\uff42.example.com',
      'evil.example/.example.com',
      'b.c.example.com',
      'example.com',
    ]) {
      expect(await led(site), site).toBe('idp.example.test')
    }
    expect(await rows('transfers')).toHaveLength(length)
  })
})

describe('a question in two tabs whether to switch', () => {
  it('ends in both with the account that the person chose', async () => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    await zoe.open(`${B}/`)
    zoe.at(LOGIN).cookies.clear()
    zoe.nameId = 'mallory@example.test'
    await zoe.open(`${C}/`)
    const times = zoe.timesAtIdp
    const questions: string[] = []
    for (const path of ['/one', '/two']) {
      questions.push(await (await zoe.open(`${B}/.gatehouse/login?to=${path}`)).text())
    }
    for (const question of questions) {
      const [, change] = stepsOf(question)
      const response = await zoe.post(B + (change?.action ?? ''), change?.fields ?? {})
      expect(await page(response)).toEqual([200, 'the page behind'])
    }
    expect(zoe.timesAtIdp).toBe(times)
    expect(stage.origin.at(-1)?.headers.get('X-Forwarded-Email')).toBe('mallory@example.test')
  })
})

describe('sign-out', () => {
  const goesOn = 'You were already signed out here'

  it.each(['that has no session any more', 'whose session is of an earlier sign-in'])(
    'at a site %s says where the person may still be signed in',
    async (which) => {
      const zoe = new Person(await createStage(three()))
      for (const url of [A, B]) await zoe.open(`${url}/`)
      if (which.startsWith('that')) zoe.at(B).cookies.delete('__Host-gatehouse')
      else await zoe.open(`${A}/.gatehouse/login?fresh=1`)
      const out = await (await zoe.at(B).submit(`${B}/.gatehouse/logout`, {})).text()
      expect(out).toContain(goesOn)
      expect(out).toContain(`href="${LOGIN}/.gatehouse/logout"`)
      const end = await zoe.at(LOGIN).submit(`${LOGIN}/.gatehouse/logout`, {})
      expect(await end.text()).not.toContain(goesOn)
      zoe.staysAtIdp = true
      const times = zoe.timesAtIdp
      await zoe.open(`${B}/`)
      expect(zoe.timesAtIdp).toBe(times + 1)
    },
  )

  it('everywhere says so where it ended the sign-in', async () => {
    const zoe = new Person(await createStage(three()))
    for (const url of [A, B]) await zoe.open(`${url}/`)
    const out = await zoe.at(B).submit(`${B}/.gatehouse/logout`, {})
    expect(await out.text()).not.toContain(goesOn)
  })

  it('of one site ends the sessions of all tabs there, whichever the browser kept', async () => {
    const zoe = new Person(await createStage(three()))
    await zoe.open(`${A}/`)
    const one = await zoe.transferTo(`${B}/one`)
    const two = await zoe.transferTo(`${B}/two`)
    await zoe.at(B).go(one)
    const kept = zoe.at(B).cookies.get('__Host-gatehouse')
    at(1)
    await zoe.at(B).go(two)
    // The answer to the first tab came last.
    if (kept) zoe.at(B).cookies.set('__Host-gatehouse', kept)
    await zoe.at(B).submit(`${B}/.gatehouse/logout`, { scope: 'site' })
    const open = (await rows('sessions')).filter((row) => row['revoked_at'] === null)
    expect(open.map((row) => row['site'])).toEqual(['login.example.com', 'a.example.com'])
    expect(await (await zoe.open(`${B}/`)).text()).toContain('You signed out of')
  })
})

describe('a store that fails', () => {
  const down = () => Promise.reject(new Error('down'))
  const statement = { bind: () => statement, first: down, run: down, all: down }
  const broken = {
    D1: { DB: { prepare: () => statement, batch: down } },
    KV: { SESSIONS: { get: down, put: down, delete: down } },
  }

  it.each(['D1', 'KV'] as const)('lets nobody through at any step: %s', async (store) => {
    const stage = await createStage(three())
    const zoe = new Person(stage)
    await zoe.open(`${A}/`)
    const transfer = await zoe.transferTo(`${B}/`)
    const begun = zoe.at(B)
    const pass = `${LOGIN}/.gatehouse/login?go=1&site=b.example.com&login=${handle}&by=redirect`
    for (const [from, url] of [
      [begun, transfer],
      [zoe.at(LOGIN), pass],
    ] as const) {
      const browser = stage.browser(broken[store])
      for (const [name, cookie] of from.cookies) browser.cookies.set(name, cookie)
      const response = await browser.go(url)
      expect([response.status, response.headers.getSetCookie()]).toEqual([503, []])
      expect(response.headers.get('Location')).toBeNull()
    }
    // Afterwards the person goes on, or starts again: the transfer may have been used up.
    await zoe.at(B).go(transfer)
    expect(await page(await zoe.open(`${B}/`))).toEqual([200, 'the page behind'])
    expect(zoe.timesAtIdp).toBe(1)
  })
})
