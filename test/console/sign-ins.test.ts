/** The pages of attempts to sign in, as operators see them. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { A, at, LOGIN } from '../login/person.ts'
import { readRequest, stepsOf, type Stage } from '../login/stage.ts'
import { seedConnection } from '../admin/stage.ts'
import {
  auditor,
  CONSOLE,
  createConsole,
  hostile,
  operator,
  owner,
  press,
  rowsOf,
  see,
  visitor,
} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
  await env.DB.exec('DELETE FROM attempts; DELETE FROM sign_in_tests')
})

/** The rows below the head of the table. */
const attemptsOf = (page: string): readonly string[] => rowsOf(page).slice(1)

/** A sign-in whose assertion is for another audience. @returns the number on the visitor's page. */
async function refuse(nameId = 'zoe@example.test'): Promise<string> {
  const zoe = visitor(stage)
  zoe.staysAtIdp = true
  await zoe.open(`${A}/`)
  const asked = await readRequest(zoe.seen.at(-1) ?? '')
  const answer = await stage.respond(asked, { nameId, spEntityId: 'https://another.example' })
  const page = await (await stage.post(zoe.at(LOGIN), answer, asked.relayState)).text()
  return /Request number <code>([^<]*)/.exec(page)?.[1] ?? ''
}

const onwardIn = (page: string): string =>
  /https:\/\/idp[^"]*/.exec(page)?.[0].replaceAll('&amp;', '&') ?? ''

async function insert(id: string, fields: Readonly<Record<string, string | number>> = {}) {
  const row = {
    pool: 'test',
    nth: ++count,
    id,
    at: Date.UTC(2026, 10, 24, 11) + count,
    kind: 'sign-in',
    host: 'app.example.com',
    facts: '{}',
    findings: '[]',
    ...fields,
  }
  const names = Object.keys(row)
  await env.DB.prepare(
    `INSERT INTO attempts (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  )
    .bind(...Object.values(row))
    .run()
}
let count = 0

describe('the list of sign-ins', () => {
  it('has each attempt with its person, connection, outcome and number, the newest first', async () => {
    const zoe = visitor(stage)
    await zoe.open(`${A}/`)
    at(5)
    const number = await refuse()
    at(9)
    const { page } = await see(owner(stage), '/sign-ins')
    expect(attemptsOf(page).map((row) => row.replace(/ [\da-f]{8}…$/, ''))).toEqual([
      '2026-11-24 12:00 UTC olga@example.test okta Accepted',
      expect.stringMatching(
        /^2026-11-24 12:00 UTC not known okta Refused .*https:\/\/another.example/,
      ),
      '2026-11-24 12:00 UTC zoe@example.test okta Accepted',
    ])
    expect(page).toContain(`href="/.gatehouse/admin/sign-ins/${number}"`)
    expect(page).toMatch(/href="\/.gatehouse\/admin\/people\/[-\da-f]{36}"><bdi>zoe/)
  })

  it('is searched by the beginning of a number or of a person, and filtered', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    await env.DB.exec('DELETE FROM attempts')
    await seedConnection('acme')
    await insert('aaaa1111-0000-4000-8000-000000000001', {
      person: 'Ada@one.test',
      reason: 'expired',
    })
    await insert('aaaa2222-0000-4000-8000-000000000002', { person: 'bea', connection: 'acme' })
    await insert('bbbb3333-0000-4000-8000-000000000003', { person: '100%_x', connection: 'acme' })
    const found = async (query: string) =>
      attemptsOf((await see(olga, `/sign-ins?${query}`)).page).map((row) => row.at(-2))
    expect(await found('')).toEqual(['3', '2', '1'])
    expect(await found('search=AAAA')).toEqual(['2', '1'])
    expect(await found('search=ada%40')).toEqual(['1'])
    expect(await found('search=%25')).toEqual([])
    expect(await found('search=100%25_')).toEqual(['3'])
    expect(await found('search=b&connection=acme')).toEqual(['3', '2'])
    expect(await found('refused=on')).toEqual(['1'])
    expect(await found('person=BEA')).toEqual(['2'])
    expect(await found('cursor=nonsense')).toEqual(['3', '2', '1'])
    const nothing = await see(olga, '/sign-ins?search=ffff')
    expect(nothing.says).toContain('No attempt to sign in has a number or a person that begins so')
    expect(nothing.page).toContain('/admin/audit?text=ffff')
    expect((await see(olga, '/sign-ins?connection=none')).says).toContain('No attempt is like this')
  })

  it('shows the one attempt of a whole number at once, as the overview links to it', async () => {
    const number = await refuse()
    const olga = owner(stage)
    for (const query of [`request=${number}`, `search=%20${number.toUpperCase()}`]) {
      expect((await see(olga, `/sign-ins?${query}`)).says).toContain('Failed')
    }
  })

  it('pages, keeps the filters, and stays below 50 KB with hostile names', async () => {
    const long = hostile.repeat(14).slice(0, 320)
    for (let i = 0; i < 60; i++) {
      const facts = JSON.stringify({ explained: long.repeat(3) })
      await insert(crypto.randomUUID(), { person: long, reason: 'expired', facts })
    }
    const olga = owner(stage)
    const first = await see(olga, '/sign-ins?refused=on')
    expect(attemptsOf(first.page)).toHaveLength(40)
    expect(new TextEncoder().encode(first.page).length).toBeLessThan(50_000)
    expect(first.page).not.toMatch(/<script(?! src)/)
    const next = /href="([^"]*)"[^>]*rel="next"/.exec(first.page)?.[1] ?? ''
    const path = next.replaceAll('&amp;', '&').slice('/.gatehouse/admin'.length)
    expect(path).toContain('refused=on')
    const second = await see(olga, path)
    expect(attemptsOf(second.page)).toHaveLength(20)
    expect(second.page).not.toContain('rel="next"')
  })

  it('says what to do where there is none', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    await env.DB.exec('DELETE FROM attempts')
    expect((await see(olga, '/sign-ins')).says).toContain('Nobody has tried to sign in')
  })

  it('is 503 while D1 is down', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    await env.DB.exec('ALTER TABLE attempts RENAME TO attempts_gone')
    try {
      expect((await olga.open(`${CONSOLE}/sign-ins`)).status).toBe(503)
    } finally {
      await env.DB.exec('ALTER TABLE attempts_gone RENAME TO attempts')
    }
  })
})

describe('the page of a reason', () => {
  it('is led to from each refusal, and says what to change', async () => {
    await refuse()
    const olga = owner(stage)
    const list = await see(olga, '/sign-ins')
    expect(list.page).toContain('<a href="/.gatehouse/admin/trouble/audience">What to do</a>')
    const { status, page, says } = await see(auditor(stage), '/trouble/audience')
    expect(status).toBe(200)
    expect(says).toContain('The assertion is for another audience than our entity ID.')
    expect(page).toContain('<strong>Change</strong> Okta <em>Audience URI (SP Entity ID)</em>')
    const other = await see(olga, '/trouble/destination')
    expect(other.page).toContain('<a href="/.gatehouse/admin/trouble/recipient">recipient</a>')
    for (const text of [says, other.says]) expect(text).not.toMatch(/[`*]|\]\(/)
  })

  it('is not there for another word, nor for a visitor', async () => {
    const olga = owner(stage)
    for (const word of ['nonsense', 'constructor', '__proto__', '%3Cscript%3E']) {
      const { status, says } = await see(olga, `/trouble/${word}`)
      expect([word, status]).toEqual([word, 404])
      expect(says).toContain('There is no such reason')
    }
    expect((await see(visitor(stage), '/trouble/audience')).status).toBe(403)
    expect((await visitor(stage).open(`${LOGIN}/.gatehouse/assets/trouble.json`)).status).toBe(404)
  })
})

