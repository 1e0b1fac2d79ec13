/** Every statement that the service issues goes by an index, and there are as many for a large directory as for a small one. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { countRelations, findGroupsOfUser } from '../../src/directory/member-store.ts'
import { findKnown } from '../../src/directory/provision-store.ts'
import { listTokens, revokeToken } from '../../src/directory/token-store.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { recording, type Statement } from '../../tools/stage/recording.ts'
import {
  createDirectory,
  fill,
  newWorker,
  type Asking,
  type Directory,
  type Json,
} from './stage.ts'

async function planOf({ sql, values }: Statement): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all()
  return results.map((row) => String(row['detail']))
}

/**
 * Of a table, that is; the elements of a JSON text, or of what an index found, are looked through.
 * `w` are webhooks, of which there are ten at most. Attempts to sign in are a few thousand at most
 * (`src/attempt/pool.ts`), and only a removal searches them.
 */
const isScan = (step: string): boolean =>
  step.startsWith('SCAN ') &&
  !/^SCAN (\w+ (EXISTS )?VIRTUAL TABLE|CONSTANT ROW|attempts$|(d|last|w)$|\(subquery-\d+\))/.test(
    step,
  )

let scim: Directory
beforeEach(async () => {
  scim = await createDirectory()
})

/** Everything that can be asked, on one directory. */
async function everything(asking: Asking): Promise<void> {
  const ask = async (method: string, path: string, body?: unknown, headers = {}): Promise<Json> => {
    const reply = await scim.ask(method, path, body, { ...asking, headers })
    expect([200, 201, 204], `${method} ${path}: ${reply.text}`).toContain(reply.status)
    return reply.body
  }
  const name = crypto.randomUUID()
  const emails = [{ value: `${name}@example.com`, type: 'work' }]
  const { id } = await ask('POST', '/Users', { userName: name, externalId: name, emails })
  const etag = { 'If-Match': 'W/"1"' }
  await ask('PUT', `/Users/${id}`, { userName: name, title: 'x' }, etag)
  await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'add', path: 'title', value: 'y' }] })
  const members = [{ value: id }]
  const { id: group } = await ask('POST', '/Groups', { displayName: name, members })
  await ask('GET', `/Users/${id}`)
  await ask('GET', `/Groups/${group}`)
  await ask('PUT', `/Groups/${group}`, { displayName: name, members }, etag)
  await ask('PUT', `/Groups/${group}`, { displayName: name })
  const patch = (...Operations: Json[]) => ask('PATCH', `/Groups/${group}`, { Operations })
  await patch({ op: 'add', path: 'members', value: members })
  await patch({ op: 'replace', value: { id: group, displayName: `${name} 2` } })
  await patch({ op: 'remove', path: `members[value eq "${id}"]` })
  await patch({ op: 'replace', path: 'members', value: members })
  await patch({ op: 'remove', path: 'members[display co "x" or $ref eq "y"]' })
  await patch({ op: 'remove', path: `members[value eq "${id}" and display pr]` })
  const value = [{ value: `${name}@example.net`, type: 'home' }]
  await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'add', path: 'emails', value }] })
  await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { active: false } }] })
  await ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { active: true } }] })
  const data = { userName: `${name}-bulk` }
  await ask('POST', '/Bulk', {
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'a', data },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'b',
        data: { displayName: `${name} 3`, members: [{ value: 'bulkId:a' }] },
      },
    ],
  })
  await ask('DELETE', `/Users/${id}`, undefined, { 'If-Match': '*' })
  await ask('DELETE', `/Groups/${group}`)
  for (const query of [
    '',
    'startIndex=3000&count=5',
    'count=5&cursor',
    'count=5&cursor&sortBy=userName',
    'sortBy=emails.value&sortOrder=descending',
    'sortBy=name.familyName',
    'excludedAttributes=groups',
  ]) {
    await ask('GET', `/Users?${query}`)
  }
  for (const query of ['', 'excludedAttributes=members', 'sortBy=displayName', 'sortBy=members']) {
    await ask('GET', `/Groups?${query}`)
  }
  for (const filter of userFilters) await ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)
  for (const filter of groupFilters)
    await ask('GET', `/Groups?filter=${encodeURIComponent(filter)}`)
  await ask('POST', '/.search', { filter: 'displayName sw "x"', startIndex: 2, count: 3 })
}

