/** Errors of the API in the format of RFC 9457. */
import { ownHeaders } from './own-headers.ts'

export interface Problem {
  readonly status: number
  /** A word for programs; docs/api.md explains each. */
  readonly reason: string
  readonly title: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the document (RFC 9457 §3.2). */
  readonly more?: Readonly<Record<string, unknown>>
}

const TYPES = 'urn:gatehouse:problem:'

export const problemResponse = (
  { status, reason, title, detail, headers, more }: Problem,
  requestId: string,
): Response =>
  Response.json(
    {
      type: TYPES + reason,
      title,
      status,
      detail,
      instance: `urn:uuid:${requestId}`,
      reason,
      ...more,
    },
    { status, headers: { ...ownHeaders, 'Content-Type': 'application/problem+json', ...headers } },
  )
