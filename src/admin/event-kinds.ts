/** Kinds of events, and the groups in which an operator asks for them. */
import type { AuditEvent } from '../audit/event.ts'
import { auditKinds } from '../audit/share.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { didYouMean } from '../lib/nearest.ts'
import type { Field } from './field.ts'

export const kindGroups = ['sign-ins', 'changes', 'refusals', 'failures'] as const
export type KindGroup = (typeof kindGroups)[number]

const groupOf: Readonly<Record<AuditEvent['kind'], KindGroup>> = {
  login: 'sign-ins',
  arrival: 'sign-ins',
  'groups-omitted': 'sign-ins',
  'login-refused': 'refusals',
  'access-denied': 'refusals',
  'session-refused': 'refusals',
  'session-ended': 'sign-ins',
  'device-bound': 'sign-ins',
  'device-refused': 'refusals',
  'theft-stopped': 'refusals',
  logout: 'sign-ins',
  'idp-logout': 'sign-ins',
  'idp-logout-answered': 'sign-ins',
  'logout-refused': 'refusals',
  'sign-ins-ended': 'sign-ins',
  'directory-changed': 'changes',
  'removals-held': 'refusals',
  'scim-refused': 'refusals',
  'api-refused': 'refusals',
  'token-refused': 'refusals',
  signal: 'changes',
  'signal-refused': 'refusals',
  'origin-failed': 'failures',
  'store-unavailable': 'failures',
  'metadata-changed': 'changes',
  'metadata-waits': 'changes',
  'metadata-failed': 'failures',
  'certificate-ends': 'failures',
  'webhook-off': 'failures',
  'webhook-gave-up': 'failures',
  'grant-made': 'sign-ins',
  'grant-ended': 'sign-ins',
  'grant-refused': 'refusals',
  operator: 'changes',
}

/** null: a kind of another version of Gatehouse. */
export const kindGroupOf = (kind: string): KindGroup | null =>
  new Map(Object.entries(groupOf)).get(kind) ?? null

const kindsOf = (group: KindGroup): readonly string[] =>
  Object.entries(groupOf).flatMap(([kind, own]) => (own === group ? [kind] : []))

const EVERY = 'all'
const words: readonly string[] = [EVERY, ...kindGroups, ...auditKinds]

/** Kinds and groups of kinds, each given once or several with commas. null: not given. Empty: every kind. */
export const kindsField = (meaning: string): Field<readonly string[] | null> => ({
  meaning: `${meaning}: kinds, or all, ${kindGroups.join(', ')}; several with commas`,
  placeholder: 'kinds',
  isRequired: false,
  isList: true,
  schema: { type: 'array', items: { type: 'string', maxLength: 1000 }, maxItems: words.length },
  parse: (given) => readKinds(given.flatMap((each) => each.split(','))),
})

function readKinds(given: readonly string[]): Result<readonly string[] | null, string> {
  if (given.length === 0) return ok(null)
  const unknown = given.find((word) => !words.includes(word))
  if (unknown !== undefined) {
    return err(
      `has no kind "${unknown}".${didYouMean(unknown, words)} There is: ${words.join(', ')}`,
    )
  }
  if (given.includes(EVERY)) return ok([])
  const groups = kindGroups.filter((group) => given.includes(group))
  const kinds = given.filter((word) => auditKinds.includes(word))
  return ok([...new Set([...groups.flatMap(kindsOf), ...kinds])])
}
