import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openGate, REVOCATION_SECONDS, BEHIND, type Gate } from './gate.ts'
import { zoe } from './people.ts'
import {
  answersIn,
  connect,
  expectNoLeaks,
  products,
  refusalOn,
  renewKeys,
  seen,
  type Connected,
} from './stage.ts'

/** What a machine may lose between two clocks, a write and a poll, beside the bound itself. */
const MARGIN_SECONDS = 15

let gate: Gate
beforeAll(async () => {
  gate = await openGate()
})
afterAll(() => gate.close())

describe.each(products)('%s', (product) => {
  let connected: Connected
  afterEach(() => connected.disconnect())

  /** Refused, whatever the reason: the person learns none, and nothing reaches the site. */
  async function visitInVain(): Promise<Readonly<Record<string, unknown>>> {
    const browser = gate.browser()
    const before = gate.received.length
    const trip = await browser.visit(`${gate.url}/wiki`, zoe)
    expect(answersIn(trip).length).toBe(1)
    expect(seen(trip.page)).toMatchObject({ status: 403, title: 'You could not be signed in' })
    const refusal = await refusalOn(gate, trip.page)
    expect(trip.page.text).not.toContain(String(refusal['reason']))
    expect((await browser.go(`${gate.url}/wiki`)).status).toBe(302)
    expect(gate.received.length).toBe(before)
    return refusal
  }

  it('is refused for the audience when it answers for another service provider', async () => {
    const audience = 'https://other.example.com/saml/metadata'
    connected = await connect(gate, product, { signs: 'both', audience })
    expect(await visitInVain()).toMatchObject({
      reason: 'audience',
      connection: connected.id,
      facts: {
        found: [audience],
        expected: `${gate.url}/.gatehouse/saml/${connected.id}/metadata`,
        explained: expect.stringContaining('set the Audience'),
      },
    })
  })

  it('is refused for what is over when its clock is an hour behind', async () => {
    connected = await connect(gate, product, { signs: 'both', clock: '-1h' })
    const { reason, facts } = timesOf(await visitInVain(), 'notOnOrAfter')
    expect(reason).toBe('confirmation-expired')
    expect(facts.now - facts.said).toBeGreaterThan(50 * 60_000)
  })

  it('is refused for what is yet to come when its clock is an hour ahead', async () => {
    connected = await connect(gate, product, { signs: 'both', clock: '+1h' })
    const { reason, facts } = timesOf(await visitInVain(), 'notBefore')
    expect(reason).toBe('not-yet-valid')
    expect(facts.said - facts.now).toBeGreaterThan(50 * 60_000)
  })

  it('is refused for the signature under a new key, until the key is added to the connection', async () => {
    connected = await connect(gate, product, { signs: 'both' })
    connected = await renewKeys(gate, product, connected)
    const { id, idp } = connected
    expect(await visitInVain()).toMatchObject({ reason: 'signature-mismatch', connection: id })

    const add = ['connection', 'update', id, '--add-certificate', idp.certificateFile]
    expect(await gate.command(add)).toMatchObject({ certificatesAdded: [expect.any(String)] })
    const trip = await gate.browser().visit(`${gate.url}/wiki`, zoe)
    expect(seen(trip.page).title).toBe(BEHIND)
  })

  it('cannot bring in a user who was disabled: not the open session, nor the next sign-in', async () => {
    connected = await connect(gate, product, { signs: 'both' })
    const page = `${gate.url}/wiki`
    const browser = gate.browser()
    expect(seen((await browser.visit(page, zoe)).page).title).toBe(BEHIND)

    expect(await gate.command(['user', 'disable', zoe.mail])).toMatchObject({
      user: { email: zoe.mail, active: false },
      withinSeconds: REVOCATION_SECONDS,
    })
    const timeout = (REVOCATION_SECONDS + MARGIN_SECONDS) * 1000
    await expect.poll(async () => (await browser.go(page)).status, { timeout }).toBe(302)

    const before = gate.received.length
    for (const each of [browser, gate.browser()]) {
      const trip = await each.visit(page, zoe)
      expect(answersIn(trip).length).toBe(1)
      expect(seen(trip.page)).toMatchObject({ status: 403, title: 'Your account is disabled' })
      const refusal = await refusalOn(gate, trip.page)
      expect(refusal).toMatchObject({ reason: 'user-disabled', connection: connected.id })
      expect((await each.go(page)).status).toBe(302)
    }
    expect(gate.received.length).toBe(before)

    await gate.command(['user', 'enable', zoe.mail])
    expect(seen((await gate.browser().visit(page, zoe)).page).title).toBe(BEHIND)
  })
})

/** A refusal for a time: what the assertion said and what time it was, in milliseconds. */
function timesOf(refusal: Readonly<Record<string, unknown>>, field: string) {
  const facts: unknown = refusal['facts']
  const at = (name: string): number =>
    typeof facts === 'object' && facts !== null && name in facts
      ? Date.parse(String(Object.entries(facts).find(([key]) => key === name)?.[1]))
      : NaN
  return { reason: refusal['reason'], facts: { said: at(field), now: at('now') } }
}

it('has said nothing that is secret', expectNoLeaks)
