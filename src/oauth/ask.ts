/** Reads an authorization request (RFC 6749 §4.1.1, RFC 7636, RFC 8707). */
import { AUTHORIZE_PATH, MAX_RETURN_LENGTH } from '../lib/paths.ts'

/** The only scope: a site decides by its policies, so there is nothing to divide. */
export const SCOPE = 'access'

const names = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'prompt',
] as const
type Name = (typeof names)[number]

export interface AuthorizationRequest {
  /** null: the request does not have it. */
  readonly get: (name: Name) => string | null
  /** Parameters that came more than once (RFC 6749 §3.1). */
  readonly twice: readonly string[]
}

export function readAsked(given: URLSearchParams): AuthorizationRequest {
  return {
    get: (name) => given.get(name) || null,
    twice: names.filter((name) => given.getAll(name).length > 1),
  }
}

export const fieldsOf = ({ get }: AuthorizationRequest): readonly [name: string, value: string][] =>
  names.flatMap((name) => {
    const value = get(name)
    return value === null ? [] : [[name, value]]
  })

/**
 * The same request again, for the way through sign-in. null: it is too long for that.
 *
 * @param prompt instead of the one that was asked for; null: that one.
 */
export function pathOf(
  asked: AuthorizationRequest,
  prompt: 'consent' | null = null,
): string | null {
  const fields = new URLSearchParams(fieldsOf(asked))
  if (prompt !== null) fields.set('prompt', prompt)
  const path = `${AUTHORIZE_PATH}?${fields.toString()}`
  return path.length > MAX_RETURN_LENGTH ? null : path
}

export interface Fault {
  /** For the client. */
  readonly error: string
  /** For its author: printable ASCII without `"` and `\`. */
  readonly why: string
}

/** The fault in the request of a known client, apart from its resource. */
export function judgeAsked({ get, twice }: AuthorizationRequest): Fault | null {
  const invalid = (why: string) => ({ error: 'invalid_request', why })
  if (twice.includes('resource')) {
    return { error: 'invalid_target', why: 'A token is for one site: name one resource.' }
  }
  if (twice.length > 0) return invalid(`These parameters came more than once: ${twice.join(', ')}.`)
  const type = get('response_type')
  if (type === null) return invalid('response_type is missing.')
  if (type !== 'code') {
    return { error: 'unsupported_response_type', why: 'response_type must be code.' }
  }
  if (!isVisible(get('state'))) return invalid('state must be printable ASCII.')
  if (get('code_challenge') === null) return invalid('PKCE is required: code_challenge is missing.')
  // Absent means plain (RFC 7636 §4.3).
  if (get('code_challenge_method') !== 'S256') {
    return invalid('code_challenge_method must be S256.')
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(get('code_challenge') ?? '')) {
    return invalid('code_challenge must be a SHA-256 in base64url, 43 characters.')
  }
  if (readPrompt(get('prompt')) === 'unknown') {
    return invalid('prompt must be none, login, consent or select_account.')
  }
  return judgeScope(get('scope'))
}

/** Other scopes are left out, as the answer says (RFC 6749 §3.3). */
export function judgeScope(scope: string | null): Fault | null {
  const isWellFormed =
    scope === null || /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope)
  return isWellFormed && (scope?.split(' ').includes(SCOPE) ?? true)
    ? null
    : { error: 'invalid_scope', why: `The only scope is ${SCOPE}.` }
}

const isVisible = (text: string | null): boolean => text === null || /^[\x20-\x7e]*$/.test(text)

export type Prompt = 'none' | 'login' | 'consent' | 'unknown' | null

/** As OpenID Connect Core §3.1.2.1 has it. `none` goes with nothing else. */
export function readPrompt(text: string | null): Prompt {
  if (text === null || text === 'none') return text
  const values = text.split(' ')
  if (!values.every((each) => ['login', 'consent', 'select_account'].includes(each))) {
    return 'unknown'
  }
  return values.includes('login') || values.includes('select_account') ? 'login' : 'consent'
}
