/**
 * `npm run bench:scale`: how many statements a second the people of a company ask of one D1, and how
 * long SQLite takes for them. The people are simulated; the statements and their rules are ours.
 */
import { touchSeconds } from '../../src/session/standing.ts'
import { operations } from './operations.ts'
import { load } from './process.ts'
import { random } from './random.ts'
import { standingFrom } from './replica.ts'
import { statementTimes } from './statement-times.ts'

/** What one person does in a day, and where their requests arrive. */
interface Day {
  readonly hours: number
  readonly pages: number
  readonly requestsOfAPage: number
  /** Isolates that a person's requests may meet. */
  readonly isolates: number
  /** The share of a page's requests that meet the isolate of its first one. */
  readonly sameIsolate: number
  /** Whether pages come at even distances; else at any time. */
  readonly isEven: boolean
  /** Seconds of a day for which a WebSocket or an event stream is open. */
  readonly streamSeconds: number
}

/** How the Worker asks. */
interface Rules {
  readonly revocationSeconds: number
  readonly idleSeconds: number
  readonly touchSeconds: (idleSeconds: number) => number
  /** Whether the standing is read and the request noted in one statement. */
  readonly isOneStatement: boolean
  readonly signIn: number
  readonly signOut: number
  /** How late replicas are on average that standings are read from; null: the primary is asked. */
  readonly lagSeconds: number | null
}

/** Statements of a day at the primary, and those of its busiest minute. */
interface Load {
  readonly reads: number
  readonly writes: number
  readonly busiestMinute: number
}

const PEOPLE = 400

const day: Day = {
  hours: 8,
  pages: 40,
  requestsOfAPage: 5,
  isolates: 500,
  sameIsolate: 1,
  isEven: false,
  streamSeconds: 0,
}

const counted = (name: keyof typeof operations) => operations[name].statements
const now: Rules = {
  revocationSeconds: 15,
  idleSeconds: 3600,
  touchSeconds,
  isOneStatement: true,
  signIn:
    counted('sign-in: the page before the IdP') +
    counted('sign-in: on to the IdP') +
    counted('sign-in: the answer of the IdP'),
  signOut: counted('sign-out'),
  lagSeconds: null,
}
/** As it was before. A sign-in and a sign-out were counted then. */
const before: Rules = {
  ...now,
  touchSeconds: (idleSeconds) => Math.min(60, idleSeconds / 4),
  isOneStatement: false,
  signIn: 14,
  signOut: 4,
}

/** What D1 knows of a sign-in, and what each isolate remembers of it. */
interface Known {
  lastSeen: number
  readonly isolates: Map<number, { readAt: number; lastSeen: number }>
}

/**
 * A read of a standing: since when it counts, and how many statements the primary has for it. The
 * write of somebody is never long ago, so a replica's newest time is as old as the replica is late.
 */
function read({ lagSeconds, revocationSeconds }: Rules, at: number, next: () => number) {
  if (lagSeconds === null) return { since: at, reads: 1 }
  const newest = at + lagSeconds * Math.log(1 - next())
  const since = standingFrom({ now: at, newest, letsIn: true }, revocationSeconds)
  return since === null ? { since: at, reads: 1 } : { since, reads: 0 }
}

/** One request: the statements that it asks for. */
function ask(
  rules: Rules,
  known: Known,
  { at, isolate, beginsPage }: { at: number; isolate: number; beginsPage: boolean },
  next: () => number,
): { readonly reads: number; readonly writes: number } {
  const due = rules.touchSeconds(rules.idleSeconds)
  const remembered = known.isolates.get(isolate)
  const isFresh = remembered !== undefined && at - remembered.readAt < rules.revocationSeconds
  if (isFresh) {
    if (at - remembered.lastSeen < due) return { reads: 0, writes: 0 }
    remembered.lastSeen = at
    known.lastSeen = at
    return { reads: 0, writes: 1 }
  }
  const isDue = at - known.lastSeen >= due
  const isTried =
    rules.isOneStatement && (remembered ? at - remembered.lastSeen >= due : beginsPage)
  if (isDue) known.lastSeen = at
  const isNoted = isTried && isDue
  const { since, reads } = isNoted ? { since: at, reads: 0 } : read(rules, at, next)
  known.isolates.set(isolate, { readAt: since, lastSeen: known.lastSeen })
  return { reads, writes: isTried || isDue ? 1 : 0 }
}

