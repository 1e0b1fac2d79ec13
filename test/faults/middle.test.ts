/** Stores that fail in the middle of a request, and what it has done by then (docs/faults.md). */
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { said } from '../../tools/stage/evidence.ts'
import { A, B, LOGIN, Person } from '../login/person.ts'
import { readRequest } from '../login/stage.ts'
import type { Call, Fault } from './binding.ts'
import { missingIn, storeFaults } from './faults.ts'
import { browserAt, createIsolate, createWorld, signedIn, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})

/** What the statement or KV's method must match for the fault to begin. */
const from = (begin: RegExp, fault: Fault): Fault => {
  let hasBegun = false
  return async (call: Call) => {
    hasBegun ||= begin.test(call.what)
    return hasBegun ? fault(call) : undefined
  }
}
const faultOf = (name: string): Fault => {
  const found = storeFaults[name]
  if (!found) throw new Error(`no fault ${name}`)
  return found.fault
}

const count = (table: string, where = '1') =>
  env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).first<number>('n')

describe('a batch of SCIM', () => {
  const ask = (send: (request: Request) => Promise<Response>, names: readonly string[]) =>
    send(
      new Request(`${LOGIN}/.gatehouse/scim/okta/v2/Bulk`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${world.scimToken}`,
          'Content-Type': 'application/scim+json',
        },
        body: JSON.stringify({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: names.map((userName, i) => ({
            method: 'POST',
            path: '/Users',
            bulkId: `u${i}`,
            data: { userName },
          })),
        }),
      }),
    )
  const statusesOf = async (answer: Response) => {
    const { Operations } = await answer.json<{ Operations: { status: string }[] }>()
    return Operations.map(({ status }) => status)
  }

  it.each(['D1 fails', 'D1 is locked', 'D1 takes an hour'])(
    'tells what was done before %s, and tries nothing of the rest',
    async (name) => {
      const isolate = createIsolate()
      const names = ['a', 'b', 'c', 'd'].map((letter) => `${letter}-${crypto.randomUUID()}`)
      let creations = 0
      const inner = faultOf(name)
      isolate.fault = async (call) => {
        if (/INSERT INTO users/.test(call.what)) creations++
        return creations > 2 ? inner(call) : undefined
      }
      const answer = await ask(isolate.send, names)
      await isolate.settled()
      isolate.fault = null
      expect(answer.status).toBe(200)
      expect(await statusesOf(answer)).toEqual(['201', '201', '503', '503'])
      // RFC 7644 §3.7.3: sent again, what is there is told, and what was missing is made.
      const again = await statusesOf(await ask(isolate.send, names))
      expect(again.slice(0, 2)).toEqual(['409', '409'])
      expect(again.every((status) => status === '201' || status === '409')).toBe(true)
      const made = names.map((each) => `'${each}'`).join()
      expect(await count('users', `user_name IN (${made})`)).toBe(4)
    },
  )
})

describe('a sign-in', () => {
  const answerFor = async (person: Person) => {
    person.staysAtIdp = true
    await person.open(`${LOGIN}/.gatehouse/login?to=%2F.gatehouse%2F`)
    const { id, relayState } = await readRequest(person.seen.at(-1) ?? '')
    return { relayState, answer: await world.stage.respond({ id }, { nameId: person.nameId }) }
  }
  const steps = [
    ['the answer is used up', /INTO taken/],
    ['the person is found or made', /\busers\b/],
    ['the session is written', /INTO sign_ins|INTO sessions/],
  ] as const

  it.each(
    steps.flatMap((step) => ['D1 fails', 'D1 takes 30 seconds'].map((f) => [f, ...step] as const)),
  )(
    'while %s from where %s: nobody is in, and the person can begin again',
    async (name, _, begin) => {
      const isolate = createIsolate()
      const person = new Person(world.stage, `${crypto.randomUUID()}@example.test`)
      const { relayState, answer } = await answerFor(person)
      const browser = browserAt(isolate, person.at(LOGIN))
      isolate.fault = from(begin, faultOf(name))
      const refused = await world.stage.post(browser, answer, relayState)
      await isolate.settled()
      isolate.fault = null
      expect(refused.status).toBe(503)
      expect(browser.cookies.has('__Host-gatehouse')).toBe(false)
      // The same answer again: it counts if it was not used up, and else leads to a new sign-in.
      const posted = await world.stage.post(browser, answer, relayState)
      const page = await posted.text()
      expect([303, 400]).toContain(posted.status)
      if (posted.status === 400) expect(page).toContain('/.gatehouse/login')
      person.jars.set(new URL(LOGIN).host, browser)
      person.staysAtIdp = false
      expect((await person.open(`${LOGIN}/.gatehouse/`)).status).toBe(200)
    },
  )
})

describe('KV that does not show yet what was written', () => {
  it('is 503 for a session that has just begun, and the page when it shows', async () => {
    const person = await signedIn(world.stage, `${B}/`, `${crypto.randomUUID()}@example.test`)
    const isolate = createIsolate()
    const browser = browserAt(isolate, person.at(B))
    isolate.fault = missingIn('KV')
    const late = await browser.go(`${B}/`)
    expect([late.status, late.headers.get('Retry-After')]).toEqual([503, '5'])
    expect(isolate.sent).toEqual([])
    isolate.fault = null
    expect((await browser.go(`${B}/`)).status).toBe(200)
  })

  it('lets nobody in whose session has ended, although KV still has it', async () => {
    const person = await signedIn(world.stage, `${B}/`, `${crypto.randomUUID()}@example.test`)
    const isolate = createIsolate()
    const browser = browserAt(isolate, person.at(B))
    await env.DB.exec('UPDATE sign_ins SET ended_at = 1; UPDATE sessions SET revoked_at = 1')
    expect((await browser.go(`${B}/`)).status).toBe(302)
    expect(isolate.sent).toEqual([])
  })
})

describe('what goes on after an answer', () => {
  it('and fails is in the log, and changes no answer', async () => {
    const isolate = createIsolate()
    const before = said.length
    isolate.fault = faultOf('D1 is locked')
    const list = new Request(`${LOGIN}/.gatehouse/scim/okta/v2/Users`, {
      headers: { Authorization: `Bearer ${world.scimToken}` },
    })
    // A token is touched once in a minute.
    vi.setSystemTime(Date.now() + 61_000)
    expect((await isolate.send(list)).status).toBe(200)
    await expect(isolate.settled()).resolves.toBeDefined()
    const told = said.slice(before).join('\n')
    expect(told).toContain('"during":"noting a request of a directory"')
  })
})

describe('cron', () => {
  beforeEach(() => void vi.setSystemTime(Date.now() + 60_000))

  it.each(['D1 fails', 'D1 takes 30 seconds'])(
    'that fails at one piece while %s does the others, and tells',
    async (name) => {
      const isolate = createIsolate()
      await env.DB.exec(
        `INSERT INTO transfers (code_hash, sign_in, host, login, session, expires_at)
         SELECT 'old', id, 'a.example.com', 'x', '{}', 1 FROM sign_ins LIMIT 1`.replaceAll(
          '\n',
          ' ',
        ),
      )
      await env.DB.exec("INSERT INTO taken VALUES ('okta', 'request', 'old', 1)")
      const inner = faultOf(name)
      isolate.fault = async (call) => (/FROM taken/.test(call.what) ? inner(call) : undefined)
      const failed = isolate.cron()
      if (name === 'D1 fails') {
        await expect(failed).rejects.toThrow('D1 failed during removing what was used up')
      } else {
        await failed
      }
      expect(await count('transfers', "code_hash = 'old'")).toBe(0)
      isolate.fault = null
      await isolate.cron()
      expect(await count('taken', "id = 'old'")).toBe(0)
    },
  )

  it('ends while D1 never answers, and does all of it when D1 is back', async () => {
    const isolate = createIsolate()
    const before = Date.now()
    isolate.fault = faultOf('D1 takes an hour')
    await expect(isolate.cron()).rejects.toThrow('no time is left for the rest')
    // Five minutes, and what had begun by then.
    expect(Date.now() - before).toBeLessThan(15 * 60_000)
    isolate.fault = null
    await isolate.cron()
  })
})

it('a page stays open for who is in while D1 is full: only what is written fails', async () => {
  const person = await signedIn(world.stage, `${A}/`, `${crypto.randomUUID()}@example.test`)
  const isolate = createIsolate()
  const browser = browserAt(isolate, person.at(A))
  isolate.fault = faultOf('D1 is full')
  for (let minute = 0; minute < 3; minute++) {
    vi.setSystemTime(Date.now() + 61_000)
    expect((await browser.go(`${A}/`)).status).toBe(200)
    await isolate.settled()
  }
  // What makes room again is no insertion.
  await env.DB.exec("INSERT INTO taken VALUES ('okta', 'request', 'full', 1)")
  await isolate.cron().catch(() => undefined)
  expect(await count('taken', "id = 'full'")).toBe(0)
})