/** One of each shape that becomes SQL of its own. */
const byIndex = [
  'id eq "x"',
  'userName eq "x"',
  'userName sw "x"',
  'externalId eq "x"',
  'displayName eq "x"',
  'emails eq "x"',
  'emails.value eq "x"',
  'emails[type eq "work" and value eq "x"]',
  'emails[type eq "work"].value eq "x"',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "x"',
  'userName eq "x" or externalId eq "x" or emails.value eq "x"',
  Array.from({ length: 12 }, (_, i) => `userName eq "${i}"`).join(' or '),
  'active eq true and userName eq "x"',
  'id eq "x" and manager eq "y"',
  'groups.value eq "x"',
  'active eq true and meta.lastModified ge "2030-01-01T00:00:00Z"',
]
const userFilters = [
  ...byIndex,
  'active eq true',
  'title pr',
  'not (title pr)',
  'name pr and emails pr',
  'title co "x" and nickName ew "x" and userName ne "x"',
  'groups.display sw "x"',
  'groups.$ref eq "x"',
  'photos.value gt "x"',
  'schemas eq "x"',
  'meta.created lt "2030-01-01T00:00:00Z" and meta.resourceType eq "User"',
  'meta.version eq "x"',
]
const groupFilters = [
  'displayName eq "x"',
  'displayName sw "x"',
  'externalId eq "x"',
  'id eq "x" and members eq "y"',
  'members.value eq "y"',
  'members.display co "x"',
  'members pr',
  'members.$ref eq "x"',
  'meta.lastModified gt "2030-01-01T00:00:00Z"',
]

describe('every statement', () => {
  it('goes by an index: none scans a table', async () => {
    await fill('okta', 500, 50)
    const recorded = recording(env.DB)
    const isolate = newWorker()
    await everything({ db: recorded.binding, isolate })
    await scim.get('/Users', { token: 'x', db: recorded.binding, isolate })
    await findGroupsOfUser(recorded.binding, 'u-1')
    await countRelations(recorded.binding, 'User', ['u-1', 'u-2'], 5)
    await countRelations(recorded.binding, 'Group', ['u-g-1', 'u-g-2'], 5)
    for (const rule of ['user-name', 'external-id', 'email'] as const) {
      const person = { connection: 'okta', subject: 'u000001@example.com' }
      await findKnown(recorded.binding, person, { mode: 'scim', join: rule })
    }
    await listTokens(recorded.binding, 'okta')
    await revokeToken(recorded.binding, 'x', toInstant(0))
    const distinct = new Map(recorded.statements.map((each) => [each.sql, each]))
    expect(distinct.size).toBeGreaterThan(80)
    const scans: string[] = []
    for (const statement of distinct.values()) {
      const plan = await planOf(statement)
      if (plan.some(isScan)) scans.push(`${statement.sql}\n${plan.join('\n')}`)
    }
    expect(scans).toEqual([])
  })

  it('that does scan would be seen', async () => {
    const plan = await planOf({ sql: 'SELECT * FROM scim_users WHERE doc = ?1', values: ['x'] })
    expect(plan.filter(isScan)).toHaveLength(1)
  })
})

