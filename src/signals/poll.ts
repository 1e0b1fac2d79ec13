/** Fetches the events that wait at a transmitter (RFC 8936), and acknowledges them. */
import type { AuditEvent } from '../audit/event.ts'
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { isRecord, parseJson } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Sealer } from '../lib/seal.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import { ask, explainAsk } from './fetch.ts'
import { savePolled } from './store.ts'
import type { Stream } from './stream.ts'
import {
  errorOf,
  MOST_SET_BYTES,
  readSetHeader,
  refusedEvent,
  takeSet,
  type TakeDeps,
  type TakeFault,
} from './take.ts'

export interface PollDeps extends TakeDeps {
  readonly reach: MetadataReach
  /** Opens the tokens of transmitters. */
  readonly sealer: Sealer
  /** Called after each round: what it ended is told, whatever becomes of the next one. */
  readonly tell: (events: readonly AuditEvent[]) => Promise<void>
}

export interface Polled {
  /** How many tokens were taken. */
  readonly taken: number
  readonly refused: number
  /** Whether more wait: the next poll has them. */
  readonly isMore: boolean
}

const MOST_IN_A_ROUND = 50
/** With the last one, which only acknowledges, one poll asks so often. */
const MOST_ROUNDS = 4

/** Keeps how it went. The error is a sentence. */
export async function poll(
  stream: Stream,
  deps: PollDeps,
  now: Instant,
): Promise<Result<Polled, string>> {
  const polled = await pollAll(stream, deps, now)
  await savePolled(deps.db, stream.id, polled.ok ? null : polled.error, now)
  return polled
}

async function pollAll(
  stream: Stream,
  deps: PollDeps,
  now: Instant,
): Promise<Result<Polled, string>> {
  const url = stream.remote?.poll ?? null
  const token = await openToken(stream, deps.sealer)
  if (url === null) return err('This stream has no address to poll.')
  if (token === null) {
    return err('The token of the transmitter cannot be opened with this GATEHOUSE_SECRET.')
  }
  const answers: Answers = { ack: [], setErrs: {} }
  let polled: Polled = { taken: 0, refused: 0, isMore: true }
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const isLast = round === MOST_ROUNDS || !polled.isMore
    // What was acknowledged last needs a request, too.
    if (!polled.isMore && answers.ack.length === 0 && isEmpty(answers.setErrs)) break
    const body = {
      maxEvents: isLast ? 0 : MOST_IN_A_ROUND,
      returnImmediately: true,
      ack: answers.ack.splice(0),
      setErrs: answers.setErrs,
    }
    const text = await ask({ url, issuer: stream.issuer, method: 'POST', token, body }, deps.reach)
    if (!text.ok) return err(explainAsk(text.error))
    answers.setErrs = {}
    const sets = readSets(text.value)
    if (!sets) return err(`${url} does not answer as RFC 8936 says.`)
    if (isLast) break
    const events: AuditEvent[] = []
    try {
      polled = await takeAll(sets, polled, answers, async (set) => {
        const { error, events: own } = await takeOne(set, stream, deps, now)
        events.push(...own)
        return error
      })
    } finally {
      await deps.tell(events)
    }
  }
  return ok(polled)
}

interface Answers {
  readonly ack: string[]
  setErrs: Record<string, { readonly err: string; readonly description: string }>
}
const isEmpty = (answers: object): boolean => Object.keys(answers).length === 0

interface Sets {
  /** Tokens by their `jti`, as the transmitter names them. */
  readonly sets: readonly (readonly [string, unknown])[]
  readonly isMore: boolean
}

function readSets(text: string): Sets | null {
  const json = parseJson(text, 10)
  if (!json.ok || !isRecord(json.value) || !isRecord(json.value['sets'])) return null
  const sets = Object.entries(json.value['sets'])
  if (sets.length > MOST_IN_A_ROUND) return null
  return { sets, isMore: json.value['moreAvailable'] === true }
}

async function takeAll(
  { sets, isMore }: Sets,
  before: Polled,
  { ack, setErrs }: Answers,
  take: (set: unknown) => Promise<TakeFault | null>,
): Promise<Polled> {
  let { taken, refused } = before
  for (const [jti, set] of sets) {
    const error = await take(set)
    if (error === null) ack.push(jti)
    // Not answered: it stays there until the keys can be read.
    else if (error !== 'keys-later') {
      const [code, description] = errorOf[error]
      setErrs[jti] = { err: code, description }
    }
    if (error === null) taken++
    else refused++
  }
  return { taken, refused, isMore }
}

async function takeOne(set: unknown, stream: Stream, deps: PollDeps, now: Instant) {
  const isText = typeof set === 'string' && utf8(set).length <= MOST_SET_BYTES
  const token = isText ? readSetHeader(set) : err('malformed' as const)
  const taken = token.ok ? await takeSet(token.value, stream, { now }, deps) : token
  return taken.ok
    ? { error: null, events: taken.value }
    : { error: taken.error, events: [refusedEvent(stream, taken.error)] }
}

/** null: there is none, or it was sealed with another secret. */
export async function openToken({ token }: Stream, sealer: Sealer): Promise<string | null> {
  if (token === null) return null
  const opened = await sealer.open(token)
  const text = opened.ok ? decodeUtf8(opened.value) : opened
  return text.ok ? text.value : null
}
