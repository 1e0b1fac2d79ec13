/** Reads the user and the session from an assertion that passed every check. */
import type { Instant } from '../../lib/instant.ts'
import { BEARER, SAML, XSI } from '../names.ts'
import type { Verified } from './signature.ts'
import { collapse, isTrue, timeOf, uriIn, uriOf } from '../values.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  textOf,
  type XmlElement,
} from '../xml/reader.ts'

export interface Subject {
  /** null: the assertion has none, which is allowed under `allowNoNameId`. */
  readonly nameId: string | null
  readonly nameIdFormat: string | null
  /**
   * The domain in which the NameID is unique (Core §2.2.2); null: not stated, so it is the IdP's
   * own.
   */
  readonly nameQualifier: string | null
  /** The SP that the NameID was made for; null: not stated, so it is us. */
  readonly spNameQualifier: string | null
  /** From the first AuthnStatement that has one. */
  readonly sessionIndex: string | null
  /** AuthnContextClassRef of the first AuthnStatement. */
  readonly authnContext: string | null
  readonly authnInstant: Date
  /** The assertion can be used until then, so keep its id at least that long. */
  readonly notOnOrAfter: Date
  /** The earliest SessionNotOnOrAfter; null: the IdP sent none. */
  readonly sessionNotOnOrAfter: Date | null
  readonly issuer: string
  readonly assertionId: string
  /** Values in document order. If a Name occurs twice, its values are joined in one list. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

/** The assertion must have passed every check: their results are not tested again here. */
export function toSubject(assertion: Verified): Subject {
  const [nameId] = subjectsOf(assertion).flatMap((s) => childrenNamed(s, SAML, 'NameID'))
  const [issuer] = childrenNamed(assertion, SAML, 'Issuer')
  const statements = childrenNamed(assertion, SAML, 'AuthnStatement')
  const ends = [
    ...childrenNamed(assertion, SAML, 'Conditions'),
    ...confirmationsOf(assertion)
      .filter(isBearer)
      .flatMap((confirmation) => childrenNamed(confirmation, SAML, 'SubjectConfirmationData')),
  ].flatMap((element) => timeOf(element, 'NotOnOrAfter') ?? [])
  const sessionEnds = statements.flatMap(
    (statement) => timeOf(statement, 'SessionNotOnOrAfter') ?? [],
  )
  return {
    nameId: nameId ? textOf(nameId) : null,
    nameIdFormat: nameId ? uriOf(nameId, 'Format') : null,
    nameQualifier: nameId ? attributeOf(nameId, 'NameQualifier') : null,
    spNameQualifier: nameId ? attributeOf(nameId, 'SPNameQualifier') : null,
    sessionIndex: firstOf(statements, (statement) => attributeOf(statement, 'SessionIndex')),
    authnContext: authnContextsOf(assertion)[0] ?? null,
    authnInstant: new Date(Math.min(...statements.flatMap((s) => timeOf(s, 'AuthnInstant') ?? []))),
    // The latest one: an assertion with two confirmations can be used until the later one ends.
    notOnOrAfter: new Date(Math.max(...ends)),
    sessionNotOnOrAfter: sessionEnds.length > 0 ? new Date(Math.min(...sessionEnds)) : null,
    issuer: issuer ? (textOf(issuer) ?? '') : '',
    assertionId: attributeOf(assertion, 'ID') ?? '',
    attributes: toAttributes(assertion),
  }
}

/**
 * Whether the IdP's own session has ended (Core §2.7.2), by our clock: no skew makes our session
 * longer.
 */
export const isSessionOver = ({ sessionNotOnOrAfter }: Subject, now: Instant): boolean =>
  sessionNotOnOrAfter !== null && sessionNotOnOrAfter.getTime() <= now

function toAttributes(assertion: XmlElement): ReadonlyMap<string, readonly string[]> {
  const attributes = new Map<string, string[]>()
  for (const attribute of attributesOf(assertion)) {
    const name = attributeOf(attribute, 'Name') ?? ''
    const values = attributes.get(name) ?? []
    for (const element of childrenNamed(attribute, SAML, 'AttributeValue')) {
      const value = valueOf(element)
      if (value !== null) values.push(value)
    }
    attributes.set(name, values)
  }
  return attributes
}

/**
 * null: no value, as xsi:nil says it (Core §2.7.3.1.1), or because of elements inside, except a
 * single NameID: its text is the value.
 */
function valueOf(value: XmlElement): string | null {
  const nil = value.attributes.find(({ namespace, local }) => namespace === XSI && local === 'nil')
  if (nil && isTrue(nil.value)) return null
  const text = textOf(value)
  if (text !== null) return text
  const [nameId, ...others] = childElements(value)
  const inner = nameId?.namespace === SAML && nameId.local === 'NameID' ? textOf(nameId) : null
  const isAlone =
    others.length === 0 &&
    value.children.every((child) => child.kind !== 'text' || collapse(child.text) === '')
  return isAlone ? inner : null
}

export const subjectsOf = (assertion: XmlElement): readonly XmlElement[] =>
  childrenNamed(assertion, SAML, 'Subject')

export const confirmationsOf = (assertion: XmlElement): readonly XmlElement[] =>
  subjectsOf(assertion).flatMap((subject) => childrenNamed(subject, SAML, 'SubjectConfirmation'))

export const isBearer = (confirmation: XmlElement): boolean =>
  uriOf(confirmation, 'Method') === BEARER

export const attributesOf = (assertion: XmlElement): readonly XmlElement[] =>
  childrenNamed(assertion, SAML, 'AttributeStatement').flatMap((statement) =>
    childrenNamed(statement, SAML, 'Attribute'),
  )

/** The AuthnContextClassRefs of all AuthnStatements. */
export const authnContextsOf = (assertion: XmlElement): readonly string[] =>
  childrenNamed(assertion, SAML, 'AuthnStatement')
    .flatMap((statement) => childrenNamed(statement, SAML, 'AuthnContext'))
    .flatMap((context) => childrenNamed(context, SAML, 'AuthnContextClassRef'))
    .flatMap((classRef) => uriIn(classRef) ?? [])

const firstOf = (elements: readonly XmlElement[], read: (element: XmlElement) => string | null) =>
  elements.map(read).find((value) => value !== null) ?? null
