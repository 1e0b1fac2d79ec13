/**
 * Trace Context (W3C) and Baggage (W3C). The gate takes no part in a trace, so it passes the headers
 * on, whatever they hold: only a participant may parse, change or restart a trace.
 */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGate, navigation, type TestGate } from '../support/gate.ts'
import { addConnection, emptyStores, requestWith, signIn } from '../support/session.ts'

const SITE = 'https://app.example.com'
const site = {
  routes: [
    { path: '/', policy: { kind: 'signed-in' } },
    { path: '/public', policy: { kind: 'public' } },
  ],
} as const

// Trace Context §3.2.3, an example of the specification.
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const trace = {
  traceparent,
  // §3.3.1.4: with optional white space, which a participant may remove.
  tracestate: 'rojo=00f067aa0ba902b7,\t congo=t61rcWkgMzE , 0vendor@tenant=a=b',
  baggage: 'userId=alice,serverNode=DF%2028,isProduction=false;property;key=value',
}
const seenBy = ({ sent }: TestGate): Record<string, string | null>[] =>
  sent.map(({ headers }) =>
    Object.fromEntries(Object.keys(trace).map((name) => [name, headers.get(name)])),
  )

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken')
  await addConnection('okta')
})

describe('a trace', () => {
  it('goes on at the origin byte for byte, of a signed-in person and on a public route', async () => {
    const { token } = await signIn()
    const gate = createGate({ site })
    await gate.ask(requestWith(token, `${SITE}/`, { headers: trace }))
    await gate.ask(new Request(`${SITE}/public`, { headers: trace }))
    expect(seenBy(gate)).toEqual([trace, trace])
  })

  it('goes on where a WebSocket opens', async () => {
    const { token } = await signIn()
    const gate = createGate({ site })
    const headers = { ...trace, Upgrade: 'websocket', Origin: SITE }
    await gate.ask(requestWith(token, `${SITE}/socket`, { headers }))
    expect(seenBy(gate)).toEqual([trace])
    expect(gate.sent[0]?.headers.get('Upgrade')).toBe('websocket')
  })

  it('goes on with a kept form, by the request that sends it after sign-in', async () => {
    const gate = createGate({ site })
    const post = (body: string, type: string, more: Record<string, string>) =>
      new Request(`${SITE}/save`, {
        method: 'POST',
        body,
        headers: {
          ...navigation,
          'Sec-Fetch-Site': 'same-origin',
          'Content-Type': type,
          'Content-Length': String(body.length),
          ...more,
        },
      })
    const old = { traceparent: traceparent.replace('4bf9', '0000') }
    const page = await gate.ask(post('text=plan', 'application/x-www-form-urlencoded', old))
    const [, sealed = ''] = /name="gatehouse-form" value="([\w-]+)"/.exec(await page.text()) ?? []
    const { token } = await signIn()
    const headers = { ...trace, Cookie: `__Host-gatehouse=${token}` }
    await gate.ask(post(`gatehouse-form=${sealed}\r\n`, 'text/plain', headers))
    expect(await gate.sent[0]?.text()).toBe('text=plan')
    expect(seenBy(gate)).toEqual([trace])
  })

  it.each([
    // §3.2.2.3 and §3.2.2.4: invalid for a participant.
    ['all zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00` }],
    ['in upper case', { traceparent: traceparent.toUpperCase() }],
    ['of a later version, with more fields', { traceparent: `cc${traceparent.slice(2)}-what` }],
    ['version ff', { traceparent: `ff${traceparent.slice(2)}` }],
    ['no traceparent at all', { traceparent: 'x; <script>' }],
    ['tracestate alone', { tracestate: 'rojo=1' }],
    // §3.3.1.5: a participant need not keep more than 512 characters.
    ['a long tracestate', { traceparent, tracestate: `a=${'1'.repeat(2000)}` }],
    ['a tracestate with a key twice', { traceparent, tracestate: 'a=1,a=2' }],
    ['baggage that is no list', { baggage: '=;,=%ZZ' }],
  ])('is not judged here: %s', async (_, headers) => {
    const { token } = await signIn()
    const gate = createGate({ site })
    const answer = await gate.ask(requestWith(token, `${SITE}/`, { headers }))
    expect(answer.status).toBe(200)
    const none = { traceparent: null, tracestate: null, baggage: null }
    expect(seenBy(gate)).toEqual([{ ...none, ...headers }])
  })

  it('is not begun here', async () => {
    const { request } = await signIn()
    const gate = createGate({ site })
    await gate.ask(request)
    expect(seenBy(gate)).toEqual([{ traceparent: null, tracestate: null, baggage: null }])
  })
})

describe('the request number', () => {
  it('is told to the origin, as in the audit, and nobody else can say it', async () => {
    const { token } = await signIn()
    const gate = createGate({ site })
    const headers = { 'X-Gatehouse-Request': 'forged', x_gatehouse_request: 'forged' }
    await gate.ask(requestWith(token, `${SITE}/`, { headers }))
    await gate.ask(new Request(`${SITE}/public`, { headers }))
    for (const { headers: seen } of gate.sent) {
      expect([seen.get('X-Gatehouse-Request'), seen.get('x_gatehouse_request')]).toEqual([
        'request-1',
        null,
      ])
    }
    expect(gate.sent).toHaveLength(2)
  })

  it("leaves the client's own X-Request-Id alone", async () => {
    const { token } = await signIn()
    const gate = createGate({ site })
    await gate.ask(requestWith(token, `${SITE}/`, { headers: { 'X-Request-Id': 'mine' } }))
    expect(gate.sent[0]?.headers.get('X-Request-Id')).toBe('mine')
  })
})
