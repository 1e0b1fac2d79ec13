/**
 * Checks an assertion's time, its audience, and how the user signed in (Core §2.5, §2.7.2).
 */
import { plusSeconds, toInstant, toIso, type Instant } from '../../lib/instant.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Expectations, SignedMessage } from './signed-message.ts'
import { brief, type SamlError } from '../error.ts'
import { SAML } from '../names.ts'
import { authnContextsOf } from './subject.ts'
import { malformedTime, readTime, timeOf, uriIn } from '../values.ts'
import { childElements, childrenNamed, type XmlElement } from '../xml/reader.ts'

const knownConditions = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'])

/** Core §2.5.1: an assertion with an unknown condition cannot be judged valid. */
export function judgeConditions({ assertion }: SignedMessage): SamlError | null {
  const [conditions, ...more] = childrenNamed(assertion, SAML, 'Conditions')
  if (!conditions) return { reason: 'conditions', detail: 'none' }
  if (more.length > 0) return { reason: 'conditions', detail: 'several' }
  const unknown = childElements(conditions).find(
    ({ namespace, local }) => namespace !== SAML || !knownConditions.has(local),
  )
  if (!unknown) return null
  const found = brief(`${unknown.namespace} ${unknown.local}`)
  return { reason: 'conditions', detail: 'unknown', found }
}

export function judgeValidity(
  { assertion }: SignedMessage,
  expect: Expectations,
): SamlError | null {
  for (const conditions of childrenNamed(assertion, SAML, 'Conditions')) {
    const window = readWindow(conditions, 'conditions')
    if (!window.ok) return window.error
    const { notBefore, notOnOrAfter } = window.value
    if (notBefore !== null && isToCome(notBefore, expect)) {
      return { reason: 'not-yet-valid', notBefore: toIso(notBefore), now: toIso(expect.now) }
    }
    if (notOnOrAfter !== null && isOver(notOnOrAfter, expect)) {
      return { reason: 'expired', notOnOrAfter: toIso(notOnOrAfter), now: toIso(expect.now) }
    }
  }
  return null
}

/**
 * Core §2.5.1.4: every AudienceRestriction must name us. Profiles §4.1.4.2: there must be at least
 * one.
 */
export function judgeAudience(
  { assertion }: SignedMessage,
  { spEntityId }: Expectations,
): SamlError | null {
  const restrictions = childrenNamed(assertion, SAML, 'Conditions').flatMap((conditions) =>
    childrenNamed(conditions, SAML, 'AudienceRestriction'),
  )
  const audiences = restrictions.map((restriction) =>
    childrenNamed(restriction, SAML, 'Audience').map((audience) => uriIn(audience) ?? ''),
  )
  const others = audiences.find((list) => !list.includes(spEntityId))
  if (audiences.length > 0 && !others) return null
  return { reason: 'audience', found: (others ?? []).slice(0, 5).map(brief), expected: spEntityId }
}

export function judgeAuthnStatements(
  { assertion }: SignedMessage,
  expect: Expectations,
): SamlError | null {
  const statements = childrenNamed(assertion, SAML, 'AuthnStatement')
  if (statements.length === 0) return { reason: 'no-authn-statement' }
  for (const statement of statements) {
    if (timeOf(statement, 'AuthnInstant') === null) return malformedTime(statement, 'AuthnInstant')
    const sessionEnd = readTime(statement, 'SessionNotOnOrAfter')
    if (!sessionEnd.ok) return sessionEnd.error
    if (sessionEnd.value !== null && isOver(sessionEnd.value, expect)) {
      return {
        reason: 'session-expired',
        sessionNotOnOrAfter: toIso(sessionEnd.value),
        now: toIso(expect.now),
      }
    }
  }
  return null
}

/** Core §3.4.1: with ForceAuthn the user must have signed in after the request was made. */
export function judgeAuthnInstant(
  { assertion }: SignedMessage,
  { authnNotBefore, clockSkewSeconds }: Expectations,
): SamlError | null {
  if (authnNotBefore === null) return null
  const instants = childrenNamed(assertion, SAML, 'AuthnStatement').flatMap(
    (statement) => timeOf(statement, 'AuthnInstant') ?? [],
  )
  if (instants.length === 0) return { reason: 'no-authn-statement' }
  const latest = toInstant(Math.max(...instants))
  return plusSeconds(latest, clockSkewSeconds) >= authnNotBefore
    ? null
    : { reason: 'authn-too-old', authnInstant: toIso(latest), asked: toIso(authnNotBefore) }
}

/**
 * Core §3.3.2.2.1: with Comparison `exact`, one of the requested classes must be in the assertion.
 * For other comparisons we must trust the IdP: no specification says which class is better.
 */
export function judgeAuthnContext(
  { assertion }: SignedMessage,
  { authnContexts }: Expectations,
): SamlError | null {
  if (authnContexts === null) return null
  const found = authnContextsOf(assertion)
  return found.some((context) => authnContexts.includes(context))
    ? null
    : { reason: 'authn-context', found: found.slice(0, 5).map(brief), asked: authnContexts }
}

interface Window {
  readonly notBefore: Instant | null
  readonly notOnOrAfter: Instant | null
}

/** NotBefore and NotOnOrAfter; either may be absent. */
export function readWindow(
  element: XmlElement,
  reason: 'conditions' | 'subject-confirmation',
): Result<Window, SamlError> {
  const start = readTime(element, 'NotBefore')
  if (!start.ok) return start
  const end = readTime(element, 'NotOnOrAfter')
  if (!end.ok) return end
  const [notBefore, notOnOrAfter] = [start.value, end.value]
  return notBefore === null || notOnOrAfter === null || notBefore < notOnOrAfter
    ? ok({ notBefore, notOnOrAfter })
    : err({
        reason,
        detail: 'inverted',
        notBefore: toIso(notBefore),
        notOnOrAfter: toIso(notOnOrAfter),
      })
}

export type Clock = Pick<Expectations, 'now' | 'clockSkewSeconds'>

/** Written as a negation, so that a clock skew of NaN refuses. */
export const isToCome = (notBefore: Instant, { now, clockSkewSeconds }: Clock): boolean =>
  !(notBefore <= plusSeconds(now, clockSkewSeconds))

/** Written as a negation, so that a clock skew of NaN refuses. */
export const isOver = (notOnOrAfter: Instant, { now, clockSkewSeconds }: Clock): boolean =>
  !(now < plusSeconds(notOnOrAfter, clockSkewSeconds))
