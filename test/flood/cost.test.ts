/** What a flood from somebody without a session costs, for each route, and where it is limited. */
import { beforeAll, describe, expect, it } from 'vitest'
import document from '../../docs/limits.md?raw'
import { admin } from '../../src/admin-entry.ts'
import { createStage } from '../login/stage.ts'
import { emptyStores } from '../support/session.ts'
import { floods, learn, type Knowing } from './requests.ts'
import { config, createIsolate, type Cost } from './stage.ts'

/** After these the isolate has written what it may write of refusals in a minute. */
const FIRST = 12
const THEN = 3

let known: Knowing

beforeAll(async () => {
  await emptyStores()
  const stage = await createStage(config, {}, { admin })
  known = await learn(createIsolate(), stage.idp)
})

/** A row of limits.md: what is sent, the counts, and what it is limited as. */
type Row = readonly string[]

const documented: readonly Row[] = document
  .split('## What a flood costs')
  .slice(1)
  .flatMap((section) => section.split('\n'))
  .filter((line) => /^\| (?!request|-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

interface Counted {
  /** The most that a request costs in the end. */
  readonly cost: Cost
  readonly limited: string
}

async function count(flood: (typeof floods)[string]): Promise<Counted> {
  const keys: string[] = []
  const LIMITS = {
    limit({ key }: RateLimitOptions) {
      keys.push(key)
      return Promise.resolve({ success: true })
    },
  }
  const requests = await make(flood, FIRST + THEN)
  const sent = Math.max(
    ...(await Promise.all(requests.map(async (each) => (await each.clone().text()).length))),
  )
  const isolate = createIsolate({ LIMITS })
  const costs: Cost[] = []
  for (const request of requests) {
    isolate.take()
    await isolate.send(request)
    costs.push(isolate.take())
  }
  expect(Math.max(...costs.map(({ xml }) => xml))).toBeLessThanOrEqual(2 * sent)
  expect(costs.map(({ kvWrites }) => kvWrites)).toEqual(costs.map(() => 0))
  const later = costs.slice(FIRST)
  const most = (of: keyof Cost) => Math.max(...later.map((cost) => cost[of]))
  return {
    cost: {
      kvReads: most('kvReads'),
      kvWrites: most('kvWrites'),
      reads: most('reads'),
      writes: most('writes'),
      rowsWritten: most('rowsWritten'),
      publicKey: most('publicKey'),
      xml: most('xml'),
    },
    limited: [...new Set(keys.map((key) => key.split(' ')[0]))].join(),
  }
}

async function make(flood: (typeof floods)[string], times: number): Promise<Request[]> {
  const requests: Request[] = []
  for (let i = 0; i < times; i++) requests.push(await flood(known))
  return requests
}

const toRow = (name: string, { cost, limited }: Counted): Row => {
  const { kvReads, reads, writes, rowsWritten, publicKey } = cost
  const numbers = [kvReads, reads, writes, rowsWritten, publicKey]
  return [name, ...numbers.map((each) => (each === 0 ? '' : String(each))), limited]
}

describe('a flood without a session', () => {
  it('is tried at every route of the Worker', async () => {
    const isolate = createIsolate()
    await isolate.loadAll()
    const tried = new Set<string>()
    for (const flood of Object.values(floods)) {
      for (const route of isolate.routesOf(await flood(known))) tried.add(route)
    }
    expect(isolate.routes().length).toBeGreaterThan(40)
    expect(isolate.routes().filter((route) => !tried.has(route))).toEqual([])
  })

  it('writes nothing to KV, reads XML twice at most, and costs what limits.md says', async () => {
    const counted: Row[] = []
    for (const [name, flood] of Object.entries(floods)) {
      counted.push(toRow(name, await count(flood)))
    }
    expect(documented).toEqual(counted)
  })

  it('costs nothing over the limit, and is told to come back in a minute', async () => {
    const limited = documented.filter((row) => row.at(-1) !== '')
    expect(limited.length).toBeGreaterThan(20)
    const LIMITS = { limit: () => Promise.resolve({ success: false }) }
    const isolate = createIsolate({ LIMITS })
    await isolate.loadAll()
    const nothing = {
      kvReads: 0,
      kvWrites: 0,
      reads: 0,
      writes: 0,
      rowsWritten: 0,
      publicKey: 0,
      xml: 0,
    }
    for (const [name = ''] of limited) {
      const [request = new Request('https://login.example.com/')] = await make(
        floods[name] ?? (() => new Request('https://login.example.com/')),
        1,
      )
      isolate.take()
      const { status, headers } = await isolate.send(request)
      expect([name, status, headers.get('Retry-After')]).toEqual([name, 429, '60'])
      expect([name, isolate.take()]).toEqual([name, nothing])
    }
  })
})
