/**
 * Signals from programs of other processes: an identity provider that is not ours (samlp) and its key,
 * a transmitter at an address of this machine, the operator's real command, and browsers.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { sign } from '@tsndr/cloudflare-worker-jwt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../tools/stage/stage.ts'
import { freePort } from '../../tools/stage/process.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { CAEP, createSigner, nowSeconds, setOf, SSF, type Signer } from '../signals/signer.ts'
import { createTransmitter, TOKEN, type FakeTransmitter } from '../signals/transmitter.ts'
import type { Browser } from './browser.ts'
import { BEHIND, openGate, REVOCATION_SECONDS, type Gate } from './gate.ts'
import { bob, zoe, type Person } from './people.ts'
import { connect, expectNoLeaks, type Connected } from './stage.ts'

let gate: Gate
let connected: Connected
let signer: Signer
let transmitter: FakeTransmitter
let server: Server
let issuer = ''
let tokenFile = ''
beforeAll(async () => {
  gate = await openGate()
  connected = await connect(gate, 'samlp', { signs: 'both' })
  signer = await createSigner()
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}`
  transmitter = createTransmitter([signer.jwk], issuer)
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { method = 'GET', url = '/', headers } = request
    const answer = await transmitter.fetch(issuer + url, {
      method,
      headers: new Headers(headers as Record<string, string>),
      ...(body.length > 0 ? { body } : {}),
    })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(await answer.text())
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  tokenFile = `${connected.idp.metadataFile}.token`
  await writeFile(tokenFile, `${TOKEN}\n`)
})
afterAll(async () => {
  server.close()
  await connected.disconnect()
  await gate.close()
  expectNoLeaks()
})

async function enter(person: Person): Promise<Browser> {
  const browser = gate.browser()
  const { page } = await browser.visit(`${gate.url}/`, person)
  expect(page.text).toBe(BEHIND)
  return browser
}
const isIn = async (browser: Browser): Promise<boolean> =>
  (await browser.go(`${gate.url}/`)).text === BEHIND
const bound = () => new Promise((resolve) => setTimeout(resolve, REVOCATION_SECONDS * 1000))

interface Made {
  readonly stream: { readonly id: string; readonly endpoint: string; readonly verifiedAt: string }
}
const signals = async (...args: readonly string[]): Promise<Made> =>
  (await gate.commandKnowing(['signals', ...args])) as Made
const add = (delivery: string) =>
  signals('add', issuer, '--connection', connected.id, '--token', tokenFile, '--delivery', delivery)

const of = (person: Person) => ({ format: 'email', email: person.mail })
const revoked = (person: Person) =>
  setOf(signer, `${CAEP}session-revoked`, { claims: { iss: issuer, sub_id: of(person) } })
const push = async (endpoint: string, set: string, authorization: string): Promise<number> => {
  const headers = { 'Content-Type': 'application/secevent+jwt', Authorization: authorization }
  return post(endpoint, set, headers)
}
/** Node does not resolve names below .localhost. */
async function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { port, host, pathname } = new URL(address)
  const asking = { port: Number(port), host, method: 'POST', headers }
  return (await ask(pathname, asking, body)).status
}

describe('a stream that is pushed', () => {
  it('is set up and verified by the command, and signs a person out of every browser', async () => {
    const { stream } = await add('push')
    const authorization: string = transmitter.asked.at(-1)?.body.delivery.authorization_header
    keepSecret(authorization.slice('Bearer '.length))

    let state = ''
    transmitter.onVerify = (given) => void (state = given)
    await signals('verify', stream.id)
    const event = {
      event: { state },
      claims: { iss: issuer, sub_id: { format: 'opaque', id: 'remote-1' } },
    }
    const verification = await setOf(signer, `${SSF}verification`, event)
    expect(await push(stream.endpoint, verification, authorization)).toBe(202)
    const shown = await signals('show', stream.id)
    expect(shown.stream.verifiedAt).toMatch(/^2/)

    const [one, two, other] = [await enter(zoe), await enter(zoe), await enter(bob)]
    const set = await revoked(zoe)
    expect(await push(stream.endpoint, set, 'Bearer guessed')).toBe(401)
    expect(await push(stream.endpoint, set, authorization)).toBe(202)
    await bound()
    expect([await isIn(one), await isIn(two), await isIn(other)]).toEqual([false, false, true])
    const again = await enter(zoe)
    expect(await push(stream.endpoint, set, authorization)).toBe(202)
    await bound()
    expect(await isIn(again)).toBe(true)
    await signals('remove', stream.id)
    expect(transmitter.asked.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(await push(stream.endpoint, await revoked(zoe), authorization)).toBe(404)
  })
})

describe('a stream that is polled', () => {
  it('signs a person out by what the command fetched, and acknowledges it', async () => {
    const { stream } = await add('poll')
    const [one, other] = [await enter(zoe), await enter(bob)]
    transmitter.waiting.set('jti-1', await revoked(zoe))
    expect(await signals('poll', stream.id)).toMatchObject({ taken: 1, refused: 0 })
    expect(transmitter.waiting.size).toBe(0)
    await bound()
    expect([await isIn(one), await isIn(other)]).toEqual([false, true])
    await signals('remove', stream.id)
  })
})

describe('a revocation by the identity provider', () => {
  it("is signed by samlp's own key, and signs the person out", async () => {
    const [one, other] = [await enter(zoe), await enter(bob)]
    const endpoint = `${gate.url}/.gatehouse/revocation/${connected.id}`
    const key = await readFile(connected.idp.certificateFile.replace(/crt$/, 'key'), 'utf8')
    const token = await sign(
      {
        jti: crypto.randomUUID(),
        iss: connected.idp.entityId,
        sub: '0oa1',
        aud: endpoint,
        iat: nowSeconds(),
        nbf: nowSeconds() - 300,
        exp: nowSeconds() + 300,
      },
      key,
      { algorithm: 'RS256', header: { typ: 'global-token-revocation+jwt' } },
    )
    keepSecret(token.split('.')[2])
    const revoke = () =>
      post(endpoint, JSON.stringify({ sub_id: of(zoe) }), {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
      })
    expect(await revoke()).toBe(204)
    await bound()
    expect([await isIn(one), await isIn(other)]).toEqual([false, true])
    expect(await revoke()).toBe(401)
  })
})
