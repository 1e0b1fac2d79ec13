/**
 * A client that goes away. In the middle of its body nothing is done (RFC 9112 §8), and no fault is
 * ours. After that, what was begun is done to its end, and on record.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDirectory } from '../../tools/stage/kill-switch.ts'
import { signIn } from '../../tools/stage/sign-in.ts'
import { answerTo, ask, createStage, open, type Stage } from '../../tools/stage/stage.ts'

let stage: Stage
let authorization: string
beforeAll(async () => {
  stage = await createStage()
  ;({ authorization } = await openDirectory(stage))
})
afterAll(() => stage.stop())

const USERS = '/.gatehouse/scim/okta/v2/Users'
const ACS = '/.gatehouse/saml/okta/acs'
const user = JSON.stringify({ userName: 'half@example.test', active: true })
const form = `SAMLResponse=${'PHNhbWxwOlJlc3BvbnNl'.repeat(200)}`

/** The body but for its last bytes, and then nothing more. */
async function hangUp(path: string, type: string, body: string): Promise<void> {
  const socket = connect(stage.ports[0], '127.0.0.1')
  const gone = once(socket, 'close')
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: app.localhost',
    `Authorization: ${authorization}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    '',
    body.slice(0, -1),
  ]
  socket.write(lines.join('\r\n'), () => setTimeout(() => socket.destroy(), 500))
  await gone
}

it.each([
  ['a directory', USERS, 'application/scim+json', user, 'The client disconnected'],
  ['a browser', ACS, 'application/x-www-form-urlencoded', form, 'cut-off'],
])('%s is refused, and all that is logged is that', async (_, path, type, body, reason) => {
  const before = stage.logged.length
  await hangUp(path, type, body)
  await expect.poll(() => stage.logged.at(before)).toContain(reason)
  expect(stage.logged.at(before)).toMatch(/^\{"audit":"[a-z-]+-refused"/)
  const headers = { Authorization: authorization }
  const answer = await ask(USERS, { port: stage.ports[0], headers })
  expect([answer.status, JSON.parse(answer.text).totalResults]).toEqual([200, 0])
  expect(stage.logged.slice(before + 1)).toEqual([])
})

/** D1 is far away: from a sign-out until `/go-on`, no request is told that its batch is done. */
const farAway = `
import worker from './worker.js'
let isTold = true
const behind = (db) => new Proxy(db, {
  get(target, name) {
    const value = Reflect.get(target, name)
    if (typeof value !== 'function') return value
    return name !== 'batch' ? value.bind(target) : async (statements) => {
      const done = await target.batch(statements)
      while (!isTold) await scheduler.wait(20)
      return done
    }
  },
})
export default {
  fetch(request, env, own) {
    const { pathname } = new URL(request.url)
    if (pathname === '/.gatehouse/logout') isTold = false
    if (pathname === '/go-on') isTold = true
    return worker.fetch(request, { ...env, DB: behind(env.DB) }, own)
  },
}`

it('is signed out, and that is on record, although nobody waits for the answer', async () => {
  const far = await createStage(undefined, undefined, { module: farAway })
  try {
    const { cookie } = await signIn(far, '/')
    const count = (sql: string) => far.db.prepare(sql).first<number>('n')
    const headers = { Origin: 'http://app.localhost', Cookie: cookie }
    const request = open('/.gatehouse/logout', { port: far.ports[0], method: 'POST', headers })
    const answered = answerTo(request)
    request.end()
    await expect
      .poll(() => count('SELECT count(*) AS n FROM sessions WHERE revoked_at IS NOT NULL'))
      .toBe(1)
    request.socket?.resetAndDestroy()
    await expect(answered).rejects.toThrow('socket hang up')
    await ask('/go-on', { port: far.ports[0] })
    await expect.poll(() => count("SELECT count(*) AS n FROM audit WHERE kind = 'logout'")).toBe(1)
    await expect
      .poll(() => far.logged.some((line) => line.startsWith('{"audit":"logout"')))
      .toBe(true)
  } finally {
    await far.stop()
  }
})
