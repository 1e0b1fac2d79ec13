/** Sends a request to the API, and sends it again where that can do no harm. Every wait has a bound. */
import { decodeUtf8 } from '../../src/lib/bytes.ts'
import { readBytes } from '../../src/lib/body.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { codeOf } from '../unreachable.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export type SendFault =
  /** Nothing was sent: the host has no such name, no port, or no valid certificate. */
  | { readonly reason: 'unreachable'; readonly code: string }
  /** It was sent, and no answer came, or not the whole of one. */
  | { readonly reason: 'no-answer' }
  | { readonly reason: 'too-large' }

export interface Patience {
  readonly attemptMs: number
  readonly totalMs: number
  /** Before each further attempt, unless the answer asks for another time. */
  readonly waitSeconds: readonly number[]
}

/** Reading metadata takes an operation up to 30 seconds. */
export const usualPatience: Patience = {
  attemptMs: 60_000,
  totalMs: 120_000,
  waitSeconds: [1, 2, 4, 8],
}

export interface Sending {
  readonly url: string
  readonly init: Readonly<{
    method: string
    headers: Readonly<Record<string, string>>
    body: string | null
  }>
  /** However often the API gets it, it is done once. */
  readonly isRepeatable: boolean
}

export interface Waiting {
  readonly patience: Patience
  /** False: nobody waits any longer. */
  readonly pause: (seconds: number) => Promise<boolean>
}

export async function send(
  { url, init, isRepeatable }: Sending,
  { patience, pause }: Waiting,
): Promise<Result<Reply, SendFault>> {
  const total = AbortSignal.timeout(patience.totalMs)
  for (let attempt = 0; ; attempt++) {
    const reply = await sendOnce(
      url,
      init,
      AbortSignal.any([total, AbortSignal.timeout(patience.attemptMs)]),
    )
    const usual = patience.waitSeconds[attempt]
    const wait = isRepeatable && usual !== undefined ? waitFor(reply, usual) : null
    if (wait === null || total.aborted || !(await pause(wait))) return reply
  }
}

const MOST_BYTES = 16 * 1024 * 1024

async function sendOnce(
  url: string,
  init: Sending['init'],
  signal: AbortSignal,
): Promise<Result<Reply, SendFault>> {
  try {
    // A redirect is not followed: the token is for this host alone.
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const bytes = await readBytes(response, MOST_BYTES)
    if (!bytes.ok) return err({ reason: bytes.error === 'cut-off' ? 'no-answer' : 'too-large' })
    const text = decodeUtf8(bytes.value)
    const { status, headers } = response
    return ok({ status, headers, text: text.ok ? text.value : '' })
  } catch (error) {
    const code = codeOf(error)
    const isUnreached = !signal.aborted && UNREACHED.test(code)
    return err(isUnreached ? { reason: 'unreachable', code } : { reason: 'no-answer' })
  }
}

/** Codes of Node, undici and OpenSSL for a connection that never was. After any other, the request may have arrived. */
const UNREACHED =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|HOSTNAME_)/

const MOST_WAIT_SECONDS = 10

/** How long until the next attempt, in seconds. null: another attempt would not help. */
function waitFor(reply: Result<Reply, SendFault>, usual: number): number | null {
  if (!reply.ok) return reply.error.reason === 'no-answer' ? usual : null
  const { status, headers, text } = reply.value
  const isUnderWay = status === 409 && text.includes('"idempotency-key-under-way"')
  // Between the Worker and us, Cloudflare answers by itself with 502, 504, and 520 to 530.
  const isPassing = [502, 503, 504].includes(status) || (status >= 520 && status <= 530)
  if (!isUnderWay && !isPassing) return null
  const asked = readRetryAfter(headers) ?? usual
  return asked <= MOST_WAIT_SECONDS ? asked : null
}

/** Seconds (RFC 9110 §10.2.3). null: the answer does not say, or gives a date. */
export const readRetryAfter = (headers: Headers): number | null => {
  const text = headers.get('Retry-After') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : null
}
