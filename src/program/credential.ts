/**
 * What a program authenticates with, if it is ours. Every other credential is for the site behind,
 * and nothing here looks at it.
 */
import { parseProgramToken, type ProgramToken, type TokenKind } from './token.ts'

export type Credential =
  | Brought
  /** A token of ours is in it, but nobody may come in by it. */
  | { readonly kind: 'faulty'; readonly fault: CredentialFault }

/** A well-formed token. */
export interface Brought {
  readonly kind: TokenKind
  readonly token: ProgramToken
  /** The id that came with the secret in a header of its own; null: none came. */
  readonly id: string | null
}

export type CredentialFault =
  /** The checksum is wrong. */
  | 'misspelt'
  /** There are two credentials, or the token is not where it belongs. */
  | 'misplaced'
  /** A browser sends a password that it remembers with requests of other sites' pages, too. */
  | 'browser-password'

export const CLIENT_ID_HEADER = 'CF-Access-Client-Id'
export const CLIENT_SECRET_HEADER = 'CF-Access-Client-Secret'

/** null: the request brings nothing of ours. */
export function readCredential(headers: Headers): Credential | null {
  const authorization = headers.get('Authorization')
  const secret = headers.get(CLIENT_SECRET_HEADER)
  const inHeader = authorization === null ? null : readAuthorization(authorization, headers)
  if (secret === null || !hasOurs(secret)) return inHeader
  if (inHeader) return misplaced
  const read = readToken(secret)
  if (read.kind !== 'service') return read.kind === 'faulty' ? read : misplaced
  return { ...read, id: headers.get(CLIENT_ID_HEADER) ?? '' }
}

/** Whether an Authorization header must not reach the site behind. */
export const isOurs = (authorization: string): boolean =>
  hasOurs(authorization) || passwordsIn(authorization).some(hasOurs)

/**
 * The token in the query of an address. Addresses are in logs and in Referer headers, so a token
 * there counts for nothing.
 */
export const isTokenInQuery = ({ search }: URL): boolean =>
  search.includes('gh_') &&
  (search.match(/gh_[as]t_[\w-]{49}/g) ?? []).some((text) => parseProgramToken(text) !== null)

const misplaced = { kind: 'faulty', fault: 'misplaced' } as const

function readAuthorization(value: string, headers: Headers): Credential | null {
  if (!isOurs(value)) return null
  // Two headers arrive joined by a comma.
  const [, scheme = '', text = ''] = /^\s*(\S+) +([^\s,]+)\s*$/.exec(value) ?? []
  if (scheme.toLowerCase() === 'bearer') return readToken(text)
  const [pair] = scheme.toLowerCase() === 'basic' ? passwordsIn(value) : []
  // RFC 7617 §2: the user name ends at the first colon.
  const [name = '', ...password] = pair?.split(':') ?? []
  if (password.length === 0 || hasOurs(name)) return misplaced
  return headers.has('Sec-Fetch-Site')
    ? { kind: 'faulty', fault: 'browser-password' }
    : readToken(password.join(':'))
}

function readToken(text: string): Credential {
  const parsed = parseProgramToken(text)
  return parsed ? { ...parsed, id: null } : { kind: 'faulty', fault: 'misspelt' }
}

const hasOurs = (text: string): boolean => /(?<![\w-])gh_(st|at|rt)_/.test(text)

/** User names and passwords of Basic, also of several headers that were joined. */
function passwordsIn(authorization: string): readonly string[] {
  const found = authorization.matchAll(/\bbasic\s+([\w+/-]+)/gi)
  return Array.from(found, ([, text = '']) => decodeLeniently(text))
}

/** As the most lenient origin would: a token of ours must not pass because of a bad encoding. */
function decodeLeniently(text: string): string {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  // A rest of one character encodes nothing.
  return atob(standard.length % 4 === 1 ? standard.slice(0, -1) : standard)
}
