/** Answers to programs: JSON, and readable for pages of any origin, which send no cookie there. */
import { ownHeaders } from '../lib/own-headers.ts'

/** Programs in browsers are clients too. No cookie counts at these addresses, so `*` gives nothing away. */
const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

export const answerJson = (
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  Response.json(body, {
    status,
    headers: { ...ownHeaders, Pragma: 'no-cache', ...cors, ...headers },
  })

export interface Refused {
  readonly status?: number
  readonly error: string
  /** For the author of the client. Printable ASCII without `"` and `\` (RFC 6749 §5.2). */
  readonly why: string
  readonly headers?: Readonly<Record<string, string>>
}

/** RFC 6749 §5.2 */
export const refuseJson = ({ status = 400, error, why, headers = {} }: Refused): Response =>
  answerJson(status, { error, error_description: why }, headers)

/** The preflight of a page of another origin. */
export const preflight = (methods: string): Response =>
  new Response(null, {
    status: 204,
    headers: {
      ...cors,
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, MCP-Protocol-Version',
      'Access-Control-Max-Age': '3600',
    },
  })
