/** Data points of Workers Analytics Engine, on a binding that records them. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGatehouse } from '../../src/app.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { auditKinds } from '../../src/audit/share.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import type { Measured } from '../../src/lib/meter.ts'
import { blobs, doubles } from '../../src/metrics/columns.ts'
import { createMetrics, measuredCron, withMetrics } from '../../src/metrics/metrics.ts'
import { before, failsAt } from '../support/binding.ts'
import { createGate } from '../support/gate.ts'
import { createStage } from '../login/stage.ts'
import { addConnection, emptyStores, signIn, stores } from '../support/session.ts'
import { noon } from '../support/site.ts'
import { fetchSettled } from '../support/worker.ts'

/** A point by the names of its columns, without those that say nothing. */
type Named = Record<string, unknown>

function createDataset() {
  const written: AnalyticsEngineDataPoint[] = []
  const dataset: AnalyticsEngineDataset = {
    writeDataPoint: (point) => void written.push(point ?? {}),
  }
  const points = (): Named[] =>
    written.map((point) => ({
      index: point.indexes?.[0],
      ...Object.fromEntries(
        [
          ...blobs.map((name, i) => [name, point.blobs?.[i]] as const),
          ...doubles.map((name, i) => [name, point.doubles?.[i]] as const),
        ].filter(([, value]) => value !== '' && value !== 0),
      ),
    }))
  return { dataset, written, points, metrics: createMetrics(dataset) }
}

const sizeOf = (text: unknown): number => (typeof text === 'string' ? utf8(text).length : NaN)

const SITE = 'app.example.com'
const url = `https://${SITE}/`

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a data point', () => {
  const measured: Measured = {
    milliseconds: { kv: 12, d1: 30, token: 1, origin: 250, total: 300 },
    times: { kv: 2, d1: 1, token: 1, origin: 1 },
    isPassed: true,
  }

  it('is within the limits of Analytics Engine, whatever it says', () => {
    const { metrics, written } = createDataset()
    const site = `${'long.'.repeat(49)}example.com`
    metrics.request(site, measured, 200)
    metrics.event({ kind: 'origin-failed', site, origin: 'x', reason: 'r'.repeat(10_000) })
    metrics.cron('done', 5)
    for (const { indexes, blobs: texts = [], doubles: numbers = [] } of written) {
      expect(indexes).toHaveLength(1)
      expect(sizeOf(indexes?.[0])).toBeLessThanOrEqual(96)
      expect(texts.length).toBeLessThanOrEqual(20)
      expect(numbers.length).toBeLessThanOrEqual(20)
      const bytes = texts.reduce((sum, text) => sum + sizeOf(text), 0)
      expect(bytes).toBeLessThanOrEqual(16_384)
    }
  })

  it('has a column for each name, at its number', () => {
    const { metrics, written } = createDataset()
    metrics.request(SITE, measured, 304)
    expect(written).toEqual([
      {
        indexes: [`request ${SITE}`],
        blobs: ['request', SITE, 'passed', '', '', '3xx'],
        doubles: [300, 50, 12, 30, 1, 250, 2, 1],
      },
    ])
  })

  it.each([
    [true, 200, 'passed', '2xx'],
    // The origin's own answers are no failures of the gate.
    [true, 500, 'passed', '5xx'],
    [true, 401, 'passed', '4xx'],
    [true, 101, 'passed', '1xx'],
    [false, 302, 'sign-in', '3xx'],
    [false, 401, 'sign-in', '4xx'],
    [false, 403, 'denied', '4xx'],
    [false, 404, 'refused', '4xx'],
    [false, 508, 'failed', '5xx'],
    [false, 502, 'failed', '5xx'],
    [false, null, 'failed', '5xx'],
  ])('says what became of a request: passed on %s, %s: %s', (isPassed, status, kind, of) => {
    const { metrics, points } = createDataset()
    metrics.request(SITE, { ...measured, isPassed }, status)
    expect(points()).toEqual([expect.objectContaining({ type: 'request', kind, status: of })])
  })
})

