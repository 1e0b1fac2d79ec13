import { beforeEach, describe, expect, it } from 'vitest'
import { createGate, navigation, type TestGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'

let token = ''
beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
  token = (await signIn()).token
})

const PASSED = 'X-Gatehouse-Passed'

describe('a site whose origin leads back to it', () => {
  it.each([
    ['somebody signed in', () => requestWith(token, undefined, { headers: navigation })],
    ['a script', () => requestWith(token)],
  ])('answers %s once, with a page that says so', async (_, request) => {
    const inner = createGate()
    const outer = createGate({ origin: (sent) => inner.ask(sent) })
    const answer = await outer.ask(request())
    expect(answer.status).toBe(508)
    expect(await answer.text()).toMatch(/never end|leads back/)
    expect([outer.sent.length, inner.sent.length]).toEqual([1, 0])
    expect(inner.events).toEqual([
      {
        kind: 'origin-failed',
        site: 'app.example.com',
        origin: 'https://origin.example.net',
        reason: 'loop',
      },
    ])
  })

  it('is noticed by way of another site', async () => {
    const gates: TestGate[] = []
    const to = (next: number) => (sent: Request) =>
      gates[next]?.ask(new Request(sent)) ?? new Response()
    const isPublic = [{ path: '/', policy: { kind: 'public' } }] as const
    gates.push(
      createGate({ site: { url: 'https://a.example.com', routes: isPublic }, origin: to(1) }),
      createGate({ site: { url: 'https://b.example.com', routes: isPublic }, origin: to(0) }),
    )
    const answer = await gates[0]?.ask(new Request('https://a.example.com/'))
    expect(answer?.status).toBe(508)
    expect(gates.map(({ sent }) => sent.length)).toEqual([1, 1])
    expect(gates[1]?.sent[0]?.headers.get(PASSED)).toBe('a.example.com, b.example.com')
  })
})

describe('a site behind another', () => {
  it('is no loop', async () => {
    const { ask, sent } = createGate()
    const headers = { [PASSED]: 'other.example.com' }
    expect((await ask(requestWith(token, undefined, { headers }))).status).toBe(200)
    expect(sent[0]?.headers.get(PASSED)).toBe('other.example.com, app.example.com')
  })

  it('is one where they are too many', async () => {
    const { ask } = createGate()
    const [eight, seven] = [8, 7].map((count) =>
      Array.from({ length: count }, (_, i) => `${i}.example.com`).join(','),
    )
    const status = async (passed = '') =>
      (await ask(requestWith(token, undefined, { headers: { [PASSED]: passed } }))).status
    expect(await status(seven)).toBe(200)
    expect(await status(eight)).toBe(508)
  })
})
