/**
 * Every group is seen, however a client steps through the list. RFC 7644 §3.4.2.4 lets a page be
 * shorter than `count`; clients that add `count` to `startIndex` would miss what was left out.
 */
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { recording } from '../../tools/stage/recording.ts'
import { createDirectory, fill, namesOf, newWorker, type Directory, type Json } from './stage.ts'

let scim: Directory
const names = Array.from({ length: 19 }, (_, i) => `group ${i}`)
const sizeOf = (i: number): number => (i % 6 === 0 ? 4000 : i)

// Once: it takes seconds, and every test but the last only reads.
beforeAll(async () => {
  scim = await createDirectory()
  await fill('okta', 4000)
  for (const [i, displayName] of names.entries()) {
    const members = Array.from({ length: sizeOf(i) }, (_, j) => `u-${j}`)
    await scim.group({ displayName, members })
  }
})

type Step = (page: Json, query: string) => string | null

async function walk(query: string, step: Step, path = '/Groups'): Promise<readonly Json[]> {
  const groups: Json[] = []
  for (let next: string | null = query, i = 0; next !== null; i++) {
    if (i > 50) throw new Error('it does not end')
    const page = await scim.get(`${path}?${next}`)
    expect([page.status, page.body.totalResults]).toEqual([200, names.length])
    expect(page.body.itemsPerPage).toBe(page.body.Resources.length)
    groups.push(...page.body.Resources)
    next = step(page.body, next)
  }
  return groups
}

const byCount =
  (count: number): Step =>
  ({ startIndex, totalResults }) =>
    startIndex + count > totalResults ? null : `startIndex=${startIndex + count}&count=${count}`
const byItems =
  (count: number): Step =>
  ({ startIndex, itemsPerPage, totalResults }) =>
    startIndex + itemsPerPage > totalResults
      ? null
      : `startIndex=${startIndex + itemsPerPage}&count=${count}`
const byCursor =
  (count: number): Step =>
  ({ nextCursor }) =>
    nextCursor === undefined ? null : `count=${count}&cursor=${encodeURIComponent(nextCursor)}`

describe('a list of large groups', () => {
  it.each([5, 12, 100])('is seen whole, %i at a time', async (count) => {
    for (const groups of [
      await walk(`startIndex=1&count=${count}`, byCount(count)),
      await walk(`startIndex=1&count=${count}`, byItems(count)),
      await walk(`count=${count}&cursor`, byCursor(count)),
    ]) {
      expect(groups.map(({ displayName }) => displayName)).toEqual(names)
      expect(groups.map(({ members }) => members.length)).toEqual(names.map((_, i) => sizeOf(i)))
    }
  })

  it('has as many as were asked for on each page, and no member twice', async () => {
    const page = await scim.get('/Groups?startIndex=1&count=13')
    expect(namesOf(page)).toEqual(names.slice(0, 13))
    for (const { members, displayName } of page.body.Resources) {
      const values = new Set(members.map(({ value }: Json) => value))
      expect([displayName, values.size]).toEqual([displayName, members.length])
    }
    const [first] = page.body.Resources
    expect((await scim.get(`/Groups/${first.id}`)).body).toEqual(first)
  })

  it('is read once: not all of it again for each part of the answer', async () => {
    const total = names.reduce((sum, _, i) => sum + sizeOf(i), 0)
    const recorded = recording(env.DB)
    const page = await scim.get('/Groups', { db: recorded.binding, isolate: newWorker() })
    expect(page.body.itemsPerPage).toBe(names.length)
    // A member is a row, with a row of the person; it is counted once, and read once more where a
    // part of the answer ends within its group.
    expect(recorded.rows()).toBeGreaterThan(2 * total)
    expect(recorded.rows()).toBeLessThan(3.6 * total)
  })

  it('is the same found by a filter, by a search, and at the root', async () => {
    const filtered = await scim.find('Groups', 'displayName sw "group"')
    expect(namesOf(filtered)).toEqual(names)
    const searched = await scim.post('/Groups/.search', { count: 19 })
    expect(namesOf(searched)).toEqual(names)
    const root = await scim.post('/.search', { filter: 'displayName sw "group"' })
    expect(root.body.Resources.map(({ members }: Json) => members.length)).toEqual(
      names.map((_, i) => sizeOf(i)),
    )
  })
})

describe('a page that is read in several parts', () => {
  it('breaks off when the database fails in the middle, so that nobody takes it for whole', async () => {
    let queries = 0
    const failing = new Proxy(env.DB, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'prepare') return value.bind(target)
        return (sql: string) => {
          const isMembers = sql.includes('CROSS JOIN scim_members m') && sql.includes('u.display')
          if (isMembers && ++queries > 1) return target.prepare("SELECT json('broken')")
          return target.prepare(sql)
        }
      },
    })
    await expect(scim.get('/Groups', { db: failing, isolate: newWorker() })).rejects.toThrow()
    expect(queries).toBe(2)
    const small = { db: failing, isolate: newWorker() }
    expect((await scim.get('/Groups?excludedAttributes=members', small)).status).toBe(200)
  })

  it('has a million members at most: beyond, the client is told what to ask for', async () => {
    await fill('okta', 1100, 181, 'more')
    await env.DB.exec(
      'INSERT OR IGNORE INTO scim_members SELECT g.id, u.id FROM scim_groups g, scim_users u',
    )
    for (const query of ['count=200', 'count=200&cursor', 'count=200&filter=displayName+pr']) {
      const page = await scim.get(`/Groups?${query}`)
      expect([page.status, page.body.scimType]).toEqual([400, 'tooMany'])
      expect(page.body.detail).toContain('count')
    }
    const bare = await scim.get('/Groups?count=200&excludedAttributes=members')
    expect(bare.body.itemsPerPage).toBe(200)
    const few = await scim.get('/Groups?count=3')
    expect(few.body.Resources.map(({ members }: Json) => members.length)).toEqual(
      Array.from({ length: 3 }, () => 5100),
    )
  })
})
