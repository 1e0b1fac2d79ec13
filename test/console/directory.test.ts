/** The page of a directory, and what it knows of real SCIM requests. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { removeOldRemovals } from '../../src/directory/guard-store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { seedConnection } from '../admin/stage.ts'
import { A, LOGIN, at, Person, siteAt } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { addGroup, addProvisioned } from '../support/directory.ts'
import { addUser } from '../support/session.ts'
import {
  auditor,
  CONSOLE,
  createConsole,
  operator,
  owner,
  press,
  see,
  textOf,
  withConsole,
} from './stage.ts'

const config = withConsole({
  sites: [
    siteAt(A, {
      trust: 'every-connection',
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/staff', access: { group: 'Staff' } },
        { path: '/sales', access: { group: 'Sales' } },
      ],
    }),
  ],
})
const PAGE = '/directory/okta'

let stage: Stage
let olga: Person
beforeEach(async () => {
  stage = await createConsole(config)
  olga = owner(stage)
  await olga.open(CONSOLE)
})

/** Presses a button as Olga, and reads the page that follows. */
const done = async (operation: string, fields: Readonly<Record<string, string>>) =>
  textOf(await (await press(olga, operation, { back: PAGE, ...fields })).text())

/** @returns the token that the page shows once. */
async function makeToken(label = 'Okta 2027'): Promise<string> {
  const says = await done('scim token create', { connection: 'okta', label })
  return /gatehouse_scim_[\w-]+/.exec(says)?.[0] ?? says
}