describe('an event of the audit', () => {
  const person = { user: 'user-ada', session: 'session-ada' }
  const saying = (event: AuditEvent) => {
    const { metrics, points, written } = createDataset()
    metrics.event(event)
    expect(JSON.stringify(written)).not.toMatch(/ada|secret|192\.0\.2/)
    return points()
  }

  it.each<[AuditEvent, Named]>([
    [
      { kind: 'login', site: SITE, connection: 'okta', ...person },
      { kind: 'login', site: SITE, connection: 'okta' },
    ],
    [
      {
        kind: 'login-refused',
        site: SITE,
        connection: 'okta',
        user: 'user-ada',
        reason: 'expired',
        facts: { email: 'ada@example.com' },
      },
      { kind: 'login-refused', site: SITE, connection: 'okta', reason: 'expired' },
    ],
    [
      // A rule may name a person.
      {
        kind: 'access-denied',
        site: SITE,
        connection: 'okta',
        ...person,
        path: '/secret',
        reason: 'needs ada@example.com',
      },
      { kind: 'access-denied', site: SITE, connection: 'okta', reason: 'policy' },
    ],
    [
      {
        kind: 'access-denied',
        site: SITE,
        connection: 'okta',
        ...person,
        path: '/secret',
        reason: 'the token is not for this path, asked by service ada-laptop',
      },
      {
        kind: 'access-denied',
        site: SITE,
        connection: 'okta',
        reason: 'the token is not for this path',
      },
    ],
    [
      { kind: 'session-ended', site: SITE, connection: 'okta', ...person, reason: 'revoked' },
      { kind: 'session-ended', site: SITE, connection: 'okta', reason: 'revoked' },
    ],
    [
      // What SCIM answers quotes what the directory sent.
      {
        kind: 'scim-refused',
        connection: 'okta',
        token: 'token-1',
        status: 409,
        reason: 'userName ada is taken',
      },
      { kind: 'scim-refused', connection: 'okta', reason: 'status 409' },
    ],
    [
      { kind: 'store-unavailable', store: 'D1', during: 'reading a standing' },
      { kind: 'store-unavailable', reason: 'D1' },
    ],
    [
      { kind: 'logout', site: SITE, ...person },
      { kind: 'logout', site: SITE },
    ],
  ])('is counted without a person: %o', (event, named) => {
    const index = `${event.kind} ${'site' in event ? event.site : ''}`
    expect(saying(event)).toEqual([{ index, type: 'event', ...named }])
  })

  it('has an index of its own kind, so that a flood of others does not thin it out', () => {
    expect(auditKinds).not.toContain('request')
    expect(auditKinds).not.toContain('done')
    expect(auditKinds).not.toContain('failed')
    const { metrics, points } = createDataset()
    metrics.event({ kind: 'login', site: SITE, connection: 'okta', ...person })
    metrics.event({
      kind: 'login-refused',
      site: SITE,
      connection: null,
      user: null,
      reason: 'unsigned',
      facts: {},
    })
    expect(new Set(points().map(({ index }) => index)).size).toBe(2)
  })

  it('is kept in the audit before it is counted', () => {
    const { metrics, points } = createDataset()
    const kept: AuditEvent[] = []
    const audit = withMetrics(() => (event) => void kept.push(event), metrics)(null)
    const event = { kind: 'logout', site: SITE, ...person } as const
    audit(event)
    expect(kept).toEqual([event])
    expect(points()).toHaveLength(1)
  })
})

describe('a dataset that fails', () => {
  it('fails no request, and is told of once', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const metrics = createMetrics({
      writeDataPoint: () => {
        throw new Error('too many points for ada@example.com')
      },
    })
    for (let i = 0; i < 3; i++) metrics.cron('done', 1)
    expect(told.mock.calls).toEqual([['{"fault":"metrics cannot be written"}']])
  })
})

describe('cron', () => {
  it('has a point for each run, also for one that fails', async () => {
    const { metrics, points } = createDataset()
    const clock = () => toInstant(noon + 1500)
    await measuredCron(metrics, clock, () => Promise.resolve())(noon)
    const failing = measuredCron(metrics, clock, () => Promise.reject(new Error('no D1')))
    await expect(failing(noon)).rejects.toThrow('no D1')
    expect(points()).toEqual([
      { index: 'done ', type: 'cron', kind: 'done', total: 1500 },
      { index: 'failed ', type: 'cron', kind: 'failed', total: 1500 },
    ])
  })
})

