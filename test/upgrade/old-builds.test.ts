/**
 * Two versions of the Worker on one database: an old one during a roll-out, after the migrations of
 * the new one; and an old one again after a roll-back. test/vectors/builds has the old ones.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import * as schema12 from '../vectors/builds/schema-12.mjs.gz'
import * as schema24 from '../vectors/builds/schema-24.mjs.gz'
import { locationOf, type Browser } from '../support/browser.ts'
import { emptyAt, migrateOn } from '../support/empty.ts'
import { addToken, PATCH_OP } from '../scim/stage.ts'
import { readReply, type Reply } from '../support/worker.ts'
import { createStage, SITE, start, today, type Build, type Stage } from '../login/stage.ts'

const LOGOUT = `${SITE}/.gatehouse/logout`

interface Played {
  readonly stage: Stage
  readonly scim: (method: string, path: string, body?: unknown) => Promise<Reply>
}

/** The old version on the database that it was made for. */
async function playOld(build: Build, schema: number): Promise<Played> {
  await emptyAt(schema)
  const stage = await createStage(undefined, {}, {}, build)
  const token = await addToken('okta')
  return {
    stage,
    scim: async (method, path, body) =>
      readReply(
        await stage.send(
          new Request(`${SITE}/.gatehouse/scim/okta/v2${path}`, {
            method,
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          }),
        ),
      ),
  }
}

let minutes = 0
beforeEach(() => {
  minutes = 0
})
/** What is remembered of a session is asked for again. */
const later = () => vi.setSystemTime(start.getTime() + 60_000 * ++minutes)

const isIn = async (browser: Browser): Promise<boolean> => {
  later()
  const response = await browser.go(`${SITE}/`)
  await response.text()
  return response.status === 200
}

const newPerson = (userName: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName,
  active: true,
})
const deactivate = {
  schemas: [PATCH_OP],
  Operations: [{ op: 'replace', path: 'active', value: false }],
}

/** All that a Worker does in a day. */
async function aDay({ stage, scim }: Played, name: string): Promise<void> {
  const browser = stage.browser()
  const landed = await stage.signIn(browser, '/', { nameId: `${name}@acme.com` })
  expect(landed.status).toBe(303)
  expect(await isIn(browser)).toBe(true)
  const made = await scim('POST', '/Users', newPerson(`${name}-sent@acme.com`))
  expect(made.status).toBe(201)
  const found = await scim('GET', `/Users?filter=userName%20eq%20%22${name}-sent@acme.com%22`)
  expect(found.body.totalResults).toBe(1)
  const sent = stage.browser()
  await stage.signIn(sent, '/', { nameId: `${name}-sent@acme.com` })
  expect(await isIn(sent)).toBe(true)
  expect((await scim('PATCH', `/Users/${made.body.id}`, deactivate)).status).toBe(200)
  expect(await isIn(sent)).toBe(false)
  expect((await scim('DELETE', `/Users/${made.body.id}`)).status).toBe(204)
  await (await browser.submit(LOGOUT, {})).text()
  expect(await isIn(browser)).toBe(false)
  await stage.cron()
}

describe.each([
  // A session of today has facts in KV that this version does not know, so it asks for a sign-in.
  { schema: 12, build: schema12, readsNewSessions: false },
  { schema: 24, build: schema24, readsNewSessions: true },
])('the Worker made for schema $schema', ({ schema, build, readsNewSessions }) => {
  it('works on as before when the migrations of today are there', async () => {
    const played = await playOld(build, schema)
    const before = played.stage.browser()
    await played.stage.signIn(before)
    expect(await isIn(before)).toBe(true)
    await aDay(played, 'old')
    await migrateOn()
    expect(await isIn(before)).toBe(true)
    await aDay(played, 'during')
    expect(await isIn(before)).toBe(true)
  })

  it('is followed by the Worker of today: its sessions go on, its people and logins under way too', async () => {
    const played = await playOld(build, schema)
    const { stage, scim } = played
    const [before, during] = [stage.browser(), stage.browser()]
    await stage.signIn(before)
    const made = await scim('POST', '/Users', newPerson('bob@acme.com'))
    await migrateOn()
    await stage.signIn(during, '/', { nameId: 'during@acme.com' })
    const underWay = stage.browser()
    const asked = await stage.begin(underWay, '/deep?x=1')
    stage.play(today)
    expect([await isIn(before), await isIn(during)]).toEqual([true, true])
    const answer = await stage.respond(asked, { nameId: 'late@acme.com' })
    const landed = await stage.post(underWay, answer, asked.relayState)
    expect([landed.status, locationOf(landed)]).toEqual([303, `${SITE}/deep?x=1`])
    expect(await isIn(underWay)).toBe(true)
    expect((await scim('GET', `/Users/${made.body.id}`)).body.userName).toBe('bob@acme.com')
    for (const browser of [before, during]) {
      await (await browser.submit(LOGOUT, {})).text()
      expect(await isIn(browser)).toBe(false)
    }
    await aDay(played, 'new')
  })

  it('takes over again after a roll-back', async () => {
    const played = await playOld(build, schema)
    const { stage } = played
    const before = stage.browser()
    await stage.signIn(before)
    await migrateOn()
    stage.play(today)
    await aDay(played, 'new')
    const during = stage.browser()
    await stage.signIn(during, '/', { nameId: 'during@acme.com' })
    expect(await isIn(during)).toBe(true)
    stage.play(build)
    expect([await isIn(before), await isIn(during)]).toEqual([true, readsNewSessions])
    await aDay(played, 'back')
    // Whom the new version has signed out stays out.
    stage.play(today)
    await (await before.submit(LOGOUT, {})).text()
    stage.play(build)
    expect(await isIn(before)).toBe(false)
  })
})
