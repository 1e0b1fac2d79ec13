/** The pages of people and groups, as operators see them. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { addGroup, addProvisioned, changeProvisioned } from '../support/directory.ts'
import { seedConnection as addConnection } from '../admin/stage.ts'
import { addUser } from '../support/session.ts'
import { A, at, type Person, siteAt } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
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
  textOf,
  visitor,
  withConsole,
} from './stage.ts'

const config = withConsole({
  rules: { staff: { anyOf: [{ group: 'Staff' }, { group: 'Guests' }] } },
  sites: [
    siteAt(A, {
      trust: 'every-connection',
      routes: [
        { path: '/', access: 'signed-in' },
        { path: '/public', access: 'public' },
        { path: '/staff', access: { rule: 'staff' } },
        { path: '/wrong', access: { group: 'staff' } },
        { path: '/not', access: { allOf: ['signed-in', { not: { group: 'Staff' } }] } },
        { path: '/country', access: { allOf: [{ group: 'Staff' }, { country: 'DE' }] } },
        { path: '/other', access: { group: 'Elsewhere', connection: 'acme' } },
      ],
    }),
  ],
})

let stage: Stage
beforeEach(async () => {
  stage = await createConsole(config)
})

async function signedIn(): Promise<Person> {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  return olga
}

async function disable(user: string): Promise<void> {
  await press(await signedIn(), 'user disable', { user })
}

describe('the page of people', () => {
  it('lists everybody with their status, and says by whom somebody is kept out', async () => {
    const olga = await signedIn()
    await addUser({ subject: 'a', userName: 'ann', email: null, displayName: null })
    await addProvisioned({ userName: 'bea', displayName: 'Bea', active: false })
    await addUser({ subject: 'c', userName: 'cyd', email: 'cyd@example.com', displayName: 'Cyd' })
    await disable('cyd')
    await addConnection('acme', { provisioning: 'scim' })
    await addUser({ connection: 'acme', subject: 'd', userName: 'dan', email: null })
    const { page } = await see(olga, '/people')
    expect(rowsOf(page).map((row) => row.replace(/ \d{4}-.*$/, ''))).toEqual([
      'Name Email Status Connection Source Last sign-in',
      'Ada Lovelace dan Not sent by the directory acme Sign-in',
      'ann ann Active okta Sign-in',
      'Bea bea Deactivated by the directory okta Directory never',
      'Cyd cyd@example.com Disabled by an operator okta Sign-in',
      'olga@example.test olga@example.test Active okta Sign-in',
    ])
  })

  it('finds by the beginning of a word, within a connection, and says so where nobody is', async () => {
    const olga = await signedIn()
    await addConnection('acme')
    await addUser({ subject: 'a', displayName: 'Ada Lovelace' })
    await addUser({ connection: 'acme', subject: 'a', displayName: 'Ada King' })
    const found = async (query: string) => {
      const { page, says } = await see(olga, `/people${query}`)
      const names = rowsOf(page)
        .slice(1)
        .map((row) => row.split(' ').slice(0, 2).join(' '))
      return [names.toSorted(), says]
    }
    expect((await found('?search=ada'))[0]).toEqual(['Ada King', 'Ada Lovelace'])
    expect((await found('?search=lov'))[0]).toEqual(['Ada Lovelace'])
    expect((await found('?search=ada&connection=acme'))[0]).toEqual(['Ada King'])
    expect((await found('?search=nobody'))[1]).toContain('Type fewer letters')
    expect((await found('?connection=nope'))[1]).toContain('There is no connection “nope”')
    expect((await found('?cursor=x'))[0]).toHaveLength(3)
  })

  it('shows 50 at a time, keeps the search on the next page, and stays below 50 KB', async () => {
    const long = hostile.repeat(20)
    for (let i = 100; i < 160; i++) {
      await addUser({
        subject: `s${i}`,
        userName: `zed${i}${long}`,
        displayName: `Zed ${i} ${long}`,
      })
    }
    const olga = owner(stage)
    const first = await see(olga, '/people?search=zed')
    expect(rowsOf(first.page)).toHaveLength(51)
    expect(new TextEncoder().encode(first.page).length).toBeLessThan(50_000)
    const next = /rel="next"|href="([^"]*)"[^>]*rel="next"/.exec(first.page)?.[1] ?? ''
    const path = next.replaceAll('&amp;', '&').slice('/.gatehouse/admin'.length)
    const second = await see(olga, path)
    expect(rowsOf(second.page)).toHaveLength(11)
    expect(second.page).toContain('value="zed"')
    expect(second.page).not.toContain('rel="next"')
  })

  it('shows hostile names as they are, as text', async () => {
    await addUser({ subject: 'x', userName: hostile, displayName: hostile })
    const search = encodeURIComponent('"><script>x')
    for (const path of ['/people', `/people?search=${search}`, `/people?connection=${search}`]) {
      expect((await see(owner(stage), path)).page).not.toMatch(/<script(?! src)|"><script/)
    }
    const { page, says } = await see(owner(stage), '/people')
    expect(says).toContain(hostile)
    expect(page).toContain('<bdi>&lt;script&gt;')
  })

  it('is 503 while D1 is down', async () => {
    const olga = await signedIn()
    await env.DB.exec('ALTER TABLE users RENAME TO users_gone')
    try {
      expect((await olga.open(`${CONSOLE}/people`)).status).toBe(503)
    } finally {
      await env.DB.exec('ALTER TABLE users_gone RENAME TO users')
    }
  })
})

describe('the page of a person', () => {
  it('says which groups count, and what would open', async () => {
    const zoe = visitor(stage)
    await zoe.open(`${A}/`)
    const { results } = await env.DB.prepare(
      "SELECT id FROM users WHERE user_name = 'zoe@example.test'",
    ).all()
    const asserted = await see(owner(stage), `/people/${String(results[0]?.['id'])}`)
    expect(asserted.says).toContain('Rules go by the groups that the identity provider asserted')
    expect(asserted.says).toContain(`${A}/staff Closed`)

    const ada = await addProvisioned({ userName: 'ada', displayName: 'Ada' })
    await addGroup('Staff', [ada])
    const { says } = await see(owner(stage), `/people/${ada}`)
    expect(says).toContain('Rules go by the groups of the directory, as they are now.')
    expect(says).toMatch(/Of the directory \(these count\) Staff As asserted Not known/)
    expect(says).toContain(`${A}/ Opens By a sign-in.`)
    expect(says).toContain(`${A}/public Open to all`)
    expect(says).toContain(`${A}/staff Opens By staff (any of (group Staff, group Guests)).`)
    expect(says).toContain(`${A}/not Closed It takes not (group Staff).`)
    expect(says).toContain(`${A}/country Depends It takes country DE (not known: country).`)
    expect(says).toContain(`${A}/other Closed It takes group Elsewhere of connection acme.`)
  })

  it('lists sign-ins, and ends one of them at all hosts', async () => {
    const zoe = visitor(stage)
    zoe.userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'
    await zoe.open(`${A}/`)
    const olga = owner(stage)
    const path = '/people/zoe@example.test'
    const before = await see(olga, path)
    expect(before.says).toMatch(
      /Firefox on Linux Country not known .* UTC (login|a)\.example\.com, (login|a)\.example\.com No End/,
    )
    const session = /name="id" value="([^"]*)"/.exec(before.page)?.[1] ?? ''
    const after = await (await press(olga, 'session revoke', { id: session, back: path })).text()
    expect(textOf(after)).toContain('The session is revoked')
    expect(textOf(after)).toContain('This person is not signed in anywhere.')
    at(20)
    expect((await zoe.at(A).go(`${A}/`)).status).toBe(302)
  })

  it('disables, and offers to undo it', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    const olga = await signedIn()
    const back = `/people/${ada}`
    const done = await (
      await press(olga, 'user disable', { user: ada, connection: 'okta', back })
    ).text()
    expect(textOf(done)).toMatch(/ada is disabled: .* Undo ada State Disabled by an operator/)
    expect(done).toContain(`<form method="post" action="/.gatehouse/admin/do/user-enable"`)
    expect(done.slice(done.indexOf('do/user-enable'))).toMatch(
      new RegExp(`^[^>]*><input type="hidden" name="back" value="${back}"`),
    )
    await changeProvisioned(ada, { active: false })
    expect((await see(olga, back)).says).toContain('The directory has deactivated this person too.')
    const undone = await (
      await press(olga, 'user enable', { user: ada, connection: 'okta', back })
    ).text()
    expect(textOf(undone)).toContain('State Deactivated by the directory')
    expect(rowsOf(undone).slice(-2)).toEqual([
      expect.stringMatching(/UTC olga@example\.test enabled ada, in the console\.$/),
      expect.stringMatching(/UTC olga@example\.test disabled ada, in the console\.$/),
    ])
  })

  it('means one person by an id, though another has it as a name', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    const other = await addProvisioned({ userName: ada })
    expect((await see(owner(stage), `/people/${ada}`)).page).toContain('<h1>ada</h1>')
    await disable(ada)
    const barred = await env.DB.prepare('SELECT id FROM users WHERE barred = 1').all()
    expect(barred.results).toEqual([{ id: ada }])
    expect(other).not.toBe(ada)
  })

  it('is 404 for nobody, and a choice where a name is of several', async () => {
    const olga = await signedIn()
    await addConnection('acme')
    await addUser({ subject: 'a', userName: 'ada' })
    await addUser({ connection: 'acme', subject: 'a', userName: 'ada' })
    expect(await see(olga, '/people/nobody')).toMatchObject({ status: 404 })
    expect((await see(olga, '/people/%E0%A4')).status).toBe(404)
    expect((await see(olga, '/people/ada')).says).toContain('Which one?')
  })

  it.each([
    ['auditor', false],
    ['operator', true],
    ['owner', true],
  ] as const)('has buttons for an %s: %s', async (role, mayChange) => {
    const ada = await addProvisioned({ userName: 'ada' })
    const person = { auditor, operator, owner }[role](stage)
    const { page } = await see(person, `/people/${ada}`)
    expect(page.includes('/do/user-disable')).toBe(mayChange)
    expect(page.includes('/end-sign-ins?user=')).toBe(mayChange)
    const tried = await press(person, 'user disable', { user: ada, connection: 'okta' })
    expect(tried.status).toBe(mayChange ? 200 : 403)
  })
})

describe('the pages of groups', () => {
  it('find groups by a part of the name', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    await addGroup('Engineering', [ada])
    await addGroup('Sales')
    const olga = owner(stage)
    expect(rowsOf((await see(olga, '/groups')).page)[1]).toMatch(/^Engineering okta 1 /)
    const found = rowsOf((await see(olga, '/groups?search=GINEER')).page)
    expect(found).toHaveLength(2)
    expect((await see(olga, '/groups?search=100%25')).says).toContain('No group has this')
  })

  it('say which paths a group opens, keeps out of, or is nearly named by', async () => {
    const staff = await addGroup('Staff', [await addProvisioned({ userName: hostile })])
    const { says, page } = await see(owner(stage), `/groups/${staff}`)
    expect(says).toContain(`${A}/staff Opens staff (any of (group Staff, group Guests))`)
    expect(says).toContain(`${A}/not Keeps out`)
    expect(says).toContain(
      `${A}/wrong Does not match The rule says "staff", but the group is called "Staff": case counts.`,
    )
    expect(says).not.toContain(`${A}/other`)
    expect(says).toContain(hostile)
    expect(page).not.toMatch(/<script(?! src)/)
    const sales = await addGroup('Sales')
    expect((await see(owner(stage), `/groups/${sales}`)).says).toContain('No rule of the config')
    expect((await see(owner(stage), '/groups/none')).status).toBe(404)
  })

  it('say which rules name no group, where the directory has another or none', async () => {
    const olga = await signedIn()
    await env.DB.prepare('UPDATE connections SET with_directory = 1').run()
    await addGroup('Staff', [await addProvisioned({ userName: 'ada' })])
    const { says } = await see(olga, '/groups')
    const astray = says.slice(says.indexOf('Rules that name no group'))
    expect(astray).toContain(`${A}/staff group "Guests" No directory has a group`)
    expect(astray).toContain(`${A}/wrong group "staff" The directory has "Staff": case counts.`)
    expect(astray).not.toContain(`${A}/not`)
    expect((await see(olga, '/groups?search=x')).says).not.toContain('Rules that name no group')
  })

  it('page through many members', async () => {
    const members: string[] = []
    for (let i = 0; i < 55; i++) members.push(await addProvisioned({ userName: `m${i}` }))
    const id = await addGroup('Many', members)
    const olga = owner(stage)
    const first = await see(olga, `/groups/${id}`)
    const next = /href="([^"]*)"[^>]*rel="next"/.exec(first.page)?.[1] ?? ''
    const second = await see(olga, next.slice('/.gatehouse/admin'.length))
    const names = [first, second].flatMap(({ page }) =>
      rowsOf(page).flatMap((row) => /^(m\d+) Active$/.exec(row)?.[1] ?? []),
    )
    expect(new Set(names).size).toBe(55)
  })
})

describe('the data of a person', () => {
  it('is a file for whoever may change people, and for nobody else', async () => {
    const olga = await signedIn()
    const id = await addProvisioned({ userName: hostile, displayName: 'Bea' })
    const path = `${CONSOLE}/people/${id}/export`
    const file = await olga.open(path)
    expect(file.headers.get('Content-Disposition')).toMatch(/^attachment; filename="[\w.-]+"$/)
    expect(file.headers.get('Content-Type')).toContain('application/json')
    expect(await file.json()).toMatchObject({
      user: { id, userName: hostile },
      tables: { users: [{ id }], scim_users: [{ id }] },
      sessionsInKv: [],
    })
    const [otto, aude] = [operator(stage), auditor(stage)]
    await otto.open(CONSOLE)
    await aude.open(CONSOLE)
    expect((await otto.open(path)).status).toBe(200)
    expect((await aude.open(path)).status).toBe(403)
    expect((await olga.open(`${CONSOLE}/people/nobody/export`)).status).toBe(404)
  })

  it('is erased by an owner who has said so twice, and the person is gone', async () => {
    const olga = await signedIn()
    const id = await addProvisioned({ userName: 'bea', displayName: 'Bea' })
    const otto = operator(stage)
    await otto.open(CONSOLE)
    const shownTo = async (person: Person) => (await see(person, `/people/${id}`)).page
    expect(await shownTo(otto)).not.toContain('Erase')
    expect(await shownTo(otto)).toContain('Download all data')
    expect((await press(otto, 'user erase', { user: id, yes: 'true' })).status).toBe(403)
    expect(await shownTo(olga)).toContain('Erase…')
    const back = `/people/${id}`
    const asked = await press(olga, 'user erase', { user: id, back })
    const question = await asked.text()
    expect(question).toContain('Erase for good')
    expect(textOf(question)).toContain('bea would be erased for good')
    const done = await press(olga, 'user erase', { user: id, yes: 'true', back, next: '/people' })
    expect(textOf(await done.text())).toContain('bea is erased')
    expect((await see(olga, `/people/${id}`)).status).toBe(404)
  })
})
