/**
 * What Gatehouse costs at Cloudflare: the operations of its requests, times the published prices.
 * docs/performance.md contains these tables, and a test compares them.
 */
import { operations, removal, type Operations } from './operations.ts'

/** Dollars, as of 2026-11-25. docs/performance.md names the source pages. */
const free: Readonly<Partial<Record<Unit, number>>> = {
  requests: 100_000,
  kvReads: 100_000,
  kvWrites: 1000,
  kvDeletes: 1000,
  rowsRead: 5_000_000,
  rowsWritten: 100_000,
  logs: 200_000,
}
const paid = {
  requests: { included: 10e6, perMillion: 0.3 },
  cpuMilliseconds: { included: 30e6, perMillion: 0.02 },
  kvReads: { included: 10e6, perMillion: 0.5 },
  kvWrites: { included: 1e6, perMillion: 5 },
  kvDeletes: { included: 1e6, perMillion: 5 },
  rowsRead: { included: 25e9, perMillion: 0.001 },
  rowsWritten: { included: 50e6, perMillion: 1 },
  logs: { included: 20e6, perMillion: 0.6 },
}
const PLAN_PER_MONTH = 5
const SEAT_PER_MONTH = 7
const DAYS_PER_MONTH = 30

/**
 * One user's day: one sign-in, one sign-out, and pages of five requests each. The first request of
 * each page finds an isolate that does not know the session, and is to be noted; the other requests
 * are warm.
 */
const PAGES = 40
const REQUESTS_OF_A_PAGE = 5
/** Assumed CPU milliseconds for a request, and for the response of an IdP. */
const CPU = { request: 1, acs: 20 }
/** Most requests of a day come within this many hours. */
const HOURS_OF_A_DAY = 8

type Unit = keyof typeof paid
type Usage = Readonly<Record<Unit, number>>

/** The operations of one user in one day. */
function operationsOfADay(): Operations {
  const touched = minus(
    operations['standing, and the request noted'],
    operations['standing, 15 s later'],
  )
  const ofPages = [operations['cold session'], touched].map((each) => times(each, PAGES))
  return [...ofPages, ...signIn, operations['sign-out'], removal].reduce(plus)
}

const signIn = [
  operations['nobody, sent to sign in'],
  operations['sign-in: the page before the IdP'],
  operations['sign-in: on to the IdP'],
  operations['sign-in: the answer of the IdP'],
]

function usageOfADay(): Usage {
  const { kvReads, kvWrites, kvDeletes, rowsRead, rowsWritten } = operationsOfADay()
  const requests = PAGES * REQUESTS_OF_A_PAGE + signIn.length + 1
  return {
    requests,
    cpuMilliseconds: (requests - 1) * CPU.request + CPU.acs,
    kvReads,
    kvWrites,
    kvDeletes,
    rowsRead,
    rowsWritten,
    // Two lines of the audit: a sign-in and a sign-out.
    logs: 2,
  }
}

/** How many users the free plan supports per day; null: it has no limit for this unit. */
function enoughFor(unit: Unit): number | null {
  const limit = free[unit]
  return limit === undefined ? null : Math.floor(limit / usageOfADay()[unit])
}

/** Dollars per month on the paid plan, by unit. */
function monthlyCost(
  people: number,
  usage: Usage = usageOfADay(),
): Readonly<Record<Unit | 'plan' | 'all', number>> {
  const costs = Object.fromEntries(
    Object.entries(paid).map(([unit, { included, perMillion }]) => {
      const used = usage[unit as Unit] * people * DAYS_PER_MONTH
      return [unit, (Math.max(0, used - included) / 1e6) * perMillion]
    }),
  ) as Record<Unit, number>
  const all = Object.values(costs).reduce((sum, each) => sum + each, PLAN_PER_MONTH)
  return { ...costs, plan: PLAN_PER_MONTH, all }
}

/** The usage if Cloudflare also logged every request, which wrangler.toml turns off. */
function usageWithAllLogged(): Usage {
  const usage = usageOfADay()
  return { ...usage, logs: usage.logs + usage.requests }
}

const plus = (a: Operations, b: Operations): Operations => merge(a, b, (x, y) => x + y)
const minus = (a: Operations, b: Operations): Operations => merge(a, b, (x, y) => x - y)
const times = (a: Operations, count: number): Operations => merge(a, a, (x) => x * count)
const merge = (a: Operations, b: Operations, of: (x: number, y: number) => number): Operations => ({
  kvReads: of(a.kvReads, b.kvReads),
  kvWrites: of(a.kvWrites, b.kvWrites),
  kvDeletes: of(a.kvDeletes, b.kvDeletes),
  statements: of(a.statements, b.statements),
  rowsRead: of(a.rowsRead, b.rowsRead),
  rowsWritten: of(a.rowsWritten, b.rowsWritten),
  signatures: of(a.signatures, b.signatures),
})

const counts = [100, 10_000, 100_000]
const number = (value: number): string => value.toLocaleString('en')
const dollars = (value: number, digits = 2): string =>
  `$${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
const names: Readonly<Record<Unit, string>> = {
  requests: 'requests',
  cpuMilliseconds: 'ms of CPU',
  kvReads: 'KV reads',
  kvWrites: 'KV writes',
  kvDeletes: 'KV deletes',
  rowsRead: 'D1 rows read',
  rowsWritten: 'D1 rows written',
  logs: 'log lines',
}
const units = Object.keys(names) as Unit[]

/** Rows of Markdown, without a formatter's padding. */
export function costTables(): readonly (readonly string[])[] {
  const usage = usageOfADay()
  const asked = [
    ...Object.entries(operations),
    ['cron: removing what both leave', removal] as const,
  ].map(([name, each]) => {
    const { kvReads, kvWrites, kvDeletes, statements, rowsRead, rowsWritten, signatures } = each
    const kv = `${kvReads} / ${kvWrites} / ${kvDeletes}`
    return [name, kv, String(statements), `${rowsRead} / ${rowsWritten}`, String(signatures)]
  })
  const perDay = units.map((unit) => [
    names[unit],
    ...[1, ...counts].map((people) => number(usage[unit] * people)),
    enoughFor(unit)?.toLocaleString('en') ?? 'see below',
  ])
  const perMonth = [
    ...(['plan', ...units] as const).map((unit) => [
      unit === 'plan' ? 'the plan itself' : names[unit],
      ...counts.map((people) => dollars(monthlyCost(people)[unit])),
    ]),
    ['all of it', ...counts.map((people) => dollars(monthlyCost(people).all))],
    [
      '… with each request logged',
      ...counts.map((people) => dollars(monthlyCost(people, usageWithAllLogged()).all)),
    ],
    ['a person', ...counts.map((people) => dollars(monthlyCost(people).all / people, 4))],
    ['per seat', ...counts.map((people) => dollars(SEAT_PER_MONTH * people))],
    [
      'a day of the free plan',
      ...counts.map((people) => {
        const missing = units
          .filter((unit) => (enoughFor(unit) ?? Infinity) < people)
          .map((unit) => names[unit])
        return missing.length === 0 ? 'enough' : `too little: ${missing.join(', ')}`
      }),
    ],
    [
      'D1 statements a second',
      ...counts.map((people) => {
        const seconds = HOURS_OF_A_DAY * 3600
        return ((operationsOfADay().statements * people) / seconds).toFixed(1)
      }),
    ],
  ]
  return [...asked, ...perDay, ...perMonth]
}

if (import.meta.main) for (const cells of costTables()) console.log(`| ${cells.join(' | ')} |`)
