/** Requests to a site and to its login host, without following redirects. Every wait and answer is bounded. */
import { readText } from '../../src/lib/body.ts'
import { isRecord, parseJson } from '../../src/lib/json.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { withStop } from '../../src/lib/sentence.ts'
import { refused, type Failure } from '../command.ts'
import { plain } from '../text.ts'
import { certificateFault, codeOf } from '../unreachable.ts'

export interface Reply {
  readonly status: number
  /** null: the answer is no JSON object. */
  readonly fields: Readonly<Record<string, unknown>> | null
}

const ASK_MS = 30_000
const MOST_BYTES = 64 * 1024
const MOST_DEPTH = 5

export async function askFor(url: string, init: RequestInit = {}): Promise<Result<Reply, Failure>> {
  const { host } = new URL(url)
  try {
    const signal = AbortSignal.timeout(ASK_MS)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const text = await readText(response, MOST_BYTES)
    const parsed = text.ok ? parseJson(text.value, MOST_DEPTH) : text
    const fields = parsed.ok && isRecord(parsed.value) ? parsed.value : null
    return ok({ status: response.status, fields })
  } catch (error) {
    const code = codeOf(error)
    if (certificateFault(code) !== null) {
      return refused(`The certificate of ${host} is not valid (${code}), so nothing was sent.`)
    }
    return refused(
      `${host} does not answer${code === '' ? '' : ` (${plain(code)})`}. Is the address right, and are you online?`,
    )
  }
}

export const postForm = (
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<Result<Reply, Failure>> =>
  askFor(url, { method: 'POST', body: new URLSearchParams(fields) })

export const textField = (fields: Reply['fields'], name: string): string | null => {
  const value = fields?.[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export const countField = (fields: Reply['fields'], name: string): number | null => {
  const value = fields?.[name]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

/** What the login host says is wrong, as one line. */
export const whyOf = ({ status, fields }: Reply): string =>
  withStop(
    plain(
      textField(fields, 'error_description') ??
        textField(fields, 'error') ??
        `it answered with status ${status}`,
    ),
  )