describe('the page of an attempt', () => {
  it('says what failed and where help is, shows each check and the message', async () => {
    const number = await refuse()
    const { page, says } = await see(owner(stage), `/sign-ins/${number}`)
    expect(says).toMatch(/Somebody was refused and could not sign in with okta: .*another/)
    expect(page).toContain(
      '<a href="/.gatehouse/admin/trouble/audience">What to do about audience</a>',
    )
    expect(page).toMatch(/<li class="failed"><strong>Audience is our entity ID/)
    expect(page).toContain('<li class="done">')
    expect(page).toContain('<pre tabindex="0">&lt;')
    expect(page).toContain('&lt;saml:Audience&gt;https://another.example')
    expect(page).toContain('&lt;ds:SignatureValue&gt;(left out)&lt;')
    expect(page).toContain(`/audit?request=${number}`)
    expect(page).toContain('/connections/okta')
  })

  it('says that a sign-in was accepted', async () => {
    const zoe = visitor(stage)
    await zoe.open(`${A}/`)
    const row = await env.DB.prepare('SELECT id FROM attempts').first<{ id: string }>()
    const { page, says } = await see(owner(stage), `/sign-ins/${row?.id}`)
    expect(says).toContain('zoe@example.test signed in with okta. Every check passed')
    expect(page).not.toContain('class="failed"')
  })

  it('shows hostile words as text', async () => {
    const id = crypto.randomUUID()
    await insert(id, {
      person: hostile,
      connection: 'okta',
      reason: 'expired',
      facts: JSON.stringify({ explained: hostile, found: [hostile], '<b>': true }),
      findings: JSON.stringify([{ check: hostile, reason: 'x', says: hostile }]),
      document: '<a b="&lt;script>">&lt;script></a>',
    })
    const { page, says } = await see(owner(stage), `/sign-ins/${id}`)
    expect(page).not.toMatch(/<script(?! src)|<b>/)
    expect(says).toContain(hostile)
  })

  it('is 404 where no attempt has the number', async () => {
    const { status, says } = await see(owner(stage), '/sign-ins/none')
    expect(status).toBe(404)
    expect(says).toContain('No attempt to sign in has this number')
  })

  it.each([
    ['auditor', false],
    ['operator', true],
    ['owner', true],
  ] as const)('has a button to test the connection for an %s: %s', async (role, mayTest) => {
    const number = await refuse()
    const person = { auditor, operator, owner }[role](stage)
    const { page } = await see(person, `/sign-ins/${number}`)
    expect(page.includes('/do/connection-try')).toBe(mayTest)
    const tried = await press(person, 'connection try', { connection: 'okta' })
    expect(tried.status).toBe(mayTest ? 200 : 403)
  })

  it('begins a test by a link of the console, and says of it that nobody was signed in', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    const number = await refuse()
    const back = `/sign-ins/${number}`
    const pressed = await (await press(olga, 'connection try', { connection: 'okta', back })).text()
    const link = /<a class="button" href="([^"]*test-sign-in[^"]*)"/.exec(pressed)?.[1] ?? ''
    const browser = stage.browser()
    const [step] = stepsOf(await (await browser.go(link)).text())
    const begun = await browser.submit(LOGIN + (step?.action ?? ''), step?.fields ?? {})
    const asked = await readRequest(onwardIn(await begun.text()))
    const answer = await stage.respond(asked, { nameId: 'yan@example.test' })
    const done = await (await stage.post(browser, answer, asked.relayState)).text()
    const path = /\/admin(\/sign-ins\/[-\da-f]{36})/.exec(done)?.[1] ?? ''
    const { page, says } = await see(olga, path)
    expect(says).toContain('This was a test: nobody was signed in.')
    expect(says).toContain('yan@example.test could sign in with okta')
    expect(says).toContain('What would open')
    expect(page).toContain('Try again')
    expect(attemptsOf((await see(olga, '/sign-ins?search=yan')).page)[0]).toContain('Test Accepted')
  })
})
