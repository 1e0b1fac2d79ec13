/** The first page of the console. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { insertConnection } from '../../src/connection/store.ts'
import { insertToken } from '../../src/directory/token-store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { A, at, type Person } from '../login/person.ts'
import { start, type Stage } from '../login/stage.ts'
import { breakable, slowly } from '../support/binding.ts'
import {
  auditor,
  CONSOLE,
  createConsole,
  enterConsole,
  makeAdminLink,
  owner,
  textOf,
  visitor,
} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createConsole()
})

const now = toInstant(start.getTime())
const DAY = 86_400
const show = async (person: Person): Promise<string> => (await person.open(CONSOLE)).text()
/** What a person reads, without the numbers at the bars of the chart. */
const said = (page: string): string => textOf(page.replaceAll(/<title>\d+<\/title>/g, ''))

describe('the overview', () => {
  it('reads the removal guards of all connections at once', async () => {
    const olga = owner(stage)
    await olga.open(CONSOLE)
    for (const id of ['one', 'two', 'three']) {
      await insertConnection(env.DB, connectionOf(stage.idp, { id, domains: [] }), now)
    }
    let asked = 0
    const counting = slowly(env.DB, 'all', () => Promise.resolve(asked++), /FROM scim_guards/)
    const { cookies } = olga.at(CONSOLE)
    const watching = stage.browser({ DB: counting })
    for (const [name, cookie] of cookies) watching.cookies.set(name, cookie)
    olga.jars.set(new URL(CONSOLE).host, watching)
    expect(said(await show(olga))).toContain('People signed in 1')
    expect(asked).toBe(1)
  })

  it('says that all is well, and how many people are signed in', async () => {
    await visitor(stage).open(`${A}/`)
    const page = said(await show(owner(stage)))
    expect(page).toContain('All is well. Nothing needs attention.')
    expect(page).toContain('People signed in 2')
    expect(page).toContain('Sign-ins, 7 days 2')
    expect(page).toContain('Refused, 7 days 0')
    expect(page).toContain('No sign-in was refused.')
  })

  it('counts sign-ins and refusals by day, two weeks back and no further', async () => {
    const aude = auditor(stage)
    await show(aude)
    const insert = (daysAgo: number, kind: string, nth: number) =>
      env.DB.prepare(
        `INSERT INTO audit (share, nth, at, kind, dropped, facts) VALUES ('done', ?1, ?2, ?3, 0, '{}')`,
      )
        .bind(nth, plusSeconds(now, -daysAgo * DAY), kind)
        .run()
    let nth = 100
    for (const [daysAgo, kind, times] of [
      [0, 'login-refused', 2],
      [3, 'login', 5],
      [3, 'logout', 1],
      [13, 'login', 7],
      [14, 'login', 11],
    ] as const) {
      for (let i = 0; i < times; i++) await insert(daysAgo, kind, nth++)
    }
    const page = said(await show(aude))
    expect(page).toContain('2026-11-24 1 2')
    expect(page).toContain('2026-11-21 5 0')
    expect(page).toContain('2026-11-11 7 0')
    expect(page).not.toContain('2026-11-10')
    expect(page).toContain('Sign-ins, 7 days 6')
  })

  it('tells what ends soon or has ended, and directories that have gone quiet', async () => {
    const token = (id: string, label: string, ends: number) =>
      insertToken(
        env.DB,
        {
          id,
          label,
          connection: 'okta',
          createdAt: plusSeconds(now, -20 * DAY),
          expiresAt: plusSeconds(now, ends * DAY),
        },
        id,
      ).run()
    await token('one', 'next', 29)
    await token('two', 'past', -1)
    await token('three', 'far', 31)
    await token('four', 'long past', -31)
    await env.DB.exec(`UPDATE connection_certificates SET not_after = ${plusSeconds(now, 2 * DAY)}`)
    const page = said(await show(owner(stage)))
    expect(page).toContain('Now okta : The directory token "past" ended on 2026-11-23.')
    expect(page).toContain('Soon okta : The directory token "next" ends on 2026-12-23.')
    expect(page).toContain('The directory has a token and has never used it.')
    expect(page).toMatch(/Soon okta : Certificate \S+ expires 2026-11-26, in 2 days/)
    expect(page).not.toMatch(/"far"|"long past"|All is well/)
  })

  it('tells that metadata wait for a person, while they are those of the URL', async () => {
    const url = 'https://idp.example.test/metadata'
    await env.DB.prepare('UPDATE connections SET metadata_url = ?1').bind(url).run()
    await env.DB.prepare(
      `INSERT OR REPLACE INTO connection_metadata (connection, url, edition, next_at, leaving, waiting)
       VALUES ('okta', ?1, 1, 0, '{}', '{}')`,
    )
      .bind(url)
      .run()
    const olga = owner(stage)
    expect(said(await show(olga))).toContain('Soon okta : New metadata wait for a person')
    await env.DB.exec(`UPDATE connections SET metadata_url = 'https://other.example/metadata'`)
    expect(said(await show(olga))).not.toContain('wait for a person')
  })

  it('tells that sign-ins by a connection fail, until one is accepted again', async () => {
    const olga = owner(stage)
    await show(olga)
    const refused = (nth: number, seconds: number) =>
      env.DB.prepare(
        `INSERT INTO attempts (pool, nth, id, at, kind, host, connection, reason, facts, findings)
         VALUES ('anybody', ?1, ?2, ?3, 'sign-in', 'login.example.com', 'okta', 'response', '{}', '[]')`,
      )
        .bind(nth, `failed-${nth}`, plusSeconds(now, seconds))
        .run()
    await refused(1001, 1)
    await refused(1002, 2)
    at(3)
    expect(said(await show(olga))).toContain('All is well')
    await refused(1003, 3)
    expect(said(await show(olga))).toContain('Now okta : 3 sign-ins were refused within a day')
    at(10)
    await visitor(stage).open(`${A}/`)
    expect(said(await show(olga))).toContain('All is well')
    at(86_000)
    const later = owner(stage)
    await show(later)
    await env.DB.exec(`DELETE FROM attempts WHERE reason IS NULL`)
    expect(said(await show(later))).toContain('3 sign-ins were refused within a day')
    at(86_500)
    expect(said(await show(later))).not.toContain('were refused within a day')
  })

  it('shows the last refusals in words, with a way to each', async () => {
    await env.DB.prepare(
      `INSERT INTO audit (share, nth, at, kind, connection, request_id, dropped, facts)
       VALUES ('anybody', 1, ?1, 'login-refused', 'okta', 'req-1', 0, ?2)`,
    )
      .bind(
        now,
        JSON.stringify({ person: '<b>eve</b>', explained: 'The assertion "x" <i>expired</i>.' }),
      )
      .run()
    const page = await show(owner(stage))
    expect(page).toContain('&lt;b&gt;eve&lt;/b&gt;')
    expect(page).toContain('The assertion &quot;x&quot; &lt;i&gt;expired&lt;/i&gt;.')
    expect(page).toContain('/.gatehouse/admin/sign-ins?request=req-1')
  })

  it('begins with the first step where nothing is connected', async () => {
    const byLink = visitor(stage)
    await enterConsole(byLink, await makeAdminLink(stage))
    const first = 'Connect your identity provider'
    expect(said(await show(byLink))).not.toContain(first)
    await env.DB.exec('DELETE FROM connections')
    const page = await show(byLink)
    expect(said(page)).toContain(first)
    expect(page).toContain('href="/.gatehouse/admin/connections/new"')
    await insertConnection(env.DB, connectionOf(stage.idp, { domains: [] }), now)
    expect(said(await show(byLink))).not.toContain(first)
    expect(page.length).toBeLessThan(50_000)
  })

  it('is a 503 where D1 is down, and never half a page', async () => {
    const olga = owner(stage)
    await show(olga)
    const broken = breakable(env.DB)
    const blind = stage.browser({ DB: broken.binding })
    for (const [name, cookie] of olga.at(CONSOLE).cookies) blind.cookies.set(name, cookie)
    expect((await blind.go(CONSOLE)).status).toBe(200)
    broken.isBroken = true
    at(60)
    const answer = await blind.go(CONSOLE)
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '5'])
  })
})