/** The statements of one person, by minute of the day. */
function live(rules: Rules, { pages, requestsOfAPage, ...of }: Day, next: () => number) {
  const seconds = of.hours * 3600
  const byMinute = new Float64Array(of.hours * 60 + 60)
  const total = { reads: 0, writes: 0 }
  const add = (at: number, { reads, writes }: { reads: number; writes: number }) => {
    total.reads += reads
    total.writes += writes
    const minute = Math.floor(at / 60)
    byMinute[minute] = (byMinute[minute] ?? 0) + reads + writes
  }
  // People arrive within the first hour, most of them in its middle.
  const start = ((next() + next()) / 2) * 3600
  add(start, { reads: 2, writes: rules.signIn - 2 })
  const known: Known = { lastSeen: start, isolates: new Map() }
  const isolate = () => Math.floor(next() * of.isolates)
  const opened = Array.from(
    { length: pages },
    (_, i) => start + (of.isEven ? (i + 1) / (pages + 1) : next()) * (seconds - start),
  )
  for (const opens of opened.toSorted((a, b) => a - b)) {
    const own = isolate()
    for (let i = 0; i < requestsOfAPage; i++) {
      const where = next() < of.sameIsolate ? own : isolate()
      const request = { at: opens + i * 0.2, isolate: where, beginsPage: i === 0 }
      add(request.at, ask(rules, known, request, next))
    }
  }
  for (let at = start; at < start + of.streamSeconds && at < seconds;) {
    const { since, reads } = read(rules, at, next)
    add(at, { reads, writes: 0 })
    at = since + rules.revocationSeconds
  }
  add(seconds - 1, { reads: 0, writes: rules.signOut })
  return { total, byMinute }
}

/** The load of one person on average; of the busiest minute, a second's part. */
function simulate(rules: Rules, of: Day): Load {
  const next = random(1)
  const minutes = new Float64Array(of.hours * 60 + 60)
  const sum = { reads: 0, writes: 0 }
  for (let i = 0; i < PEOPLE; i++) {
    const { total, byMinute } = live(rules, of, next)
    sum.reads += total.reads
    sum.writes += total.writes
    for (const [minute, count] of byMinute.entries()) {
      minutes[minute] = (minutes[minute] ?? 0) + count
    }
  }
  // The last minute has everybody's sign-out, which people spread over more than that.
  const busiest = Math.max(...minutes.slice(0, of.hours * 60 - 1))
  return {
    reads: sum.reads / PEOPLE,
    writes: sum.writes / PEOPLE,
    busiestMinute: busiest / 60 / PEOPLE,
  }
}

const cases: readonly (readonly [name: string, rules: Rules, of: Day])[] = [
  ['as it was in 0.1', before, day],
  ['… the request noted once in a tenth of `idleSeconds`', { ...before, touchSeconds }, day],
  ['… in the statement that reads the standing', { ...now, signIn: 14, signOut: 4 }, day],
  ['… and a sign-in in fewer statements: as it is', now, day],
  ['a page each 12 minutes, to the second', now, { ...day, isEven: true }],
  ['half of the requests of a page in other isolates', now, { ...day, sameIsolate: 0.5 }],
  ['a page each two minutes', now, { ...day, pages: 240 }],
  ['an event stream open for an hour', now, { ...day, streamSeconds: 3600 }],
  ['an event stream open all day', now, { ...day, streamSeconds: 28_800 }],
  [
    '… the bound a minute: `revocationSeconds: 60`',
    { ...now, revocationSeconds: 60 },
    { ...day, streamSeconds: 28_800 },
  ],
]

/** The same with standings from replicas. */
const replicas: typeof cases = [
  ['pages, from replicas that are a second late', { ...now, lagSeconds: 1 }, day],
  [
    'half of the requests of a page in other isolates, a second',
    { ...now, lagSeconds: 1 },
    { ...day, sameIsolate: 0.5 },
  ],
  [
    'an event stream open all day, a second',
    { ...now, lagSeconds: 1 },
    { ...day, streamSeconds: 28_800 },
  ],
  ['… five seconds', { ...now, lagSeconds: 5 }, { ...day, streamSeconds: 28_800 }],
  ['… half a minute', { ...now, lagSeconds: 30 }, { ...day, streamSeconds: 28_800 }],
]

const companies = [100_000, 1_000_000, 10_000_000]

/** Rows of docs/scale.md: a test compares them. */
export function scaleTable(): readonly (readonly string[])[] {
  return [...cases, ...replicas].map(([name, rules, of]) => {
    const { reads, writes, busiestMinute } = simulate(rules, of)
    const perSecond = (people: number) =>
      Math.round(((reads + writes) * people) / (of.hours * 3600)).toLocaleString('en')
    const busiest = Math.round(busiestMinute * 100_000).toLocaleString('en')
    return [name, reads.toFixed(0), writes.toFixed(0), ...companies.map(perSecond), busiest]
  })
}

if (import.meta.main) {
  console.log(`load ${load()}`)
  console.log('| | reads | writes | 100,000 people | 1,000,000 | 10,000,000 | busiest minute |')
  for (const row of scaleTable()) console.log(`| ${row.join(' | ')} |`)
  console.log()
  console.log('| | µs |')
  for (const row of await statementTimes()) console.log(row)
}
