/**
 * The SCIM client of the identity provider. It sends requests, and keeps them with their answers.
 */
import * as v from 'valibot'

/** The SCIM settings that an administrator enters at an identity provider. */
export interface ScimTarget {
  readonly baseUrl: string
  readonly token: string
}

export type ChangeKind =
  | 'person-added'
  | 'person-changed'
  | 'person-deactivated'
  | 'person-reactivated'
  | 'person-removed'
  | 'group-added'
  | 'group-renamed'
  | 'group-removed'
  | 'member-added'
  | 'member-removed'

export interface ScimRequest {
  readonly kind: ChangeKind
  /** The purpose of the request, in words. */
  readonly title: string
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** The path below the base URL. */
  readonly path: string
  /** Null: no body is sent. */
  readonly body: unknown
}

/** A request and its answer. The token is in neither, so it cannot be shown. */
export interface Exchange extends ScimRequest {
  readonly number: number
  /** Null: no answer came. */
  readonly status: number | null
  readonly answer: unknown
}

export interface ScimClient {
  connect(target: ScimTarget): void
  /** Connects if the service takes the token. @returns why not; null: it is connected. */
  connectTried(target: ScimTarget): Promise<string | null>
  send(request: ScimRequest): Promise<Exchange>
  /** The URL of the SCIM service; null: there is no service yet. */
  baseUrl(): string | null
  /** Its path; empty: there is no service yet. */
  basePath(): string
  /** The newest first. */
  latest(): readonly Exchange[]
}

export const SCIM_MEDIA_TYPE = 'application/scim+json'
const KEPT = 10
const PATIENCE_MS = 20_000

export function createScimClient(): ScimClient {
  let target: ScimTarget | null = null
  let exchanges: readonly Exchange[] = []
  let count = 0

  async function answerTo(request: ScimRequest): Promise<Pick<Exchange, 'status' | 'answer'>> {
    if (!target) return { status: null, answer: null }
    const { method, path, body } = request
    try {
      const response = await fetch(target.baseUrl + path, {
        method,
        headers: {
          Authorization: `Bearer ${target.token}`,
          Accept: SCIM_MEDIA_TYPE,
          ...(body === null ? {} : { 'Content-Type': SCIM_MEDIA_TYPE }),
        },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      return { status: response.status, answer: parseAnswer(await response.text()) }
    } catch {
      return { status: null, answer: null }
    }
  }

  return {
    connect(to) {
      target = to
    },
    async connectTried(to) {
      const problem = await tryTarget(to)
      if (problem === null) target = to
      return problem
    },
    async send(request) {
      const exchange = { ...request, ...(await answerTo(request)), number: ++count }
      exchanges = [exchange, ...exchanges].slice(0, KEPT)
      return exchange
    },
    baseUrl: () => target?.baseUrl ?? null,
    basePath: () => (target ? new URL(target.baseUrl).pathname : ''),
    latest: () => exchanges,
  }
}

async function tryTarget({ baseUrl, token }: ScimTarget): Promise<string | null> {
  try {
    const response = await fetch(`${baseUrl}/Users?count=0`, {
      headers: { Authorization: `Bearer ${token}`, Accept: SCIM_MEDIA_TYPE },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await response.body?.cancel()
    if (response.ok) return null
    return response.status === 401
      ? 'Gatehouse does not know this token.'
      : `Gatehouse answered ${response.status}.`
  } catch {
    return 'Nothing answers at this address, or it is no address.'
  }
}

function parseAnswer(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Whether the service did what was asked. 404 after a DELETE is fine: the resource is gone. */
export const isDone = ({ method, status }: Exchange): boolean =>
  status !== null && ((status >= 200 && status < 300) || (method === 'DELETE' && status === 404))

const errorBody = v.object({ detail: v.string(), scimType: v.optional(v.string()) })

/** The service's own reason why it did not do it (RFC 7644 §3.12). */
export function problemOf({ status, answer }: Exchange): string {
  if (status === null) return 'Gatehouse did not answer.'
  const error = v.safeParse(errorBody, answer)
  if (!error.success) return `Gatehouse answered ${status}.`
  const { detail, scimType } = error.output
  return `Gatehouse answered ${status}${scimType === undefined ? '' : ` ${scimType}`}: ${detail}`
}

const createdBody = v.object({ id: v.string() })

/** The id that the service gave the new resource; null: its answer has none. */
export function createdId({ answer }: Exchange): string | null {
  const created = v.safeParse(createdBody, answer)
  return created.success ? created.output.id : null
}
