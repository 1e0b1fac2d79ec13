/** What each path of OAuth costs: calls to D1, a statement or a batch in one transaction each. */
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import { A, LOGIN } from '../login/person.ts'
import { countedD1 } from '../support/binding.ts'
import { fetchSettled } from '../support/worker.ts'
import {
  addClient,
  allow,
  BACK,
  begin,
  configOf,
  createStage,
  emptyAll,
  personOf,
} from './stage.ts'

beforeEach(emptyAll)

it('each request costs few calls to D1', async () => {
  const stage = await createStage(configOf({ device: 'on' }))
  const client = await addClient({ device: true })
  const zoe = personOf(stage)
  const db = countedD1(env.DB)
  const worker = createGatehouse(configOf({ device: 'on' }))
  let before = 0
  const cost = async (path: string, fields?: Readonly<Record<string, string>>) => {
    const init = fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}
    const answer = await fetchSettled(worker, new Request(LOGIN + path, init), {
      ...env,
      DB: db.binding,
      ORIGIN: { fetch: () => Promise.resolve(new Response('behind')) },
    })
    const calls = db.calls() - before
    before = db.calls()
    const text = await answer.text()
    const body = text.startsWith('{') ? (JSON.parse(text) as Readonly<Record<string, string>>) : {}
    return { status: answer.status, calls, body }
  }
  const token = '/.gatehouse/oauth/token'
  const metadata = await cost('/.well-known/oauth-authorization-server')
  expect([metadata.status, metadata.calls]).toEqual([200, 0])

  const begun = await begin(stage, client)
  const back = await allow(zoe, begun)
  const code = {
    grant_type: 'authorization_code',
    client_id: 'reports',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: BACK,
    code_verifier: begun.verifier,
  }
  // The client, then the code with its access token.
  const first = await cost(token, code)
  expect([first.status, first.calls]).toEqual([200, 2])
  const refresh = {
    grant_type: 'refresh_token',
    client_id: 'reports',
    refresh_token: first.body['refresh_token'] ?? '',
  }
  const second = await cost(token, refresh)
  expect([second.status, second.calls]).toEqual([200, 2])
  // The client and a token that does not count: nothing is written, so the audit costs nothing.
  const wrong = { ...refresh, refresh_token: 'nonsense' }
  expect(await cost(token, wrong)).toMatchObject({ status: 400, calls: 1 })
  expect(await cost(token, { client_id: 'no such client' })).toMatchObject({
    status: 401,
    calls: 0,
  })

  const device = await cost('/.gatehouse/oauth/device-authorization', {
    client_id: 'reports',
    resource: `${A}/`,
  })
  expect([device.status, device.calls]).toEqual([200, 2])
  const poll = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: 'reports',
    device_code: device.body['device_code'] ?? '',
  }
  expect(await cost(token, poll)).toMatchObject({ status: 400, calls: 2 })
  const last = { client_id: 'reports', token: second.body['refresh_token'] ?? '' }
  // The client, the grant, and the event of its end.
  expect(await cost('/.gatehouse/oauth/revoke', last)).toMatchObject({ status: 200, calls: 3 })
})
