/** Errors in the format of RFC 7644 §3.12. */
import { err, type Err } from '../lib/result.ts'
import { ownHeaders } from '../lib/own-headers.ts'

/** RFC 7644 table 9, and RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidCursor'
  | 'invalidCount'

export interface ScimError {
  readonly status: number
  readonly scimType: ScimType | null
  /** Must not quote a value from the request: it could be a password. */
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
}

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const SCIM_MEDIA_TYPE = 'application/scim+json'

/** Status 400, or 409 for `uniqueness`. */
export const refuse = (scimType: ScimType, detail: string): Err<ScimError> =>
  err({ status: scimType === 'uniqueness' ? 409 : 400, scimType, detail })

export const refuseWith = (
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Err<ScimError> => err({ status, scimType: null, detail, headers })

export const notFound = (what: string): Err<ScimError> => refuseWith(404, `There is no ${what}.`)

export const toErrorBody = ({ status, scimType, detail }: ScimError) => ({
  schemas: [ERROR_SCHEMA],
  status: String(status),
  ...(scimType ? { scimType } : {}),
  detail,
})

/** @param accept the Accept header. A client that accepts only application/json gets that type. */
export const mediaTypeFor = (accept: string | null): string =>
  accept !== null && /application\/json/i.test(accept) && !/scim\+json|\*\/\*/i.test(accept)
    ? 'application/json'
    : SCIM_MEDIA_TYPE

export function errorResponse(request: Request, error: ScimError): Response {
  return new Response(JSON.stringify(toErrorBody(error)), {
    status: error.status,
    headers: {
      ...ownHeaders,
      'Content-Type': mediaTypeFor(request.headers.get('Accept')),
      ...error.headers,
    },
  })
}
