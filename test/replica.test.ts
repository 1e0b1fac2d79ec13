/**
 * A model of D1 with replicas: whoever is revoked is let in nowhere after `revocationSeconds`, however
 * late the replicas are.
 */
import { expect, it } from 'vitest'
import { random } from '../tools/bench/random.ts'
import { standingFrom, type ReplicaRead } from '../tools/bench/replica.ts'

const REVOCATION_SECONDS = 15
const REPLICAS = 4
const ISOLATES = 8
const SECONDS = 900

type Rule = (read: ReplicaRead, revocationSeconds: number) => number | null

interface Write {
  /** When the primary has it. */
  readonly at: number
  /** The time that the Worker left in it: that of its request, by its clock. */
  readonly stamp: number
  /** A revocation leaves no time that counts: an operator's machine may have made it. */
  readonly isEnd: boolean
}

/** How late a replica is in getting a write: mostly not at all, sometimes by minutes. */
const lagOf = (next: () => number): number => (next() < 0.9 ? next() * 2 : next() * 300)

/** Gets the writes in the order of the primary, each some time later. */
function createReplica(log: readonly Write[], next: () => number) {
  let shown = 0
  const coming = log.map((write) => {
    shown = Math.max(shown, write.at + lagOf(next))
    return { ...write, shown }
  })
  let has = 0
  let newest = -Infinity
  let letsIn = true
  return (at: number): Pick<ReplicaRead, 'newest' | 'letsIn'> => {
    for (let write = coming[has]; write && write.shown <= at; write = coming[++has]) {
      newest = Math.max(newest, write.stamp)
      letsIn &&= !write.isEnd
    }
    return { newest, letsIn }
  }
}

/**
 * One session that is revoked at a random time, and requests of it at all isolates.
 *
 * @param skewSeconds by how much clocks of Workers may go before or behind.
 * @returns how long after the revocation it is let in last, and how many reads there were.
 */
function live(seed: number, rule: Rule, skewSeconds = 0) {
  const next = random(seed)
  const clocks = Array.from({ length: ISOLATES }, () => (next() * 2 - 1) * skewSeconds)
  const clockOf = (isolate: number) => clocks[isolate] ?? 0
  const someIsolate = () => Math.floor(next() * ISOLATES)
  const revokedAt = next() * SECONDS
  const log: Write[] = [{ at: revokedAt, stamp: -Infinity, isEnd: true }]
  for (let at = next(); at < SECONDS; at += next() * (next() < 0.05 ? 60 : 1)) {
    log.push({ at, stamp: at - next() * 0.5 + clockOf(someIsolate()), isEnd: false })
  }
  log.sort((a, b) => a.at - b.at)
  const replicas = Array.from({ length: REPLICAS }, () => createReplica(log, next))
  const remembered = new Map<number, number>()
  const count = { primary: 0, replica: 0 }
  let last = 0
  for (let at = 0; at < SECONDS; at += next() * 2) {
    const isolate = someIsolate()
    const now = at + clockOf(isolate)
    const from = remembered.get(isolate)
    if (from === undefined || Math.abs(now - from) >= REVOCATION_SECONDS) {
      remembered.delete(isolate)
      const found = replicas[Math.floor(next() * REPLICAS)]?.(at)
      if (!found) throw new Error('no replica')
      count.replica++
      let since = rule({ now, ...found }, REVOCATION_SECONDS)
      if (since === null) {
        count.primary++
        if (at < revokedAt) since = now
      }
      if (since === null) continue
      remembered.set(isolate, since)
      // When it is let in there no more, by the true time.
      last = Math.max(last, since + REVOCATION_SECONDS - clockOf(isolate) - revokedAt)
    }
  }
  return { last, count }
}

const seeds = Array.from({ length: 400 }, (_, i) => i + 1)

it('is let in nowhere after revocationSeconds', () => {
  const all = seeds.map((seed) => live(seed, standingFrom))
  expect(Math.max(...all.map(({ last }) => last))).toBeLessThanOrEqual(REVOCATION_SECONDS)
  // Both were asked, and some isolate remembered the session until near the bound.
  expect(all.some(({ count }) => count.primary > 0 && count.replica > count.primary)).toBe(true)
  expect(Math.max(...all.map(({ last }) => last))).toBeGreaterThan(REVOCATION_SECONDS - 2)
})

it('is let in for longer by as much as the clocks of two Workers differ', () => {
  const last = Math.max(...seeds.map((seed) => live(seed, standingFrom, 2).last))
  expect(last).toBeGreaterThan(REVOCATION_SECONDS)
  expect(last).toBeLessThanOrEqual(REVOCATION_SECONDS + 4)
})

it.each<[string, Rule]>([
  ['a standing counts from when it is read', ({ now, letsIn }) => (letsIn ? now : null)],
  [
    'a replica is trusted while its newest write is young',
    (read, bound) => (standingFrom(read, bound) === null ? null : read.now),
  ],
])('is let in for too long where %s', (_, rule) => {
  const last = Math.max(...seeds.map((seed) => live(seed, rule).last))
  expect(last).toBeGreaterThan(REVOCATION_SECONDS)
})