describe('a request through the gate', () => {
  beforeEach(async () => {
    await emptyStores()
    await addConnection('okta')
  })

  it('tells the steps that it took, and which of them the isolate remembered', async () => {
    const { metrics, points } = createDataset()
    const gate = createGate({
      record: metrics.request,
      stores: {
        kv: before(stores.kv, (name) => {
          if (name === 'get') gate.now = toInstant(gate.now + 7)
        }),
      },
      origin: () => {
        gate.now = toInstant(gate.now + 40)
        return new Response('')
      },
    })
    const { request } = await signIn()
    await gate.ask(request)
    await gate.ask(request)
    const said = { index: `request ${SITE}`, type: 'request', site: SITE, kind: 'passed' }
    expect(points()).toEqual([
      { ...said, status: '2xx', total: 47, gate: 7, kv: 7, origin: 40, kvReads: 1, d1Reads: 1 },
      { ...said, status: '2xx', total: 40, origin: 40 },
    ])
  })

  it('tells that nobody is signed in, that a rule refused, and that the origin failed', async () => {
    const { metrics, points } = createDataset()
    const gate = createGate({
      record: metrics.request,
      site: {
        routes: [
          { path: '/', policy: { kind: 'signed-in' } },
          {
            path: '/admin',
            policy: { kind: 'rule', rule: { kind: 'group', name: 'root', connection: null } },
          },
        ],
      },
      origin: () => Promise.reject(new Error('refused')),
    })
    const { token } = await signIn()
    const headers = { Cookie: `__Host-gatehouse=${token}` }
    await gate.ask(new Request(url))
    await gate.ask(new Request(`${url}admin`, { headers }))
    await gate.ask(new Request(url, { headers }))
    expect(points().map(({ kind, status }) => [kind, status])).toEqual([
      ['sign-in', '4xx'],
      ['denied', '4xx'],
      ['failed', '5xx'],
    ])
  })

  it('is counted as failed where D1 does not answer, and the failure goes on', async () => {
    const { metrics, points } = createDataset()
    const { request } = await signIn()
    const gate = createGate({
      record: metrics.request,
      stores: { db: failsAt(env.DB, /sign_ins/) },
    })
    await expect(gate.ask(request)).rejects.toThrow('D1 failed')
    expect(points()).toEqual([expect.objectContaining({ kind: 'failed', status: '5xx' })])
  })
})

describe('the Worker', () => {
  const config: GatehouseConfig = {
    sites: [
      { url, origin: 'https://origin.example.test', routes: [{ path: '/', access: 'signed-in' }] },
    ],
  }
  const ask = (bindings: object, given: object = {}, path = '') =>
    fetchSettled(createGatehouse({ ...config, ...given }), new Request(url + path), {
      ...env,
      ...bindings,
    })

  it('writes a point for each request of a site, if METRICS is bound', async () => {
    const { dataset, points } = createDataset()
    expect((await ask({ METRICS: dataset })).status).toBe(401)
    await ask({ METRICS: dataset }, {}, '.gatehouse/health')
    expect(points()).toEqual([expect.objectContaining({ type: 'request', kind: 'sign-in' })])
  })

  it('takes the name of the binding from the config', async () => {
    const { dataset, points } = createDataset()
    await ask({ NUMBERS: dataset }, { bindings: { metrics: 'NUMBERS' } })
    expect(points()).toHaveLength(1)
  })

  it.each([{}, { METRICS: null }, { METRICS: 'yes' }])(
    'runs without a dataset: %o',
    async (bindings) => {
      expect((await ask(bindings)).status).toBe(401)
    },
  )

  it('counts sign-ins, and refused ones by their reason', async () => {
    await emptyStores()
    const { dataset, points } = createDataset()
    const stage = await createStage()
    const browser = stage.browser({ METRICS: dataset })
    await stage.signIn(browser)
    expect(await (await browser.go(url)).text()).toBe('the page behind')
    const other = stage.browser({ METRICS: dataset })
    const asked = await stage.begin(other, '/')
    await stage.post(other, btoa('<not-saml/>'), asked.relayState)
    vi.useRealTimers()
    const events = points().filter(({ type }) => type === 'event')
    const said = { type: 'event', site: SITE, connection: 'okta' }
    expect(events).toEqual([
      { ...said, index: `login ${SITE}`, kind: 'login' },
      {
        ...said,
        index: `login-refused ${SITE}`,
        kind: 'login-refused',
        reason: expect.stringMatching(/^[a-z-]+$/),
      },
    ])
    const kinds = points().flatMap(({ type, kind }) => (type === 'request' ? [kind] : []))
    expect(kinds).toEqual(['sign-in', 'passed', 'sign-in'])
    expect(JSON.stringify(points())).not.toMatch(/\bada\b|@/)
  })

  it('answers as ever where the dataset throws', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const METRICS = {
      writeDataPoint: () => {
        throw new Error('no')
      },
    }
    expect((await ask({ METRICS })).status).toBe(401)
  })

  it('counts the runs of cron', async () => {
    const { dataset, points } = createDataset()
    await createGatehouse(config).scheduled({}, { ...env, METRICS: dataset })
    expect(points()).toEqual([expect.objectContaining({ type: 'cron', kind: 'done' })])
  })
})
