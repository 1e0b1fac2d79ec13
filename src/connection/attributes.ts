/** Turns what a connection's IdP says about a subject into a person. */
import { GROUPS_LINK } from '../lib/groups-link.ts'
import type { Person } from '../directory/user.ts'
import { control } from '../lib/pattern.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Subject } from '../saml/index.ts'
import type { Connection } from './connection.ts'
import { emailDomain } from './discovery.ts'

export type PersonError =
  /**
   * The assertion has no NameID, and the connection names no attribute to identify the person by.
   */
  | { readonly reason: 'no-name-id' }
  /** A transient NameID is new at each login, so it identifies nobody. */
  | { readonly reason: 'transient-subject' }
  | { readonly reason: 'subject-attribute'; readonly attribute: string; readonly values: number }

const NAME_ID_FORMAT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:'
const EMAIL_FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const WS_CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/'

/** Names are compared without case. The first one that the assertion has is used. */
const wellKnown = {
  email: [
    `${WS_CLAIMS}emailaddress`,
    'urn:oid:0.9.2342.19200300.100.1.3',
    'email',
    'mail',
    'emailaddress',
    'user.email',
  ],
  userName: [
    'urn:oid:0.9.2342.19200300.100.1.1',
    'uid',
    'username',
    `${WS_CLAIMS}upn`,
    `${WS_CLAIMS}name`,
  ],
  displayName: [
    'http://schemas.microsoft.com/identity/claims/displayname',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'displayname',
    'urn:oid:2.5.4.3',
    'cn',
  ],
  givenName: [
    `${WS_CLAIMS}givenname`,
    'urn:oid:2.5.4.42',
    'givenname',
    'firstname',
    'user.firstname',
  ],
  familyName: [
    `${WS_CLAIMS}surname`,
    'urn:oid:2.5.4.4',
    'sn',
    'surname',
    'lastname',
    'user.lastname',
  ],
  groups: [
    'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
    'http://schemas.xmlsoap.org/claims/group',
    'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    'groups',
    'group',
    'memberof',
    'ismemberof',
  ],
} as const

/** In lower case, as groups are known by where the connection names no attribute. */
export const groupAttributes: readonly string[] = wellKnown.groups

/** Turns a subject of the connection's IdP into a person. */
export function toPerson(connection: Connection, subject: Subject): Result<Person, PersonError> {
  const joined = joinOn(connection, subject)
  if (!joined.ok) return joined
  const { attributes } = connection.settings
  const email = readEmail(subject, attributes.email)
  return ok({
    connection: connection.id,
    subject: joined.value,
    userName: readUserName(subject, attributes.userName) ?? email ?? subject.nameId ?? joined.value,
    email,
    displayName: readDisplayName(subject, attributes.displayName),
    groups: [...new Set(valuesOf(subject, attributes.groups, wellKnown.groups))],
    attributes: Object.fromEntries(subject.attributes),
  })
}

/**
 * Whether the IdP left the groups out because there are too many. The person's groups are then
 * unknown, not empty.
 */
export const areGroupsOmitted = (subject: Subject): boolean => subject.attributes.has(GROUPS_LINK)

function joinOn(connection: Connection, subject: Subject): Result<string, PersonError> {
  const rule = connection.settings.subject
  if (rule.from === 'attribute') {
    const values = subject.attributes.get(rule.name) ?? []
    const [value] = values
    return value !== undefined && value.trim() !== '' && values.length === 1
      ? ok(value)
      : err({ reason: 'subject-attribute', attribute: rule.name, values: values.length })
  }
  const { nameId } = subject
  if (nameId === null) return err({ reason: 'no-name-id' })
  return subject.nameIdFormat === `${NAME_ID_FORMAT}transient`
    ? err({ reason: 'transient-subject' })
    : ok(qualified(nameId, subject, connection))
}

/**
 * A persistent NameID is unique only together with its qualifiers (Core §8.3.7). An IdP may send
 * the same NameID for two people if it passes on NameIDs of other IdPs, or if it has NameIDs for us
 * and others for an affiliation. A qualifier that is absent, or that names the IdP or us, is left
 * out.
 */
function qualified(nameId: string, subject: Subject, { settings }: Connection): string {
  const { nameIdFormat, nameQualifier, spNameQualifier, issuer } = subject
  if (nameIdFormat !== `${NAME_ID_FORMAT}persistent`) return nameId
  const isForeign = nameQualifier !== null && nameQualifier !== '' && nameQualifier !== issuer
  const isShared = spNameQualifier !== null && spNameQualifier === settings.spNameQualifier
  return [
    ...(isForeign ? [nameQualifier] : []),
    ...(isShared ? [spNameQualifier] : []),
    nameId,
  ].join('!')
}

/** Only ASCII letters become lower case: `toLowerCase` could make two different addresses equal. */
function readEmail(subject: Subject, named: string | null): string | null {
  const [attribute] = valuesOf(subject, named, wellKnown.email)
  const fromNameId = named === null && subject.nameIdFormat === EMAIL_FORMAT ? subject.nameId : null
  const email = attribute ?? fromNameId
  if (email === null || /\s/.test(email) || control.test(email) || emailDomain(email) === null)
    return null
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function readUserName(subject: Subject, named: string | null): string | null {
  const [attribute] = valuesOf(subject, named, wellKnown.userName)
  if (attribute) return attribute
  const format = subject.nameIdFormat ?? ''
  const isOpaque = ['persistent', 'transient'].some((kind) => format === NAME_ID_FORMAT + kind)
  return isOpaque ? null : subject.nameId
}

function readDisplayName(subject: Subject, named: string | null): string | null {
  const [attribute] = valuesOf(subject, named, wellKnown.displayName)
  if (attribute || named !== null) return attribute ?? null
  const parts = [wellKnown.givenName, wellKnown.familyName].flatMap((names) =>
    valuesOf(subject, null, names).slice(0, 1),
  )
  return parts.join(' ') || null
}

/**
 * @param named the attribute that the connection names: only it is read, and its name must match
 * exactly; null: the first of `names` that the assertion has.
 */
function valuesOf(
  { attributes }: Subject,
  named: string | null,
  names: readonly string[],
): readonly string[] {
  if (named !== null) return (attributes.get(named) ?? []).filter((value) => value !== '')
  const found = [...attributes].filter(([, values]) => values.some((value) => value !== ''))
  for (const name of names) {
    const match = found.find(([candidate]) => candidate.toLowerCase() === name)
    if (match) return match[1].filter((value) => value !== '')
  }
  return []
}
