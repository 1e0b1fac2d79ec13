/**
 * The queries of the dashboard, in a real ClickHouse, over points that Gatehouse wrote. The table is
 * as Cloudflare documents that of Workers Analytics Engine ("SQL API", "Table structure").
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { startClickHouse, type ClickHouse } from './clickhouse/server.ts'

const dashboard = v.object({
  panels: v.array(
    v.object({ title: v.string(), targets: v.tuple([v.object({ query: v.string() })]) }),
  ),
})
const { panels } = v.parse(
  dashboard,
  JSON.parse(readFileSync('docs/grafana/gatehouse.json', 'utf8')),
)

const SITE = 'wiki.example.com'
const noon = toInstant(Date.UTC(2026, 10, 24, 12))

interface Row {
  readonly point: AnalyticsEngineDataPoint
  readonly at: number
  readonly sampleInterval: number
}

/** Two minutes. In the second one Analytics Engine kept one request of ten. */
function writtenPoints(): readonly Row[] {
  const rows: Row[] = []
  let now = { at: noon / 1000, sampleInterval: 1 }
  const metrics = createMetrics({
    writeDataPoint: (point) => void (point && rows.push({ point, ...now })),
  })
  const person = { user: 'user-1', session: 'session-1' }
  const event = (of: AuditEvent) => metrics.event(of)
  const request = (site: string, gate: number, origin: number, isPassed = true) =>
    metrics.request(
      site,
      {
        milliseconds: { kv: gate, d1: 0, token: 0, origin, total: gate + origin },
        times: { kv: gate > 0 ? 1 : 0, d1: 0, token: 1, origin: 1 },
        isPassed,
      },
      isPassed ? 200 : 502,
    )
  const refused = (reason: string) =>
    event({ kind: 'login-refused', site: SITE, connection: 'okta', user: null, reason, facts: {} })

  event({ kind: 'login', site: SITE, connection: 'okta', ...person })
  event({ kind: 'login', site: 'other.example.com', connection: 'okta', ...person })
  refused('expired')
  refused('expired')
  refused('other-audience')
  event({ kind: 'origin-failed', site: SITE, origin: 'x', reason: 'unreachable' })
  request(SITE, 20, 100)
  request(SITE, 0, 200)
  request(SITE, 0, 300)
  request(SITE, 0, 0, false)
  metrics.cron('done', 1500)
  now = { at: noon / 1000 + 60, sampleInterval: 10 }
  request(SITE, 40, 500)
  return rows
}

const numbered = (name: string) => Array.from({ length: 20 }, (_, i) => `${name}${i + 1}`)
const columns = [...numbered('blob'), ...numbered('double')]

const toJson = ({ point, at, sampleInterval }: Row): string =>
  JSON.stringify({
    dataset: 'gatehouse',
    timestamp: at,
    _sample_interval: sampleInterval,
    index1: point.indexes?.[0],
    ...Object.fromEntries(point.blobs?.map((text, i) => [`blob${i + 1}`, text]) ?? []),
    ...Object.fromEntries(point.doubles?.map((number, i) => [`double${i + 1}`, number]) ?? []),
  })

let clickHouse: ClickHouse
beforeAll(async () => {
  clickHouse = await startClickHouse()
  const types = columns.map((name) => `${name} ${name.startsWith('blob') ? 'String' : 'Float64'}`)
  await clickHouse.ask(
    `CREATE TABLE gatehouse (dataset String, timestamp DateTime, _sample_interval UInt32,
     index1 String, ${types.join(', ')}) ENGINE = MergeTree ORDER BY timestamp PARTITION BY tuple()`,
  )
  const rows = writtenPoints().map(toJson).join('\n')
  await clickHouse.ask(`INSERT INTO gatehouse FORMAT JSONEachRow\n${rows}`)
}, 90_000)
afterAll(() => clickHouse.stop())

/** As the plugin does it, with intervals of a minute. */
const expanded = (query: string, site: string): string =>
  query
    .replaceAll('$timeSeries', '(intDiv(toUInt32(timestamp), 60) * 60) * 1000')
    .replaceAll(
      '$timeFilter',
      `timestamp >= toDateTime(${noon / 1000}) AND timestamp <= toDateTime(${noon / 1000 + 3600})`,
    )
    .replaceAll('$dataset', 'gatehouse')
    .replaceAll('$site', site)

/** Rows, with times as minutes after noon. */
async function rowsOf(query: string, site = '%'): Promise<readonly unknown[]> {
  const text = await clickHouse.ask(`${expanded(query, site)} FORMAT JSON`)
  const { data } = v.parse(
    v.object({ data: v.array(v.record(v.string(), v.union([v.string(), v.number()]))) }),
    JSON.parse(text),
  )
  return data.map(({ t, ...row }) =>
    t === undefined ? row : { minute: (Number(t) - noon) / 60_000, ...row },
  )
}

const expected: Readonly<Record<string, readonly unknown[]>> = {
  'Sign-ins': [{ sign_ins: 2 }],
  'Refused sign-ins': [{ refused: 3 }],
  'Failed requests': [{ failed: (100 * 1) / 14 }],
  'Runs of cron': [{ done: 1, failed: 0 }],
  'Sign-ins and refused ones': [
    { minute: 0, kind: 'login', events: 2 },
    { minute: 0, kind: 'login-refused', events: 3 },
  ],
  'What became of requests': [
    { minute: 0, outcome: 'failed', requests: 1 },
    { minute: 0, outcome: 'passed', requests: 3 },
    { minute: 1, outcome: 'passed', requests: 10 },
  ],
  'Refusals by reason': [
    { kind: 'login-refused', reason: 'expired', connection: 'okta', events: 2 },
    { kind: 'login-refused', reason: 'other-audience', connection: 'okta', events: 1 },
    { kind: 'origin-failed', reason: 'unreachable', connection: '', events: 1 },
  ],
  'Origins and stores that failed': [{ minute: 0, reason: 'unreachable', events: 1 }],
  'Milliseconds that Gatehouse adds': [
    { minute: 0, p50: 0, p99: 20 },
    { minute: 1, p50: 40, p99: 40 },
  ],
  "Milliseconds to the origin's first byte": [
    { minute: 0, p50: 200, p99: 300 },
    { minute: 1, p50: 500, p99: 500 },
  ],
  'Milliseconds of KV': [
    { minute: 0, p50: 20, p99: 20 },
    { minute: 1, p50: 40, p99: 40 },
  ],
  'Milliseconds of D1': [],
  'Reads of KV and D1 for each request': [
    { minute: 0, kv: 0.25, d1: 0 },
    { minute: 1, kv: 1, d1: 0 },
  ],
  'Seconds that cron took': [{ minute: 0, outcome: 'done', seconds: 1.5 }],
}

/** The order within a minute, and among equal numbers, is nobody's promise. */
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()

describe('the dashboard', () => {
  it.each(panels.map(({ title, targets: [{ query }] }) => [title, query] as const))(
    'shows the right numbers: %s',
    async (title, query) => {
      expect(Object.keys(expected)).toContain(title)
      expect(sorted(await rowsOf(query))).toEqual(sorted(expected[title] ?? []))
    },
  )

  it('shows one site where one is chosen', async () => {
    const [first] = panels
    expect(await rowsOf(first?.targets[0].query ?? '', SITE)).toEqual([{ sign_ins: 1 }])
  })
})
