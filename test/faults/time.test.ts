/** Clocks that are wrong, cron that was missed, and a deploy in between (docs/faults.md). */
import { env } from 'cloudflare:workers'
import { decodeProtectedHeader } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { rotateKeys, SIGNING_KEYS_PURPOSE } from '../../src/identity/keys.ts'
import { decodeBase64 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { withConsole } from '../console/stage.ts'
import { A, B, LOGIN, Person, siteAt } from '../login/person.ts'
import { readRequest, refusals, start } from '../login/stage.ts'
import { d1Behind } from './binding.ts'
import { browserAt, createIsolate, createWorld, signedIn, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})

const setClock = (seconds: number) => void vi.setSystemTime(start.getTime() + seconds * 1000)
const DAY = 86_400
const newName = () => `${crypto.randomUUID()}@example.test`

/** Signs in with one clock here when it begins and another when it is answered. */
async function signInAcross(begun: number, answered: number, idp = answered): Promise<Person> {
  const { stage } = world
  setClock(begun)
  const browser = stage.browser()
  const begin = await browser.go(`${LOGIN}/.gatehouse/login?go=1&to=%2F.gatehouse%2F`)
  const location = begin.headers.get('Location') ?? ''
  const asked = await readRequest(location)
  setClock(idp)
  const answer = await stage.respond(asked, { nameId: newName() })
  setClock(answered)
  await stage.post(browser, answer, asked.relayState)
  const person = new Person(stage)
  person.jars.set(new URL(LOGIN).host, browser)
  return person
}
const isIn = (person: Person): boolean => person.at(LOGIN).cookies.has('__Host-gatehouse')
const MIDNIGHT = 12 * 3600

describe('a sign-in', () => {
  it.each([
    ['begun by an isolate whose clock is ahead', 30, 0],
    ['begun by one whose clock is behind', 0, 30],
    ['begun after midnight, and answered before it by another', MIDNIGHT, MIDNIGHT - 20],
    ['answered after the clock went back by a minute', 60, 0],
  ])('%s counts', async (_, begun, answered) => {
    expect(isIn(await signInAcross(begun, answered))).toBe(true)
  })

  it('is begun again where the clock went back by an hour, and counts then', async () => {
    const person = await signInAcross(3600, 0)
    expect(isIn(person)).toBe(false)
    expect((await person.open(`${LOGIN}/.gatehouse/`)).status).toBe(200)
  })

  it.each([
    ['two minutes ahead', 120],
    ['two minutes behind', -120],
  ])('counts where the clock of the identity provider is %s', async (_, apart) => {
    const person = await signInAcross(0, 200, 200 + apart)
    expect(isIn(person)).toBe(true)
  })

  it.each([
    ['an hour ahead', 3600, /not-yet-valid|issued|future|early/],
    ['an hour behind', -3600, /expired|old|late|before/],
  ])('is refused where it is %s, and the reason says so', async (_, apart, reason) => {
    const person = await signInAcross(0, 200, 200 + apart)
    expect(isIn(person)).toBe(false)
    expect(String(refusals(world.stage).at(-1)?.['reason'])).toMatch(reason)
  })
})

describe('a session', () => {
  it('whose clock goes back is as long as it was, and what was ended stays ended', async () => {
    const person = await signedIn(world.stage, `${A}/`, newName())
    const isolate = createIsolate()
    const browser = browserAt(isolate, person.at(A))
    expect((await browser.go(`${A}/`)).status).toBe(200)
    setClock(-7200)
    expect((await browser.go(`${A}/`)).status).toBe(200)
    await person.post(`${LOGIN}/.gatehouse/logout`, {})
    setClock(-7185)
    expect((await browser.go(`${A}/`)).status).toBe(302)
    setClock(0)
    expect((await browser.go(`${A}/`)).status).toBe(302)
  })
})

