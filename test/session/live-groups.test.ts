/** Which groups count, and what it costs to know. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { provision } from '../support/provision.ts'
import type { DirectorySettings } from '../../src/connection/connection.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import { MOST_GROUPS } from '../../src/lib/most-groups.ts'
import {
  addGroup,
  addProvisioned,
  changeMembers,
  changeProvisioned,
  renameGroup,
} from '../support/directory.ts'
import {
  boundCookies,
  addConnection,
  emptyStores,
  momentAt,
  personOf,
  requestWith,
  signIn,
  stores,
  openFor,
} from '../support/session.ts'
import { liveOf, noon } from '../support/site.ts'

/** D1 that writes down what it is asked. */
function counting(db: D1Database) {
  const asked: string[] = []
  const binding = new Proxy(db, {
    get: (target, name: 'prepare' | 'batch') =>
      name === 'prepare'
        ? (sql: string) => (asked.push(sql), target.prepare(sql))
        : target[name].bind(target),
  })
  return { binding, asked }
}

async function enter(): Promise<Request> {
  const user = await provision(env.DB, personOf(), {
    mode: 'scim',
    join: 'user-name',
    newId: 'unused',
    now: noon,
  })
  if (!user.ok) throw new Error(user.error)
  const { id: userId, connection } = user.value
  const { session } = liveOf({ id: crypto.randomUUID(), userId, connection, groups: ['asserted'] })
  return requestWith(await openFor(stores, session, user.value))
}

const settle = async (groupsFrom: DirectorySettings['groupsFrom']) => {
  await emptyStores()
  await addConnection('okta', 'jit+scim', { groupsFrom })
}
const readerOf = (db: D1Database = env.DB, revocationSeconds = 15) =>
  createSessionReader({
    kv: env.SESSIONS,
    db,
    revocationSeconds,
    boundCookies,
    shortestIdleSeconds: null,
  })
const groupsOf = async (request: Request, read = readerOf(), at = 0) => {
  const reading = await read(request, momentAt(plusSeconds(noon, at)))
  if (reading.kind !== 'live') throw new Error(JSON.stringify(reading))
  return reading.live
}

beforeEach(() => settle('auto'))

describe('the groups that count', () => {
  it('are the directory’s for who is provisioned, by name and by id', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    const staff = await addGroup('staff', [ada])
    await addGroup('admins')
    const live = await groupsOf(await enter())
    expect([live.groups, live.groupIds]).toEqual([['staff'], [staff]])
  })

  it('are the assertion’s for who is not, and those have no id', async () => {
    const { request } = await signIn({ groups: ['asserted'] })
    const live = await groupsOf(request)
    expect([live.groups, live.groupIds]).toEqual([['asserted'], null])
  })

  it('are the directory’s where the connection takes the provisioned only', async () => {
    await addGroup('staff', [await addProvisioned({ userName: 'ada' })])
    const request = await enter()
    await env.DB.exec("UPDATE connections SET provisioning = 'scim'")
    expect((await groupsOf(request)).groups).toEqual(['staff'])
  })

  it('are none, where somebody provisioned is in none, whatever the assertion says', async () => {
    await addProvisioned({ userName: 'ada' })
    expect((await groupsOf(await enter())).groups).toEqual([])
  })

  it('may be pinned to the assertion', async () => {
    await settle('assertion')
    await addGroup('staff', [await addProvisioned({ userName: 'ada' })])
    expect((await groupsOf(await enter())).groups).toEqual(['asserted'])
  })

  it('may be pinned to the directory: who is not in it has none', async () => {
    await settle('directory')
    const { request } = await signIn({ groups: ['asserted'] })
    expect((await groupsOf(request)).groups).toEqual([])
  })

  it('follow the directory within revocationSeconds, without a new sign-in', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    const staff = await addGroup('staff', [ada])
    const request = await enter()
    const read = readerOf()
    expect((await groupsOf(request, read)).groups).toEqual(['staff'])
    await renameGroup(staff, 'crew')
    expect((await groupsOf(request, read, 14)).groups).toEqual(['staff'])
    const renamed = await groupsOf(request, read, 15)
    expect([renamed.groups, renamed.groupIds]).toEqual([['crew'], [staff]])
    await changeMembers(staff, { kind: 'remove', ids: [ada] })
    expect((await groupsOf(request, read, 30)).groups).toEqual([])
  })

  it('of streams that stay open are those of now', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    const staff = await addGroup('staff', [ada])
    const request = await enter()
    const read = readerOf()
    await groupsOf(request, read)
    await changeMembers(staff, { kind: 'remove', ids: [ada] })
    const again = await read.again(request, momentAt(noon))
    expect(again).toMatchObject({ kind: 'live', live: { groups: [], groupIds: [] } })
  })

  it('are bounded: what is beyond opens nothing', async () => {
    const ada = await addProvisioned({ userName: 'ada' })
    await env.DB.prepare(
      `INSERT INTO scim_groups (id, connection, name, name_fold, doc, search, version, write_id,
         created_at, updated_at)
       SELECT 'g' || value, 'okta', 'g' || value, 'g' || value, '{}', '{}', 1, '', 0, 0
       FROM json_each(?1)`,
    )
      .bind(JSON.stringify(Array.from({ length: MOST_GROUPS + 1 }, (_, i) => i)))
      .run()
    await env.DB.prepare(`INSERT INTO scim_members SELECT id, ?1 FROM scim_groups`).bind(ada).run()
    const { groups } = await groupsOf(await enter())
    expect([groups.length, groups.at(-1)]).toEqual([MOST_GROUPS, `g${MOST_GROUPS - 1}`])
  })

  it('cost one statement when nothing is known, and none within revocationSeconds', async () => {
    await addGroup('staff', [await addProvisioned({ userName: 'ada' })])
    const request = await enter()
    const { binding, asked } = counting(env.DB)
    const read = readerOf(binding)
    await groupsOf(request, read)
    expect(asked).toHaveLength(1)
    await groupsOf(request, read, 14)
    expect(asked).toHaveLength(1)
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${asked[0]}`)
      .bind('x', 'x', 'x', 'x', 'x')
      .all<{ detail: string }>()
    const plan = results.map(({ detail }) => detail)
    expect(plan.length).toBeGreaterThan(4)
    expect(plan.filter((line) => line.startsWith('SCAN') && !/subquery/i.test(line))).toEqual([])
  })
})

describe('a session of who is not provisioned', () => {
  it('is over when the connection takes the provisioned only', async () => {
    const { request } = await signIn()
    await env.DB.exec("UPDATE connections SET provisioning = 'scim'")
    expect(await readerOf()(request, momentAt(noon))).toMatchObject({
      kind: 'ended',
      reason: 'user-disabled',
    })
  })

  it('is over when they are provisioned under another of their names', async () => {
    const { request } = await signIn({}, { subject: 'ada@example.com' })
    await addProvisioned({ userName: 'ada', emails: [{ value: 'Ada@Example.com' }] })
    expect(await readerOf()(request, momentAt(noon))).toMatchObject({
      kind: 'ended',
      reason: 'revoked',
    })
  })

  it('goes on under its own name, as that of the person who is provisioned, until they are not active', async () => {
    const { request } = await signIn()
    const ada = await addProvisioned({ userName: 'ada' })
    expect((await groupsOf(request)).groups).toEqual([])
    await changeProvisioned(ada, { active: false })
    expect(await readerOf()(request, momentAt(noon))).toMatchObject({
      kind: 'ended',
      reason: 'user-disabled',
    })
  })
})
