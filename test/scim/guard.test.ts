/** A sync by accident: what would remove too many people at once is held. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { allowRemovals, findGuard, removeOldRemovals } from '../../src/directory/guard-store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { said } from '../../tools/stage/evidence.ts'
import { createDirectory, fill, start, type Directory } from './stage.ts'

const now = () => toInstant(Date.now())
const wait = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
const guard = (percent: number | null) =>
  env.DB.prepare('UPDATE connections SET settings = ?1')
    .bind(JSON.stringify({ directory: { removalGuardPercent: percent } }))
    .run()

let scim: Directory
const deactivate = (i: number) =>
  scim.patch(`/Users/u-${i}`, { op: 'replace', value: { active: false } })
const isActive = async (i: number) => (await scim.get(`/Users/u-${i}`)).body?.active
const statuses = async (asked: readonly Promise<{ status: number }>[]) =>
  (await Promise.all(asked)).map(({ status }) => status)
const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)

beforeEach(async () => {
  scim = await createDirectory()
  await fill('okta', 50)
})

describe('a removal guard of 20%', () => {
  beforeEach(() => guard(20))

  it('holds the eleventh of fifty within an hour, and says so in a way that is tried again', async () => {
    for (const i of range(10)) expect((await deactivate(i)).status).toBe(200)
    const held = await deactivate(10)
    expect([held.status, held.body.status, held.headers.get('Retry-After')]).toEqual([
      429,
      '429',
      '600',
    ])
    expect(held.body.detail).toMatch(/^Held: this would remove more users/)
    expect(await isActive(10)).toBe(true)
    const removed = await scim.remove('/Users/u-11')
    expect([removed.status, await isActive(11)]).toEqual([429, true])
    const put = await scim.put('/Users/u-12', { userName: 'u000012@example.com', active: false })
    expect([put.status, await isActive(12)]).toEqual([429, true])
  })

  it('counts those who come at once, and deactivations and removals alike', async () => {
    const asked = range(30).map((i) => (i % 2 ? deactivate(i) : scim.remove(`/Users/u-${i}`)))
    const answers = await statuses(asked)
    expect(answers.filter((status) => status < 300)).toHaveLength(10)
    expect(answers.filter((status) => status === 429)).toHaveLength(20)
    const { body } = await scim.find('Users', 'active eq true')
    expect(body.totalResults).toBe(40)
  })

  it('lets everything else through', async () => {
    for (const i of range(11)) await deactivate(i)
    expect((await scim.post('/Users', { userName: 'new' })).status).toBe(201)
    const title = { op: 'add', path: 'title', value: 'Dr' }
    expect((await scim.patch('/Users/u-20', title)).status).toBe(200)
    expect(
      (await scim.patch('/Users/u-0', { op: 'replace', value: { active: true } })).status,
    ).toBe(200)
    // Who was deactivated before is no removal any more.
    expect((await scim.remove('/Users/u-1')).status).toBe(204)
    expect((await scim.remove('/Users/nobody')).status).toBe(404)
  })

  it('lets more through when an hour has passed', async () => {
    for (const i of range(10)) await deactivate(i)
    wait(3599)
    expect((await deactivate(10)).status).toBe(429)
    wait(1)
    expect((await deactivate(10)).status).toBe(200)
  })

  it('is told to the operator, once an hour', async () => {
    const held = () => said.filter((line) => line.includes('"removals-held"')).length
    const before = held()
    for (const i of range(14)) await deactivate(i)
    expect(held() - before).toBe(1)
    expect((await findGuard(env.DB, 'okta', now()))?.heldAt).toBe(start.getTime())
  })

  it('is opened by the operator, for a while', async () => {
    for (const i of range(11)) await deactivate(i)
    expect(await allowRemovals(env.DB, 'okta', plusSeconds(now(), 60))).toBe(true)
    expect(await statuses(range(20, 10).map(deactivate))).toEqual(range(20).map(() => 200))
    wait(60)
    expect((await deactivate(40)).status).toBe(429)
    expect(await allowRemovals(env.DB, 'nowhere', now())).toBe(false)
  })

  it('is of one connection only', async () => {
    await fill('entra', 10, 0, 'e')
    await env.DB.exec("UPDATE connections SET settings = '{}' WHERE id = 'entra'")
    for (const i of range(11)) await deactivate(i)
    expect((await findGuard(env.DB, 'entra', now()))?.removed).toBe(0)
  })
})

it('a small directory may lose five people, whatever their share is', async () => {
  await guard(1)
  expect(await statuses(range(5).map(deactivate))).toEqual([200, 200, 200, 200, 200])
  expect((await deactivate(5)).status).toBe(429)
})

it('without a guard everybody may be removed', async () => {
  await guard(null)
  expect(await statuses(range(50).map((i) => scim.remove(`/Users/u-${i}`)))).toEqual(
    range(50).map(() => 204),
  )
  expect(await findGuard(env.DB, 'okta', now())).toMatchObject({ active: 0, removed: 50 })
  await removeOldRemovals(env.DB, plusSeconds(now(), 3600))
  expect(await findGuard(env.DB, 'okta', now())).toMatchObject({ removed: 0 })
})

it('a connection that is removed takes its people with it, whatever its guard is', async () => {
  await guard(20)
  await env.DB.exec("DELETE FROM connections WHERE id = 'okta'")
  const left = await env.DB.prepare(
    "SELECT count(*) AS n FROM users WHERE connection = 'okta'",
  ).first()
  expect(left).toEqual({ n: 0 })
})
