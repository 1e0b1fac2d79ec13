/** Invocations that are cut off between two statements, and origins that answer nonsense (docs/faults.md). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDirectory } from '../../tools/stage/kill-switch.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { ask, createStage, type Stage } from '../../tools/stage/stage.ts'

/**
 * `/cut-off?at=2` arms it: the second statement from then on is not begun, and its invocation is
 * aborted, as when an isolate is lost.
 */
const module = `
import worker from './worker.js'
let left = 0
let context = null
const behind = (db) => new Proxy(db, {
  get(target, name) {
    const value = Reflect.get(target, name)
    if (typeof value !== 'function') return value
    return (...given) => {
      if (name === 'prepare' && left > 0 && --left === 0) {
        context.abort('cut off')
        throw new Error('cut off')
      }
      return Reflect.apply(value, target, given)
    }
  },
})
export default {
  fetch(request, env, own) {
    const url = new URL(request.url)
    if (url.pathname === '/cut-off') {
      left = Number(url.searchParams.get('at'))
      return new Response(String(left))
    }
    context = own
    return worker.fetch(request, { ...env, DB: behind(env.DB) }, own)
  },
}`

let stage: Stage
beforeAll(async () => {
  stage = await createStage(undefined, undefined, { module })
})
afterAll(() => stage.stop())

const cutOffAt = (statement: number) => ask(`/cut-off?at=${statement}`, { port: stage.ports[0] })
const count = (sql: string) =>
  stage.db.prepare(`SELECT count(*) AS n FROM ${sql}`).first<number>('n')

describe('an invocation that is cut off', () => {
  it('in a login opens nothing, and the person signs in anew', async () => {
    const outcomes: string[] = []
    for (let statement = 1; statement <= 9; statement += 2) {
      await cutOffAt(statement)
      const outcome = signIn(stage, '/').then(
        () => 'signed in',
        () => 'cut off',
      )
      outcomes.push(await outcome)
      await cutOffAt(0)
      const { cookie } = await signIn(stage, '/')
      const page = await ask('/', { port: stage.ports[0], headers: { Cookie: cookie } })
      expect(page.status).toBe(200)
    }
    expect(outcomes.filter((each) => each === 'cut off').length).toBeGreaterThan(2)
  })

  it('in a batch of SCIM leaves whole users only, and the batch can be sent again', async () => {
    const { authorization } = await openDirectory(stage)
    const names = ['a', 'b', 'c', 'd'].map((letter) => `${letter}-cut@example.test`)
    const body = JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: names.map((userName, i) => ({
        method: 'POST',
        path: '/Users',
        bulkId: `u${i}`,
        data: { userName },
      })),
    })
    const headers = { Authorization: authorization, 'Content-Type': 'application/scim+json' }
    const send = () =>
      ask(
        '/.gatehouse/scim/okta/v2/Bulk',
        { port: stage.ports[0], method: 'POST', headers },
        body,
      ).then(
        ({ status, text }) => [status, text] as const,
        () => [0, ''] as const,
      )
    await cutOffAt(15)
    const [status] = await send()
    expect([0, 500]).toContain(status)
    const made = await count("users WHERE user_name LIKE '%-cut@example.test'")
    expect(made).toBe(
      await count(
        "scim_users WHERE id IN (SELECT id FROM users WHERE user_name LIKE '%-cut@example.test')",
      ),
    )
    expect([1, 2, 3]).toContain(made)
    await cutOffAt(0)
    const [, text] = await send()
    const { Operations }: { Operations: { status: string }[] } = JSON.parse(text)
    const statuses = Operations.map((each) => each.status)
    expect(statuses.filter((each) => each === '409')).toHaveLength(made ?? -1)
    expect(statuses.filter((each) => each === '201')).toHaveLength(4 - (made ?? -1))
    expect(await count("users WHERE user_name LIKE '%-cut@example.test'")).toBe(4)
  })
})

describe('an origin', () => {
  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a status that is no number', 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n'],
    ['half of its headers', 'HTTP/1.1 200 OK\r\nX-Half: a'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello'],
    ['nothing', ''],
  ])('that answers %s is 502, and in the log', async (name, bytes) => {
    const path = `/public/${encodeURIComponent(name)}`
    const before = stage.logged.length
    stage.origin.at(path, (request) => request.socket.end(bytes))
    const answer = await ask(path, { port: stage.ports[0], headers: { Accept: 'text/html' } })
    expect(answer.status).toBe(502)
    await expect
      .poll(() => stage.logged.slice(before).join('\n'))
      .toContain('"audit":"origin-failed"')
  })

  it.each([
    ['a chunk of no length', 'zz\r\nhello\r\n0\r\n\r\n'],
    ['a chunk that is cut off', '5\r\nhel'],
  ])('that begins well and sends %s then breaks the answer off', async (name, chunk) => {
    const path = `/public/${encodeURIComponent(name)}`
    stage.origin.at(path, (request) => {
      request.socket.end(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n${chunk}`,
      )
    })
    const outcome = await ask(path, { port: stage.ports[0] }).then(
      ({ status, text }) => `${status} ${text}`,
      () => 'broken off',
    )
    // The half must not look like the whole.
    expect(outcome).not.toMatch(/^200/)
  })
})