describe('the number of statements, and of rows that they read', () => {
  it('is the same for few and for many people, groups and members', async () => {
    const measure = async (ask: (asking: Asking) => Promise<unknown>) => {
      const recorded = recording(env.DB)
      // A new isolate, so that each begins with nothing known; the first request is the Worker's own.
      await ask({ db: recorded.binding, isolate: newWorker() })
      return { statements: recorded.statements.length, rows: recorded.rows() }
    }
    const operations = (group: string, user: string) => ({
      'user by name': (asking: Asking) => scim.get('/Users?filter=userName+eq+"nobody"', asking),
      'user by email': (asking: Asking) =>
        scim.get('/Users?filter=emails[type+eq+"work"].value+eq+"nobody"', asking),
      'group by name': (asking: Asking) =>
        scim.get('/Groups?excludedAttributes=members&filter=displayName+eq+"nobody"', asking),
      'is a member': (asking: Asking) =>
        scim.get(`/Groups?attributes=id&filter=id+eq+"${group}"+and+members+eq+"${user}"`, asking),
      'first page': (asking: Asking) => scim.get('/Users?count=10', asking),
      'change of a user': (asking: Asking) =>
        scim.ask(
          'PATCH',
          `/Users/${user}`,
          { Operations: [{ op: 'add', path: 'title', value: crypto.randomUUID() }] },
          asking,
        ),
      'one member more': (asking: Asking) =>
        scim.ask(
          'PATCH',
          `/Groups/${group}`,
          { Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] },
          asking,
        ),
      'one member less': (asking: Asking) =>
        scim.ask(
          'PATCH',
          `/Groups/${group}`,
          { Operations: [{ op: 'remove', path: `members[value eq "${user}"]` }] },
          asking,
        ),
      'group without members': (asking: Asking) =>
        scim.get(`/Groups/${group}?excludedAttributes=members`, asking),
      creation: (asking: Asking) => scim.post('/Users', { userName: crypto.randomUUID() }, asking),
    })
    const measureAll = async (group: string) => {
      const user = await scim.user({ userName: `of ${group}` })
      const counted: Record<string, { statements: number; rows: number }> = {}
      for (const [name, ask] of Object.entries(operations(group, user))) {
        counted[name] = await measure(ask)
      }
      return counted
    }
    await fill('okta', 50, 10)
    const small = await measureAll(await scim.group({ members: ['u-1', 'u-2'] }))
    await fill('okta', 6000, 1000, 'v')
    const ids = Array.from({ length: 5000 }, (_, i) => `v-${i}`)
    const large = await measureAll(await scim.group({ members: ids }))
    for (const [name, { statements, rows }] of Object.entries(small)) {
      expect([name, large[name]?.statements]).toEqual([name, statements])
      expect([name, (large[name]?.rows ?? 0) <= rows + 5]).toEqual([name, true])
      expect([name, statements <= 12]).toEqual([name, true])
    }
  })

  it('of a filter by what is indexed does not grow with the directory', async () => {
    await fill('okta', 3000)
    for (const filter of byIndex) {
      const recorded = recording(env.DB)
      const asking = { db: recorded.binding, isolate: newWorker() }
      const found = await scim.get(`/Users?filter=${encodeURIComponent(filter)}`, asking)
      expect(found.status).toBe(200)
      expect([filter, recorded.rows() < 30]).toEqual([filter, true])
    }
  })

  it('of forty that may be is no larger: D1 unites no more than five queries at a time', async () => {
    const forty = (name: string, n = 40) =>
      Array.from({ length: n }, (_, i) => `${name} eq "okta-${i}"`).join(' or ')
    await fill('okta', 100)
    const wanted = [
      ...['id', 'userName', 'emails.value', 'groups.value'].map((name) => forty(name)),
      `(${forty('id', 6)}) or (${forty('userName', 6)}) or title eq "x" and (${forty('externalId', 27)})`,
    ]
    for (const filter of wanted) {
      const found = await scim.find('Users', filter)
      expect([found.status, found.body.detail]).toEqual([200, undefined])
    }
    const { Resources } = (await scim.get('/Users?count=40')).body
    const named = Resources.map(({ userName }: Json) => `userName eq "${userName}"`)
    expect((await scim.find('Users', named.join(' or '))).body.totalResults).toBe(40)
    expect((await scim.find('Groups', forty('members.value'))).status).toBe(200)
  })

  it('of a late page is bounded: what is before it is passed over in steps that are remembered', async () => {
    await fill('okta', 5000)
    const names: string[] = []
    let most = 0
    for (let startIndex = 1; startIndex < 5000; startIndex += 200) {
      const recorded = recording(env.DB)
      const asking = { db: recorded.binding, isolate: newWorker() }
      const page = await scim.get(`/Users?startIndex=${startIndex}&count=200`, asking)
      names.push(...page.body.Resources.map((each: Json) => each.userName))
      most = Math.max(most, recorded.rows())
    }
    expect(names).toEqual(
      Array.from({ length: 5000 }, (_, i) => `u${String(i).padStart(6, '0')}@example.com`),
    )
    // 200 of the page, up to 1000 before it, and their lookups.
    expect(most).toBeLessThan(2500)
    await scim.remove('/Users/u-10')
    const page = await scim.get('/Users?startIndex=4000&count=2')
    expect(page.body.Resources.map((each: Json) => each.userName)).toEqual([
      'u004000@example.com',
      'u004001@example.com',
    ])
  })
})

describe("Okta's whole group", () => {
  it('of 10,000 is written as the difference to what is there', async () => {
    await fill('okta', 10_001)
    const ids = Array.from({ length: 10_000 }, (_, i) => `u-${i}`)
    const id = await scim.group({ displayName: 'all', members: ids })
    const recorded = recording(env.DB)
    const members = [...ids.slice(1), 'u-10000'].map((value) => ({ value, display: null }))
    const put = await scim.put(
      `/Groups/${id}?excludedAttributes=members`,
      { displayName: 'all', members },
      { db: recorded.binding, isolate: newWorker() },
    )
    expect(put.status).toBe(200)
    // Its token, the group, and of the change: the row, who goes, who comes, who is known.
    // After the answer: the event of the audit, the note of the request, and webhooks.
    const later = recorded.statements.filter(({ sql }) =>
      /^INSERT INTO (audit|scim_requests) |webhook_messages/.test(sql),
    )
    expect([later.length, recorded.statements.length - later.length]).toEqual([2, 6])
    const all = (await scim.get(`/Groups/${id}`)).body.members.map(({ value }: Json) => value)
    expect(all.toSorted()).toEqual(members.map(({ value }) => value).toSorted())
  })
})