const scim = (token: string, method: string, path: string, body?: object): Promise<Response> =>
  stage.send(
    new Request(`${LOGIN}/.gatehouse/scim/okta/v2${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  )

describe('tokens', () => {
  it('are made with the secret shown once, listed with their state, and revoked', async () => {
    expect((await see(olga, PAGE)).says).toContain('The directory has no token yet')
    expect((await see(olga, PAGE)).says).toContain(`${LOGIN}/.gatehouse/scim/okta/v2`)
    const token = await makeToken()
    expect((await scim(token, 'GET', '/Users')).status).toBe(200)
    const { page, says } = await see(olga, PAGE)
    expect(page).not.toContain(token)
    expect(says).toMatch(/Okta 2027 good .* UTC .* UTC .* UTC Revoke/)
    const id = /name="token" value="([^"]*)"/.exec(page)?.[1] ?? ''
    expect(await done('scim token revoke', { token: id })).toContain('Okta 2027 revoked')
    expect((await scim(token, 'GET', '/Users')).status).toBe(401)
  })

  it('keep what was typed where the form is refused', async () => {
    const response = await press(olga, 'scim token create', {
      connection: 'okta',
      label: 'Mine',
      expires: 'yesterday',
      back: PAGE,
    })
    const page = await response.text()
    expect(response.status).toBe(422)
    expect(page).toContain('value="Mine"')
    expect(textOf(page)).toContain('Ends must be a day to come')
    expect(page).toMatch(/<details open/)
  })

  it('are nothing that an auditor can change; an operator revokes them', async () => {
    await makeToken()
    const aude = auditor(stage)
    const { page } = await see(aude, PAGE)
    expect(page).not.toContain('/do/scim')
    const tried = await press(aude, 'scim token create', { connection: 'okta', label: 'x' })
    expect(tried.status).toBe(403)
    // Olga signs in with this connection, so only an owner makes a token for it.
    const own = (await see(operator(stage), PAGE)).page
    expect(own).toContain('/do/scim-token-revoke')
    expect(own).not.toContain('/do/scim-token-create')
  })
})

describe('requests', () => {
  it('are shown with their answers, and without what they carried', async () => {
    const token = await makeToken('Okta <b>')
    const made = await scim(token, 'POST', '/Users', { userName: 'secretive' })
    const { id } = JSON.parse(await made.text())
    await scim(token, 'POST', '/Users', { userName: 'secretive' })
    await scim(token, 'GET', `/Users?filter=${encodeURIComponent('userName eq "hidden"')}`)
    await scim(token, 'GET', '/ServiceProviderConfig')
    await scim(token, 'PATCH', `/Users/${id}`, { Operations: [] })
    await scim(`${token}x`, 'DELETE', `/Users/${id}`)
    const { says, page } = await see(olga, PAGE)
    const requests = says.slice(says.indexOf('Last requests'))
    expect(requests).toMatch(/POST \/Users 409 uniqueness: /)
    expect(requests).toMatch(
      /PATCH \S+ 200 .*GET \/ServiceProviderConfig 200 Okta <b> .*GET \/Users 200 .*POST \/Users 201/,
    )
    expect(requests).not.toMatch(/DELETE|hidden|secretive/)
    expect(page).not.toContain('<b>')
    expect(page).not.toContain(token)
  })

  it('are fifty of each connection, whoever writes at the same moment', async () => {
    const token = await makeToken()
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => scim(token, 'GET', `/Users/${i}${'x'.repeat(300)}`)),
    )
    const { results } = await env.DB.prepare('SELECT nth, path FROM scim_requests').all()
    expect(results).toHaveLength(50)
    expect(results.every(({ path }) => String(path).length === 200)).toBe(true)
    const { page } = await see(olga, PAGE)
    expect(new TextEncoder().encode(page).length).toBeLessThan(50_000)
  })
})

describe('the removal guard', () => {
  const setGuard = () =>
    env.DB.prepare(
      `UPDATE connections SET settings = json_set(settings, '$.directory.removalGuardPercent', 20)`,
    ).run()
  const people = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => addProvisioned({ userName: `p${i}` })))

  it('shows whom it keeps, lets them go for a time, and holds again', async () => {
    const token = await makeToken()
    expect((await see(olga, PAGE)).says).toContain('No guard is set')
    await setGuard()
    const ids = await people(8)
    for (const id of ids.slice(0, 5)) await scim(token, 'DELETE', `/Users/${id}`)
    expect((await see(olga, PAGE)).says).toContain('Nothing is held.')
    const leave = { Operations: [{ op: 'replace', value: { active: false } }] }
    for (const id of ids.slice(5)) {
      expect((await scim(token, 'PATCH', `/Users/${id}`, leave)).status).toBe(429)
      expect((await scim(token, 'DELETE', `/Users/${id}`)).status).toBe(429)
    }
    const { says } = await see(olga, PAGE)
    expect(says).toContain('3 people would be out')
    expect((await see(olga, '')).says).toMatch(
      /Now okta : The directory would remove more people .*: 3 people are held, since 2026-\d\d-\d\d \d\d:\d\d UTC/,
    )
    expect(says).toMatch(/p5 .* UTC .* UTC/)

    const allowed = await done('scim allow-removals', { connection: 'okta', for: '1h' })
    expect(allowed).toContain('may remove as many people as it likes')
    expect(allowed).toMatch(/Undo .* Lets all through until/)
    expect((await scim(token, 'PATCH', `/Users/${ids[5]}`, leave)).status).toBe(200)
    expect((await scim(token, 'DELETE', `/Users/${ids[6]}`)).status).toBe(204)
    expect((await see(olga, PAGE)).says).toContain('1 person would be out')

    const held = await done('scim hold-removals', { connection: 'okta' })
    expect(held).toContain('holds removals back again')
    expect((await scim(token, 'DELETE', `/Users/${ids[7]}`)).status).toBe(429)
    expect(await done('scim hold-removals', { connection: 'okta' })).toContain('Nothing changed.')
  })

  it('forgets what the directory has not tried for a week', async () => {
    const token = await makeToken()
    await setGuard()
    for (const id of await people(6)) await scim(token, 'DELETE', `/Users/${id}`)
    const now = toInstant(Date.now())
    const left = async (days: number) => {
      await removeOldRemovals(env.DB, plusSeconds(now, days * 86_400))
      return env.DB.prepare('SELECT count(*) AS n FROM scim_held').first('n')
    }
    expect([await left(6), await left(8)]).toEqual([1, 0])
  })
})

describe('drift', () => {
  it('names people whom the directory does not know, and groups that it does not have', async () => {
    await makeToken()
    await addProvisioned({ userName: 'known', emails: [{ value: 'mail@example.com' }] })
    await addUser({ subject: 'KNOWN', userName: 'by-subject', email: null })
    await addUser({ subject: 's2', userName: 'by-mail', email: 'mail@example.com' })
    await addUser({ subject: 's3', userName: 'stranger', email: 'else@example.com' })
    await addGroup('staff')
    const { says } = await see(olga, PAGE)
    const drift = says.slice(says.indexOf('Drift'), says.indexOf('Removal guard'))
    expect(drift).toContain('2 people would lose access')
    expect(drift).toContain('olga@example.test stranger')
    expect(drift).toMatch(/Groups in rules that the directory does not have .* Sales $/)
    await env.DB.prepare("UPDATE connections SET provisioning = 'scim'").run()
    expect((await see(olga, PAGE)).says).toContain('2 people cannot sign in any more')
  })

  it('counts everybody who would lose access, beyond the first by name, and names the first', async () => {
    await makeToken()
    const insert = (id: string, subject: string) =>
      `INSERT INTO users (id, connection, subject, user_name, active, source, sessions_valid_from,
         created_at, updated_at)
       SELECT ${id}, 'okta', ${subject}, ${subject}, 1, 'jit', 0, 0, 0`
    const numbers = (count: number) =>
      `FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
         SELECT i FROM n)`
    // The directory has the first 6000 by name, so a look at the first few thousand finds nobody.
    await env.DB.prepare(`${insert("'known-' || i", "'a' || i")} ${numbers(6000)}`).run()
    await env.DB.prepare(
      `INSERT INTO scim_users (id, connection, name, name_fold, display, display_fold, active, doc,
         search, version, write_id, created_at, updated_at)
       SELECT id, connection, subject, subject, '', '', 1, '{}', '{}', 1, id, 0, 0
       FROM users WHERE id LIKE 'known-%'`,
    ).run()
    await env.DB.prepare(`${insert("'not-' || i", "'z' || i")} ${numbers(1234)}`).run()
    await env.DB.prepare(`UPDATE users SET barred = 1 WHERE id = 'not-7'`).run()
    const { says, page } = await see(olga, PAGE)
    expect(says).toContain('1,234 people would lose access')
    expect(says).toMatch(/z\d+ and 1,214 more/)
    expect(page.length).toBeLessThan(50_000)
    // The overview is read often: it looks at fewer people, and says so.
    await env.DB.prepare(`DELETE FROM users WHERE id LIKE 'known-%'`).run()
    await env.DB.prepare(`${insert("'more-' || i", "'y' || i")} ${numbers(5000)}`).run()
    expect((await see(olga, '')).says).toContain('At least 5,000 people would lose access')
  })

  it('names people for whom the groups of the directory open less, today or later', async () => {
    const zoe = new Person(stage, 'zoe', ['Staff'])
    await zoe.open(`${A}/staff`)
    await makeToken()
    await addProvisioned({ userName: 'ada' })
    const ada = new Person(stage, 'ada', ['Staff', 'Sales', 'Other'])
    await ada.open(`${A}/`)
    await addGroup('Staff')
    const { says } = await see(olga, PAGE)
    expect(says).toContain(
      '1 person has lost access to some pages, 1 person would lose access to some pages',
    )
    expect(says).toContain(`ada ${A}/staff, ${A}/sales Today`)
    expect(says).toContain(`zoe ${A}/staff Once the directory sends the person`)
    at(9 * 3600)
    const later = owner(stage)
    expect((await see(later, PAGE)).says).not.toContain('access to some pages')
  })

  it('is on the overview, for each connection that has some', async () => {
    const drift = async () => {
      const { says } = await see(olga, '')
      const from = says.indexOf(' Drift ')
      return from < 0 ? '' : says.slice(from, says.indexOf('Last refusals'))
    }
    expect(await drift()).toBe('')
    await makeToken()
    await addGroup('Staff')
    await new Person(stage, 'zoe', ['Staff']).open(`${A}/staff`)
    expect(await drift()).toContain(
      'okta : 2 people would lose access if only people of the directory might sign in.' +
        ' 1 person would lose access to some pages, by the groups of the directory.' +
        ' The directory does not have 1 group that rules name.',
    )
    const { page } = await see(olga, '')
    expect(page).toContain('href="/.gatehouse/admin/directory/okta#drift"')
    // Those whom the directory has not sent are out already; nothing is to come for them.
    await env.DB.prepare("UPDATE connections SET provisioning = 'scim'").run()
    expect(await drift()).not.toContain('if only people of the directory')
    await env.DB.prepare('UPDATE connections SET enabled = 0').run()
    expect(await drift()).toBe('')
  })

  it('is nothing to compare without a directory', async () => {
    expect((await see(olga, PAGE)).says).toContain('Nothing to compare')
    await seedConnection('acme', { provisioning: 'jit+scim' })
    expect((await see(olga, '/directory/acme')).says).toContain('Drift')
    for (const id of ['nope', '%3Cscript%3E']) {
      expect((await see(olga, `/directory/${id}`)).status).toBe(404)
    }
  })
})
