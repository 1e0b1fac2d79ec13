/** A request of a client to the token endpoint or one beside it: its form, and the client. */
import { decodeBase64, decodeUtf8, hashText, sameBytes, utf8 } from '../lib/bytes.ts'
import { readFormText, type FormBodyFault } from '../lib/form-fields.ts'
import type { Instant } from '../lib/instant.ts'
import { LIMIT_SECONDS } from '../lib/limits.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { refuseJson, type Refused } from './answer.ts'
import { findCaller, type Caller } from './clients.ts'
import type { OauthDeps } from './deps.ts'

const MOST_BYTES = 16 * 1024
const MOST_FIELDS = 30

export interface Call {
  readonly caller: Caller
  readonly given: ReadonlyMap<string, string>
}

export async function readCall(
  request: Request,
  now: Instant,
  deps: OauthDeps,
): Promise<Result<Call, Response>> {
  if (await deps.limits('oauth', request, now)) return err(tooMany())
  const given = await readForm(request)
  if (!given.ok) return refuse(given.error)
  const named = readCredentials(request.headers.get('Authorization'), given.value)
  if (!named.ok) return refuse(named.error)
  const caller = await findCaller(named.value.id, deps)
  if (caller && (await holds(caller, named.value.secret))) return ok({ caller, given: given.value })
  // RFC 6749 §5.2: the challenge is of the scheme that the client used.
  return refuse({
    status: 401,
    error: 'invalid_client',
    why: 'There is no such client, its kind is not allowed, or its secret is wrong.',
    headers: named.value.by === 'basic' ? { 'WWW-Authenticate': 'Basic realm="oauth"' } : {},
  })
}

export const tooMany = (): Response =>
  refuseJson({
    status: 429,
    error: 'temporarily_unavailable',
    why: 'This address has sent too many requests. Wait a minute.',
    headers: { 'Retry-After': String(LIMIT_SECONDS) },
  })

const refuse = (refused: Refused) => err(refuseJson(refused))
const invalid = (why: string) => err({ error: 'invalid_request', why } as const)

/** Each parameter once (RFC 6749 §3.2). An empty one counts as absent. */
async function readForm(request: Request): Promise<Result<ReadonlyMap<string, string>, Refused>> {
  const body = await readFormText(request, { maxBytes: MOST_BYTES, maxFields: MOST_FIELDS })
  if (!body.ok) return invalid(explainForm(body.error))
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(body.value)) {
    if (given.has(name)) {
      return name === 'resource'
        ? err({ error: 'invalid_target', why: 'A token is for one site: name one resource.' })
        : invalid('A parameter came more than once.')
    }
    given.set(name, value)
  }
  return ok(new Map([...given].filter(([, value]) => value !== '')))
}

function explainForm(fault: FormBodyFault): string {
  switch (fault) {
    case 'not-a-form':
      return 'Send Content-Type: application/x-www-form-urlencoded.'
    case 'too-many-fields':
      return `A request has ${MOST_FIELDS} parameters at most.`
    default:
      return `The body must be text of ${MOST_BYTES / 1024} KB at most.`
  }
}

interface Named {
  readonly id: string
  readonly secret: string | null
  readonly by: 'basic' | 'form'
}

/** RFC 6749 §2.3.1; one way only (§2.3). */
function readCredentials(
  header: string | null,
  given: ReadonlyMap<string, string>,
): Result<Named, Refused> {
  const id = given.get('client_id') ?? null
  const secret = given.get('client_secret') ?? null
  if (header === null) {
    return id === null ? invalid('client_id is missing.') : ok({ id, secret, by: 'form' })
  }
  const [, encoded = ''] = /^\s*basic\s+(\S+)\s*$/i.exec(header) ?? []
  const bytes = decodeBase64(encoded)
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  const [, basicId, basicSecret] = /^([^:]+):(.*)$/s.exec(text.ok ? text.value : '') ?? []
  const own = decodeForm(basicId ?? '')
  if (own === null || own === '')
    return invalid('Authorization must be Basic, with client_id and secret.')
  if (secret !== null || (id !== null && id !== own)) {
    return invalid('Send the client_id and its secret in one place only.')
  }
  return ok({ id: own, secret: decodeForm(basicSecret ?? '') || null, by: 'basic' })
}

/** RFC 6749 §2.3.1 encodes both parts as a form does. null: it is no such text. */
function decodeForm(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/** A public client has no secret, and sends none. */
async function holds({ secretHash }: Caller, secret: string | null): Promise<boolean> {
  if (secretHash === null || secret === null) return secretHash === secret
  return sameBytes(utf8(await hashText(secret)), utf8(secretHash))
}
