/** The page of signals: what each role sees, and what its forms do. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { rows } from '../login/person.ts'
import type { Stage } from '../login/stage.ts'
import { createSigner, ISSUER } from '../signals/signer.ts'
import { createTransmitter, TOKEN, type FakeTransmitter } from '../signals/transmitter.ts'
import { auditor, CONSOLE, createConsole, operator, owner, press, textOf } from './stage.ts'

let stage: Stage
let transmitter: FakeTransmitter
beforeEach(async () => {
  await env.DB.exec('DELETE FROM signal_streams')
  stage = await createConsole()
  transmitter = createTransmitter([(await createSigner()).jwk])
  vi.stubGlobal('fetch', transmitter.fetch)
})
afterEach(() => vi.unstubAllGlobals())

const back = '/settings/signals'
const PAGE = CONSOLE + back
const typed = { back, transmitter: ISSUER, connection: 'okta', delivery: 'push', token: TOKEN }

it('shows where each identity provider may revoke, and lets an auditor change nothing', async () => {
  const anna = auditor(stage)
  const page = await (await anna.open(PAGE)).text()
  expect(page).toContain('/.gatehouse/revocation/okta')
  expect(textOf(page)).toContain('No transmitter yet')
  expect(page).not.toContain('/do/')
  expect((await press(anna, 'signals add', typed)).status).toBe(403)
  expect(await rows('signal_streams')).toEqual([])
})

it('adds, verifies and removes a transmitter; its token is in no page', async () => {
  const olga = owner(stage)
  await olga.open(CONSOLE)
  const made = await (await press(olga, 'signals add', typed)).text()
  expect(textOf(made)).toContain(`${ISSUER} okta push not verified`)
  expect(made).not.toContain(TOKEN)
  const [{ id = '' } = {}] = (await rows('signal_streams')) as readonly { id?: string }[]
  const verified = await (await press(olga, 'signals verify', { back, stream: id })).text()
  expect(textOf(verified)).toContain('waits for its verification')
  const removed = await (await press(olga, 'signals remove', { back, stream: id })).text()
  expect(textOf(removed)).toContain('No transmitter yet')
})

it('an operator may add one; what was typed stays when it is refused, but for the token', async () => {
  transmitter.configuration = { ...transmitter.configuration, issuer: 'https://x.example' }
  const otto = operator(stage)
  await otto.open(CONSOLE)
  const refused = await press(otto, 'signals add', typed)
  const page = await refused.text()
  expect(refused.status).toBe(409)
  expect(page).toContain('of another issuer')
  expect(page).toContain(`value="${ISSUER}"`)
  expect(page).not.toContain(TOKEN)
})

it('shows a hostile name harmlessly', async () => {
  await env.DB.prepare(
    `INSERT INTO signal_streams (id, connection, issuer, delivery, audience, fault, created_at)
     VALUES ('s', 'okta', 'https://x.example/<script>alert(1)</script>', 'push', '["a"]',
       '"><img src=x>', 0)`,
  ).run()
  const page = await (await auditor(stage).open(PAGE)).text()
  expect(page).not.toContain('<script>alert')
  expect(page).not.toContain('<img src=x>')
})
