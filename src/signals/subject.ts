/** Subject identifiers (RFC 9493, Shared Signals §3): which person, and which session, is meant. */
import { isRecord } from '../lib/json.ts'
import { err, ok, type Result } from '../lib/result.ts'

/** One way to name a person. */
export type Identifier =
  | { readonly kind: 'email'; readonly email: string }
  /** `iss`: in the names of that issuer; null: in the names that the two parties agreed on. */
  | { readonly kind: 'subject'; readonly iss: string | null; readonly sub: string }

export interface Subject {
  /** All of them name one person; empty: no person is named. */
  readonly person: readonly Identifier[]
  /** What the issuer calls the session; null: none is named. */
  readonly session: string | null
  /** The members of a complex subject. */
  readonly members: readonly string[]
}

export type SubjectFault =
  { readonly reason: 'malformed' } | { readonly reason: 'unsupported'; readonly format: string }

const MOST_TEXT = 500
const MOST_ALIASES = 10
/** Those of Shared Signals §3.2. Before its final version, a complex subject had no format. */
const MEMBERS = ['user', 'session', 'device', 'tenant', 'application', 'org_unit', 'group']

export function parseSubject(value: unknown): Result<Subject, SubjectFault> {
  if (!isRecord(value)) return malformed()
  const format = formatOf(value)
  if (format === 'complex') return parseComplex(value)
  const person = parseIdentifiers(value)
  if (!person.ok) return person
  // CAEP §3.1: the opaque subject of a revoked session is the session.
  const session = format === 'opaque' ? textIn(value, 'id') : null
  return ok({ person: person.value, session, members: [] })
}

function parseComplex(value: Readonly<Record<string, unknown>>): Result<Subject, SubjectFault> {
  const { user, session } = value
  const members = Object.keys(value).filter((name) => name !== 'format')
  const person = user === undefined ? ok([]) : parseIdentifiers(user)
  if (!person.ok) return person
  const named = isRecord(session) ? (textIn(session, 'id') ?? textIn(session, 'sub')) : null
  return ok({ person: person.value, session: named, members })
}

function parseIdentifiers(value: unknown): Result<readonly Identifier[], SubjectFault> {
  if (!isRecord(value)) return malformed()
  if (formatOf(value) !== 'aliases') {
    const one = parseIdentifier(value)
    return one.ok ? ok([one.value]) : one
  }
  const { identifiers } = value
  if (!Array.isArray(identifiers) || identifiers.length > MOST_ALIASES) return malformed()
  // One that we do not know does not spoil the others (RFC 9493 §3.2.8).
  const known = identifiers.map((each: unknown) =>
    isRecord(each) ? parseIdentifier(each) : malformed(),
  )
  return ok(known.flatMap((each) => (each.ok ? [each.value] : [])))
}

function parseIdentifier(
  value: Readonly<Record<string, unknown>>,
): Result<Identifier, SubjectFault> {
  const format = formatOf(value)
  const [email, uri, iss, sub, id] = ['email', 'uri', 'iss', 'sub', 'id'].map((name) =>
    textIn(value, name),
  )
  switch (format) {
    case 'email':
      return email ? ok({ kind: 'email', email }) : malformed()
    case 'account':
      return uri?.startsWith('acct:')
        ? ok({ kind: 'email', email: uri.slice('acct:'.length) })
        : malformed()
    case 'iss_sub':
      return iss && sub ? ok({ kind: 'subject', iss, sub }) : malformed()
    case 'opaque':
      return id ? ok({ kind: 'subject', iss: null, sub: id }) : malformed()
    default:
      return err({ reason: 'unsupported', format: format.slice(0, 100) })
  }
}

/** `subject_type` with hyphens: RISC before RFC 9493. */
function formatOf(value: Readonly<Record<string, unknown>>): string {
  const named = textIn(value, 'format') ?? textIn(value, 'subject_type')
  if (named !== null) return named.replaceAll('-', '_')
  return MEMBERS.some((name) => isRecord(value[name])) ? 'complex' : ''
}

function textIn(value: Readonly<Record<string, unknown>>, name: string): string | null {
  const text = value[name]
  return typeof text === 'string' && text !== '' && text.length <= MOST_TEXT ? text : null
}

const malformed = () => err({ reason: 'malformed' } as const)
