/** Asks a transmitter, for JSON. Redirects are not followed: a token would go with them. */
import { readText } from '../lib/body.ts'
import { err, type Result } from '../lib/result.ts'
import { piecesOf, type MetadataReach } from '../upkeep/fetch.ts'

export type AskFault =
  | { readonly reason: 'address'; readonly url: string; readonly problem: string }
  | { readonly reason: 'status'; readonly url: string; readonly status: number }
  | { readonly reason: 'no-answer'; readonly url: string }
  | { readonly reason: 'too-large'; readonly url: string }

export interface Ask {
  readonly url: string
  /** The issuer: an address of this machine is asked only where the issuer is on it, too. */
  readonly issuer: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** null: anybody may ask. */
  readonly token: string | null
  /** null: none. */
  readonly body: object | null
}

export const ASK_TIMEOUT_SECONDS = 10
/** A poll of 50 events is far smaller. */
const MOST_BYTES = 1_000_000

/** @returns the text of an answer with a status of 2xx. */
export async function ask(
  { url, issuer, method, token, body }: Ask,
  reach: MetadataReach,
): Promise<Result<string, AskFault>> {
  const problem = URL.canParse(url) ? reach.judgeAddress(url, issuer) : 'must be a URL'
  if (problem !== null) return err({ reason: 'address', url: url.slice(0, 200), problem })
  const signal = AbortSignal.timeout(ASK_TIMEOUT_SECONDS * 1000)
  const asked = reach.fetch(url, {
    method,
    redirect: 'manual',
    signal,
    headers: {
      Accept: 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  })
  const response = await asked.catch(() => null)
  if (!response) return err({ reason: 'no-answer', url })
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined)
    return err({ reason: 'status', url, status: response.status })
  }
  const text = await readText({ body: piecesOf(response.body, signal) }, MOST_BYTES)
  if (text.ok) return text
  return err({ reason: text.error === 'too-large' ? 'too-large' : 'no-answer', url })
}

export function explainAsk(fault: AskFault): string {
  switch (fault.reason) {
    case 'address':
      return `The address ${fault.url} ${fault.problem}.`
    case 'status':
      return `${fault.url} answered ${fault.status}.${whatToDo(fault.status)}`
    case 'no-answer':
      return `${fault.url} did not answer within ${ASK_TIMEOUT_SECONDS} seconds, or cannot be reached.`
    case 'too-large':
      return `${fault.url} sends more than 1 MB.`
  }
}

function whatToDo(status: number): string {
  if (status >= 300 && status < 400) return ' Redirects are not followed: give the final address.'
  return status === 401 || status === 403
    ? ' The token is not valid there, or may not do this. Give a new one.'
    : ''
}
