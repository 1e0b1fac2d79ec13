/** What a directory says decides who comes in: the whole Worker, one isolate for people, one for SCIM. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import type { JoinRule } from '../../src/directory/join.ts'
import { findGroupsOfUser } from '../../src/directory/member-store.ts'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { locationOf } from '../support/browser.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'
import { emptyStores, everyRow } from '../support/session.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import { configOf, createStage, readRequest, refusals, SITE } from '../login/stage.ts'
import { directoryOf, start, type Json } from './stage.ts'

const ada = 'zoe@example.test'
const at = (seconds: number) => vi.setSystemTime(start.getTime() + seconds * 1000)

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
})

const open = async (
  provisioning: Connection['provisioning'] = 'scim',
  join: JoinRule = 'user-name',
) => {
  const { settings } = connectionOf(await createTestIdp())
  const directory = { ...settings.directory, join }
  const stage = await createStage(configOf(), {
    provisioning,
    settings: { ...settings, directory },
  })
  const scim = await directoryOf('okta')
  return { stage, scim }
}

describe('who is provisioned', () => {
  it.each([
    ['user-name', { userName: 'Zoe@Example.test' }],
    ['external-id', { userName: 'z', externalId: ada }],
    ['email', { userName: 'z', emails: [{ value: 'ZOE@example.test', type: 'work' }] }],
  ] as const)(
    'is known at sign-in by %s, and told to the site as provisioned',
    async (join, fields) => {
      const { stage, scim } = await open('scim', join)
      await scim.user({ ...fields, displayName: 'Zoe of the directory' })
      const browser = stage.browser()
      await stage.signIn(browser)
      expect((await browser.go(`${SITE}/`)).status).toBe(200)
      const headers = stage.origin.at(-1)?.headers
      expect(headers?.get('X-Forwarded-Preferred-Username')).toBe(fields.userName)
      expect(
        (await stage.signIn(stage.browser(), '/', { nameId: 'eve@example.test' })).status,
      ).toBe(403)
      expect(refusals(stage)).toMatchObject([{ reason: 'not-provisioned' }])
    },
  )

  it('is not who is called by an address of another connection’s domain', async () => {
    const { stage, scim } = await open()
    const corp = await createTestIdp({ entityId: 'https://corp.example' })
    const owner = connectionOf(corp, { id: 'corp', domains: ['corp.example'] })
    await saveConnection(env.DB, owner, toInstant(Date.now()))
    const emails = [{ value: 'boss@corp.example' }]
    await scim.user({ userName: ada, emails })
    const browser = stage.browser()
    const toIdp = await browser.go(`${SITE}/.gatehouse/login?go=1&connection=okta&to=%2F`)
    const asked = await readRequest(locationOf(toIdp))
    const answer = await stage.post(browser, await stage.respond(asked), asked.relayState)
    expect(answer.status).toBe(403)
    expect(refusals(stage)).toMatchObject([
      { reason: 'foreign-domain', facts: { domain: 'corp.example' } },
    ])
    expect(await env.DB.prepare('SELECT count(*) AS n FROM sessions').first('n')).toBe(0)
  })
})

describe('who leaves', () => {
  const endings: [
    string,
    (path: string, scim: Awaited<ReturnType<typeof directoryOf>>) => Promise<Json>,
  ][] = [
    [
      'is deactivated',
      (path, scim) => scim.patch(path, { op: 'Replace', path: 'active', value: 'False' }),
    ],
    ['is put inactive', (path, scim) => scim.put(path, { userName: ada, active: false })],
    ['loses the attribute', (path, scim) => scim.patch(path, { op: 'remove', path: 'active' })],
    ['is deleted', (path, scim) => scim.remove(path)],
  ]

  it.each(endings)('and %s is refused everywhere within revocationSeconds', async (_, end) => {
    const { stage, scim } = await open()
    const path = `/Users/${await scim.user({ userName: ada })}`
    const [browser, elsewhere] = [stage.browser(), stage.browser({})]
    await stage.signIn(browser)
    await stage.signIn(elsewhere)
    for (const each of [browser, elsewhere]) expect((await each.go(`${SITE}/`)).status).toBe(200)
    expect([200, 204]).toContain((await end(path, scim)).status)
    at(15)
    const before = stage.origin.length
    for (const each of [browser, elsewhere])
      expect((await each.go(`${SITE}/`)).status).not.toBe(200)
    expect((await stage.signIn(stage.browser())).status).toBe(403)
    expect(stage.origin.length).toBe(before)
  })

  it('and comes back signs in anew: no session of before lives again', async () => {
    const { stage, scim } = await open()
    const path = `/Users/${await scim.user({ userName: ada })}`
    const browser = stage.browser()
    await stage.signIn(browser)
    await scim.patch(path, { op: 'replace', value: { active: false } })
    await scim.patch(path, { op: 'replace', value: { active: true } })
    at(15)
    expect((await browser.go(`${SITE}/`)).status).not.toBe(200)
    const again = stage.browser()
    await stage.signIn(again)
    expect((await again.go(`${SITE}/`)).status).toBe(200)
  })

  it('by a change of anything else keeps the session', async () => {
    const { stage, scim } = await open()
    const path = `/Users/${await scim.user({ userName: ada })}`
    const browser = stage.browser()
    await stage.signIn(browser)
    await scim.patch(path, { op: 'replace', path: 'title', value: 'Dr' })
    await scim.put(path, { userName: ada, active: true, nickName: 'Z' })
    at(15)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })

  it('is kept out by the operator, and no directory lets them in again', async () => {
    const { stage, scim } = await open()
    const id = await scim.user({ userName: ada })
    await setUserActive(env.DB, id, false, toInstant(Date.now()))
    for (const active of [true, false, true])
      await scim.put(`/Users/${id}`, { userName: ada, active })
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(true)
    expect((await stage.signIn(stage.browser())).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'user-disabled' }])
    await setUserActive(env.DB, id, true, toInstant(Date.now()))
    const browser = stage.browser()
    await stage.signIn(browser)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })
})

describe('what is kept of a person whom the directory deletes', () => {
  const tablesOf = async (id: string) => {
    const tables: readonly [string, readonly unknown[]][] = JSON.parse(await everyRow())
    return tables.flatMap(([name, rows]) => (JSON.stringify(rows).includes(id) ? name : []))
  }

  it('is the audit, the last requests, and for an hour that they were removed', async () => {
    const { stage, scim } = await open()
    const id = await scim.user({ userName: ada, emails: [{ value: ada }] })
    await scim.post('/Groups', { displayName: 'staff', members: [{ value: id }] })
    const browser = stage.browser()
    await stage.signIn(browser)
    await browser.go(`${SITE}/`)
    expect(await tablesOf(id)).toEqual(
      expect.arrayContaining(['users', 'sessions', 'scim_users', 'scim_keys', 'scim_members']),
    )
    expect((await scim.ask('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await tablesOf(id)).toSorted()).toEqual(['audit', 'scim_removals', 'scim_requests'])
    at(3600)
    await stage.cron()
    expect((await tablesOf(id)).toSorted()).toEqual(['audit', 'scim_requests'])
  })

  it('is also that the operator keeps them out', async () => {
    const { scim } = await open()
    const id = await scim.user({ userName: ada })
    await setUserActive(env.DB, id, false, toInstant(Date.now()))
    await scim.ask('DELETE', `/Users/${id}`)
    expect(await tablesOf(id)).toContain('users')
    expect(await tablesOf(id)).not.toContain('scim_users')
  })
})

describe('a connection where whoever signs in is known', () => {
  it('makes one person of who signed in and is provisioned then: same id, and out when they leave', async () => {
    const { stage, scim } = await open('jit')
    const browser = stage.browser()
    await stage.signIn(browser)
    const [before] = await findUsers(env.DB, ada)
    const id = await scim.user({ userName: ada })
    expect(id).toBe(before?.id)
    at(15)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
    await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: false } })
    at(30)
    expect((await browser.go(`${SITE}/`)).status).not.toBe(200)
    expect((await stage.signIn(stage.browser())).status).toBe(403)
  })

  it('makes no second person of who is provisioned under another name', async () => {
    const { stage, scim } = await open('jit+scim', 'external-id')
    const id = await scim.user({ userName: 'z', externalId: ada, active: false })
    expect((await stage.signIn(stage.browser())).status).toBe(403)
    expect(refusals(stage)).toMatchObject([{ reason: 'user-disabled' }])
    expect(await findUsers(env.DB, ada)).toEqual([])
    await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: true } })
    const browser = stage.browser()
    await stage.signIn(browser)
    expect((await browser.go(`${SITE}/`)).status).toBe(200)
  })
})

describe('the groups of a person', () => {
  it('are those of the directory, by one query, as they are now', async () => {
    const { scim } = await open()
    const [a, b] = [await scim.user(), await scim.user()]
    const staff = await scim.group({ displayName: 'Staff', members: [a, b] })
    const admins = await scim.group({ displayName: 'Admins', members: [a] })
    expect(await findGroupsOfUser(env.DB, a)).toEqual([
      { id: staff, displayName: 'Staff' },
      { id: admins, displayName: 'Admins' },
    ])
    expect((await scim.get(`/Users/${a}`)).body.groups).toMatchObject([
      { value: staff, display: 'Staff', type: 'direct' },
      { value: admins, display: 'Admins', type: 'direct' },
    ])
    await scim.patch(`/Groups/${admins}`, { op: 'remove', path: `members[value eq "${a}"]` })
    await scim.patch(`/Groups/${staff}`, { op: 'replace', path: 'displayName', value: 'All' })
    expect(await findGroupsOfUser(env.DB, a)).toEqual([{ id: staff, displayName: 'All' }])
    expect(await findGroupsOfUser(env.DB, 'nobody')).toEqual([])
  })
})

describe('the log', () => {
  it('has what was changed and refused, by which token, and no secret or value of it', async () => {
    const { stage, scim } = await open()
    const id = await scim.user({ userName: ada, password: 'hunter2 hunter2' })
    await scim.patch(`/Users/${id}`, { op: 'replace', value: { active: false } })
    const group = await scim.group({ displayName: 'Friends of Zoe', members: [id, 'nobody'] })
    await scim.post('/Users', { userName: ada })
    await scim.get('/Users', { token: 'x' })
    await scim.remove(`/Users/${id}`)
    await scim.remove(`/Groups/${group}`)
    const told = stage
      .audit()
      .filter(({ audit }) => audit === 'directory-changed' || audit === 'scim-refused')
    const change = { connection: 'okta', token: expect.any(String) }
    expect(told).toMatchObject([
      { ...change, change: 'user-created', id },
      { ...change, change: 'user-deactivated', id },
      { ...change, change: 'group-created', id: group, unknownMembers: 1 },
      { ...change, audit: 'scim-refused', status: 409 },
      { audit: 'scim-refused', connection: 'okta', token: null, status: 401 },
      { ...change, change: 'user-removed', id },
      { ...change, change: 'group-removed', id: group },
    ])
    expect(JSON.stringify(told)).not.toMatch(/hunter2|gatehouse_scim_|zoe@|Friends/)
  })
})
