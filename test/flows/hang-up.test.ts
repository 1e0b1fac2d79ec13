/** A client that goes away in the middle of its body: nothing is done (RFC 9112 §8), no fault is ours. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDirectory } from '../../tools/stage/kill-switch.ts'
import { ask, createStage, type Stage } from '../../tools/stage/stage.ts'

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
