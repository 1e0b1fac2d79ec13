/** For cron: reads keys again, polls, and forgets what is over. */
import type { AuditEvent } from '../audit/event.ts'
import type { Instant } from '../lib/instant.ts'
import { sealAnew, type Sealer } from '../lib/seal.ts'
import { createAllowance, type Allowance, type Cost } from '../lib/allowance.ts'
import { tell } from '../upkeep/told.ts'
import { poll, type PollDeps } from './poll.ts'
import { refreshKeys } from './refresh.ts'
import { listStreams, removeTakenSignals, saveToken } from './store.ts'
import type { Stream } from './stream.ts'

type TendDeps = Omit<PollDeps, 'tell'>

/** Cron runs once an hour, or more often. */
const TURN_MILLISECONDS = 10 * 60_000
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** So that metadata have a share of the run, too. */
const MOST_STREAMS_OF_RUN = 3
/** One stream at most: its keys, and the requests of a poll. */
const STREAM: Cost = { fetches: 5, queries: 4 }

/**
 * A few streams, as many as fit into the run. Where a run begins is spread evenly over them, however
 * far apart runs are: multiples of the golden ratio fall into step with no interval.
 *
 * @param newest opens only what the current secret sealed.
 * @throws the first error, after all had their turn.
 */
export async function tendSignals(
  deps: TendDeps,
  newest: Sealer,
  now: Instant,
  allowance: Allowance = createAllowance(),
): Promise<void> {
  await removeTakenSignals(deps.db, now)
  const errors: unknown[] = []
  const streams = await listStreams(deps.db, null)
  const turn = Math.floor(now / TURN_MILLISECONDS)
  const first = Math.floor(((turn * GOLDEN) % 1) * streams.length)
  const inTurn = [...streams.slice(first), ...streams.slice(0, first)]
  for (const stream of inTurn.slice(0, MOST_STREAMS_OF_RUN)) {
    if (allowance.fits(STREAM) < 1) break
    allowance.spend(STREAM)
    try {
      await tendOne(stream, deps, newest, now)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

async function tendOne(
  stream: Stream,
  deps: TendDeps,
  newest: Sealer,
  now: Instant,
): Promise<void> {
  await reseal(stream, deps, newest)
  const jwks = await refreshKeys(stream, deps, now)
  if (stream.delivery !== 'poll') return
  const told = { ...deps, tell: (events: readonly AuditEvent[]) => tell(deps.db, events, now) }
  await poll({ ...stream, jwks: jwks ?? stream.jwks }, told, now)
}

/** So that the operator can remove the older GATEHOUSE_SECRET. */
async function reseal({ id, token }: Stream, { db, sealer }: TendDeps, newest: Sealer) {
  const anew = token === null ? null : await sealAnew(token, sealer, newest)
  if (anew !== null) await saveToken(db, id, anew)
}
