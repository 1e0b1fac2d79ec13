/** What stores do when they fail, with the words of Cloudflare where it documents them. */
import { vi } from 'vitest'
import { isAtWork, type Call, type Fault } from './binding.ts'

const throws =
  (words: string, isHit: (call: Call) => boolean): Fault =>
  async (call) => {
    if (isHit(call)) throw new Error(words)
  }

const ofKv = ({ store }: Call) => store === 'KV'
const ofD1 = ({ store }: Call) => store === 'D1'
const writes =
  (isOf: (call: Call) => boolean) =>
  (call: Call): boolean =>
    isOf(call) && call.isWrite

interface Bound {
  isOver: boolean
}
/** What bounds the last call that began: the Worker sets its timer right before it asks a store. */
let latest: Bound = { isOver: true }

/** From now on the test's time is the Worker's. It passes only while somebody waits for a slow store. */
export function takeTime(now: Date): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now })
  const { setTimeout: set } = globalThis
  vi.stubGlobal('setTimeout', (then: () => void, milliseconds: number) => {
    const bound = { isOver: false }
    latest = bound
    return set(() => {
      bound.isOver = true
      then()
    }, milliseconds)
  })
}

/** In this order: what was stubbed was the test's timer. */
export function giveTimeBack(): void {
  vi.unstubAllGlobals()
  vi.useRealTimers()
}

let turn: Promise<unknown> = Promise.resolve()
const STEP_MILLISECONDS = 1000

async function pass(until: number, bound: Bound): Promise<void> {
  // What the machine takes for the work of others is no time of the test.
  do await scheduler.wait(0)
  while (isAtWork())
  if (Date.now() < until && !bound.isOver) await vi.advanceTimersByTimeAsync(STEP_MILLISECONDS)
}

/** Ends early for who has given up. What was asked for is done then, too late. */
async function passes(seconds: number): Promise<void> {
  const bound = latest
  const until = Date.now() + seconds * 1000
  while (Date.now() < until && !bound.isOver) {
    turn = turn.then(() => pass(until, bound))
    await turn
  }
}

const slow =
  (seconds: number, isHit: (call: Call) => boolean): Fault =>
  async (call) => {
    if (isHit(call)) await passes(seconds)
  }

/** Shows nothing of what it has: a place that a write has not reached yet. */
export const missingIn =
  (store: Call['store']): Fault =>
  async (call) =>
    call.store === store && !call.isWrite ? 'nothing' : undefined

/** What does not work while the fault lasts. */
export type Lost = 'KV reads' | 'KV writes' | 'D1 reads' | 'D1 writes'
const allOfKv: readonly Lost[] = ['KV reads', 'KV writes']
const allOfD1: readonly Lost[] = ['D1 reads', 'D1 writes']

export interface StoreFault {
  readonly fault: Fault
  /** What does not work; `some`: it depends on how often a request asks. */
  readonly lost: readonly Lost[] | 'some'
}

/** By names that begin with the store's. */
export const storeFaults: Readonly<Record<string, StoreFault>> = {
  'KV fails': { fault: throws('KV GET failed: 500 Internal Server Error', ofKv), lost: allOfKv },
  'KV limits writes': {
    fault: throws('KV PUT failed: 429 Too Many Requests', writes(ofKv)),
    lost: ['KV writes'],
  },
  'KV takes a second': { fault: slow(1, ofKv), lost: [] },
  'KV takes 9 seconds': { fault: slow(9, ofKv), lost: 'some' },
  'KV takes 10 seconds': { fault: slow(10, ofKv), lost: allOfKv },
  'KV takes 30 seconds': { fault: slow(30, ofKv), lost: allOfKv },
  'D1 fails': { fault: throws('D1_ERROR: Network connection lost.', ofD1), lost: allOfD1 },
  'D1 is locked': {
    fault: throws('D1_ERROR: database is locked: SQLITE_BUSY', writes(ofD1)),
    lost: ['D1 writes'],
  },
  'D1 is full': {
    fault: throws(
      'D1_ERROR: Exceeded maximum DB size: SQLITE_FULL',
      (call) => writes(ofD1)(call) && !/^\s*DELETE\b/i.test(call.what),
    ),
    lost: ['D1 writes'],
  },
  'D1 takes a second': { fault: slow(1, ofD1), lost: [] },
  'D1 takes 9 seconds': { fault: slow(9, ofD1), lost: 'some' },
  'D1 takes 10 seconds': { fault: slow(10, ofD1), lost: allOfD1 },
  'D1 takes 30 seconds': { fault: slow(30, ofD1), lost: allOfD1 },
  'D1 takes an hour': { fault: slow(3600, ofD1), lost: allOfD1 },
}