describe('after a week without cron', () => {
  it('nobody is in whose session has ended, and one run removes all and makes the keys', async () => {
    const person = await signedIn(world.stage, `${A}/`, newName())
    const isolate = createIsolate()
    const browser = browserAt(isolate, person.at(A))
    setClock(7 * DAY)
    expect((await browser.go(`${A}/`)).status).toBe(302)
    const again = await signedIn(world.stage, `${A}/`, newName())
    expect((await again.at(A).go(`${A}/`)).status).toBe(200)
    await isolate.settled()
    await isolate.cron()
    const over = await env.DB.prepare('SELECT count(*) AS n FROM sessions WHERE expires_at <= ?1')
      .bind(Date.now())
      .first('n')
    expect(over).toBe(0)
    expect((await again.at(A).go(`${A}/`)).status).toBe(200)
  })

  it('a signing key that is due is made later, and signs a day after it was published', async () => {
    const isolate = createIsolate()
    const kidsAt = async (): Promise<readonly string[]> => {
      const answer = await createIsolate().send(new Request(`${A}/.gatehouse/jwks.json`))
      const { keys } = await answer.json<{ keys: { kid: string }[] }>()
      return keys.map(({ kid }) => kid)
    }
    const signsWith = async () => {
      const person = await signedIn(world.stage, `${A}/`, newName())
      const fresh = createIsolate()
      await browserAt(fresh, person.at(A)).go(`${A}/`)
      const token = fresh.sent.at(-1)?.headers.get('X-Gatehouse-Jwt-Assertion') ?? ''
      return decodeProtectedHeader(token).kid ?? ''
    }
    const [first] = await kidsAt()
    // The next key was due in this week.
    setClock(36 * DAY)
    expect(await signsWith()).toBe(first)
    await isolate.cron()
    expect(await kidsAt()).toHaveLength(2)
    expect(await signsWith()).toBe(first)
    setClock(37 * DAY + 60)
    const next = await signsWith()
    expect(next).not.toBe(first)
    expect(await kidsAt()).toContain(next)
  })
})

describe('a rotation of the signing key', () => {
  it('that is cut off leaves one key or two, never none, and the next run finishes it', async () => {
    const secret = decodeBase64(env.GATEHOUSE_SECRET)
    if (!secret.ok) throw new Error('the secret of the tests is no base64')
    const sealer = await createSealer(
      { current: secret.value, previous: null },
      SIGNING_KEYS_PURPOSE,
    )
    const keys = () => env.DB.prepare('SELECT count(*) AS n FROM signing_keys').first<number>('n')
    expect(await keys()).toBe(1)
    const now = toInstant(start.getTime() + 30 * DAY * 1000)
    for (const stopAt of ['DELETE', 'SELECT', 'INSERT']) {
      const stopping = d1Behind(env.DB, async ({ what }) => {
        if (what.trimStart().startsWith(stopAt)) throw new Error('the isolate is gone')
      })
      await expect(rotateKeys(stopping, sealer, sealer, now)).rejects.toThrow('D1 failed')
      expect(await keys()).toBe(1)
    }
    await rotateKeys(env.DB, sealer, sealer, now)
    await rotateKeys(env.DB, sealer, sealer, now)
    expect(await keys()).toBe(2)
  })
})

describe('a deploy in the middle of a login', () => {
  /** The next version has another brand, another length and one site more. */
  const next = () =>
    withConsole({
      brand: { name: 'Next' },
      sites: [
        siteAt(A, { session: { absoluteSeconds: 3600, idleSeconds: 600 } }),
        siteAt(B),
        siteAt('https://new.example.com'),
      ],
    })

  it.each([
    ['the next', withConsole(), next()],
    ['the one before, as in a roll-out', next(), withConsole()],
  ])('is finished by %s version, and passed on by it', async (_, before, after) => {
    const { stage } = world
    const old = createIsolate(before)
    const person = new Person(stage, newName())
    person.staysAtIdp = true
    for (const host of [A, LOGIN]) {
      person.jars.set(new URL(host).host, browserAt(old, person.at(host)))
    }
    await person.open(`${A}/page`)
    expect(person.timesAtIdp).toBe(1)
    const asked = person.seen.at(-1) ?? ''
    const now = createIsolate(after)
    for (const host of [A, LOGIN]) {
      person.jars.set(new URL(host).host, browserAt(now, person.at(host)))
    }
    person.staysAtIdp = false
    const landed = await person.answer(asked)
    expect([landed.status, await landed.text()]).toEqual([200, 'the page behind'])
    expect(now.sent.at(-1)?.url).toContain('/page')
    // Both know the session.
    expect((await browserAt(old, person.at(A)).go(`${A}/`)).status).toBe(200)
  })

  it('to a version without the site leads nobody anywhere, and is begun again', async () => {
    const { stage } = world
    const person = new Person(stage, newName())
    person.staysAtIdp = true
    await person.open(`${A}/page`)
    const asked = person.seen.at(-1) ?? ''
    const now = createIsolate(withConsole({ sites: [siteAt(B)] }))
    person.jars.set(new URL(LOGIN).host, browserAt(now, person.at(LOGIN)))
    person.elsewhere = [new URL(A).host]
    person.staysAtIdp = false
    const landed = await person.answer(asked)
    expect(landed.status).toBeLessThan(500)
    expect(person.seen.some((url) => url.startsWith(`${A}/.gatehouse/arrive`))).toBe(false)
  })
})
