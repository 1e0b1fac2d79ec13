/** What the last signed responses show of an identity provider's settings. Pure. */
import { GROUPS_LINK } from '../lib/groups-link.ts'
import type { Instant } from '../lib/instant.ts'
import { parseTime } from '../lib/time.ts'
import { attributeOf, childrenNamed, textOf, type XmlElement } from '../saml/xml/reader.ts'
import { descendants } from '../saml/xml/tree.ts'
import { DS, SAML } from '../saml/names.ts'
import { groupAttributes } from './attributes.ts'
import type { Connection } from './connection.ts'
import type { KnownIdp } from './labels.ts'

export interface SeenResponse {
  readonly at: Instant
  /** null: it was accepted. */
  readonly reason: string | null
  /** The values of attributes may be there by their shape only. */
  readonly response: XmlElement
}

/** What is to be changed, which each identity provider's console has under a label of its own. */
export type LintTopic = 'algorithm' | 'signed' | 'groups' | 'name-id' | 'encryption' | null

export interface Lint {
  readonly kind:
    | 'weak-algorithm'
    | 'assertion-unsigned'
    | 'response-unsigned'
    | 'no-groups'
    | 'groups-left-out'
    | 'group-ids'
    | 'name-id-transient'
    | 'name-id-unspecified'
    | 'nobody-matches'
    | 'clock'
    | 'not-encrypted'
    | 'no-audience'
  readonly text: string
  readonly topic: LintTopic
}

/** @param groups names of groups that rules of the config ask of people of the connection. */
export function lintOf(
  connection: Connection,
  seen: readonly SeenResponse[],
  groups: readonly string[],
): readonly Lint[] {
  const [last] = seen
  if (!last) return []
  return [
    ...algorithms(last),
    ...signatures(last),
    ...encryption(last),
    ...nameIds(connection, last),
    ...matches(connection, seen),
    ...groupsIn(connection, seen, groups),
    ...clocks(connection, seen),
  ]
}

const lint = (kind: Lint['kind'], topic: LintTopic, text: string): Lint => ({ kind, topic, text })

function algorithms({ response }: SeenResponse): readonly Lint[] {
  const weak = descendants(response)
    .filter(
      ({ local, namespace, parent }) =>
        namespace === DS &&
        (local === 'SignatureMethod' || local === 'DigestMethod') &&
        // The digest of RSA-OAEP may be SHA-1: it is safe there.
        parent?.local !== 'EncryptionMethod',
    )
    .map((method) => attributeOf(method, 'Algorithm') ?? '')
    .filter((algorithm) => algorithm.endsWith('sha1'))
  return weak.length === 0
    ? []
    : [
        lint(
          'weak-algorithm',
          'algorithm',
          'The last response is signed with SHA-1, which can be forged. Choose SHA-256.',
        ),
      ]
}

const assertionIn = (response: XmlElement): XmlElement | undefined =>
  childrenNamed(response, SAML, 'Assertion')[0]

function signatures({ response }: SeenResponse): readonly Lint[] {
  const assertion = assertionIn(response)
  const isSigned = (element: XmlElement) => childrenNamed(element, DS, 'Signature').length > 0
  if (assertion && !isSigned(assertion)) {
    return [
      lint(
        'assertion-unsigned',
        'signed',
        'Only the Response is signed. Gatehouse accepts it; sign the assertion too, so that it can be checked by itself.',
      ),
    ]
  }
  return isSigned(response)
    ? []
    : [
        lint(
          'response-unsigned',
          'signed',
          'Only the assertion is signed. Gatehouse accepts it; sign the Response too, so that its status and addresses cannot be changed on the way.',
        ),
      ]
}

const encryption = ({ reason }: SeenResponse): readonly Lint[] =>
  reason === 'not-encrypted'
    ? [
        lint(
          'not-encrypted',
          'encryption',
          'The connection requires encrypted assertions, and the last one is not encrypted.',
        ),
      ]
    : []

function nameIds({ settings }: Connection, { response, reason }: SeenResponse): readonly Lint[] {
  const assertion = assertionIn(response)
  const audiences = assertion && descendants(assertion).some(({ local }) => local === 'Audience')
  const audience =
    assertion && !audiences && reason === 'audience'
      ? [lint('no-audience', null, 'The assertion names no audience (AudienceRestriction).')]
      : []
  if (settings.subject.from === 'attribute') return audience
  const nameId = descendants(response).find(({ local }) => local === 'NameID')
  const format = nameId ? (attributeOf(nameId, 'Format') ?? '') : ''
  if (format.endsWith(':transient')) {
    return [
      ...audience,
      lint(
        'name-id-transient',
        'name-id',
        'The NameID is transient: another one at each sign-in, so nobody is recognised. Choose another format, or let an attribute identify the people of the connection.',
      ),
    ]
  }
  return nameId && (format === '' || format.endsWith(':unspecified'))
    ? [
        ...audience,
        lint(
          'name-id-unspecified',
          'name-id',
          'The NameID has no stated format, so nobody can tell whether it stays the same. Choose persistent or emailAddress.',
        ),
      ]
    : audience
}

function matches({ settings }: Connection, seen: readonly SeenResponse[]): readonly Lint[] {
  const lost = seen.filter(({ reason }) => /^(not|several|alike)-provisioned$/.test(reason ?? ''))
  const field = { 'user-name': 'userName', 'external-id': 'externalId', email: 'email address' }
  return lost.length === 0
    ? []
    : [
        lint(
          'nobody-matches',
          'name-id',
          `${seen.length === 1 ? 'The last sign-in names' : `${lost.length} of the last ${seen.length} sign-ins ${lost.length === 1 ? 'names' : 'name'}`} a person that the directory does not have under that ${field[settings.directory.join]}. The identity provider must send as NameID what the directory has, or the connection must join by another field.`,
        ),
      ]
}

const GUID = /^[\dx]{8}(-[\dx]{4}){3}-[\dx]{12}$/
const isGuid = (value: string): boolean => GUID.test(value.toLowerCase().replace(/[a-f]/g, 'x'))

function groupsIn(
  { settings }: Connection,
  seen: readonly SeenResponse[],
  asked: readonly string[],
): readonly Lint[] {
  if (asked.length === 0 || settings.directory.groupsFrom === 'directory') return []
  const [first = ''] = asked
  const names = settings.attributes.groups === null ? groupAttributes : [settings.attributes.groups]
  const attributes = seen.flatMap(({ response }) =>
    descendants(response).filter(({ local }) => local === 'Attribute'),
  )
  const nameOf = (attribute: XmlElement) => attributeOf(attribute, 'Name') ?? ''
  if (attributes.some((attribute) => nameOf(attribute) === GROUPS_LINK)) {
    return [
      lint(
        'groups-left-out',
        'groups',
        `Entra ID left the groups of a person out, because they are in more than 150. Rules that ask for a group ("${first}") refuse them.`,
      ),
    ]
  }
  const found = attributes.filter((attribute) =>
    names.some((name) => name === nameOf(attribute) || name === nameOf(attribute).toLowerCase()),
  )
  if (found.length === 0) {
    return [
      lint(
        'no-groups',
        'groups',
        `${seen.length === 1 ? 'The last response has no' : `None of the last ${seen.length} responses has an`} attribute with groups, and rules ask for groups ("${first}"). They refuse everybody whose groups the directory does not send.`,
      ),
    ]
  }
  const values = found.flatMap((attribute) =>
    childrenNamed(attribute, SAML, 'AttributeValue').map((value) => textOf(value) ?? ''),
  )
  const areIds = values.length > 0 && values.every(isGuid)
  return areIds && !asked.every(isGuid)
    ? [
        lint(
          'group-ids',
          'groups',
          `The groups are object ids, and rules name groups by name ("${first}"). Send the names, or put the ids into the rules.`,
        ),
      ]
    : []
}

/** Skew that is still accepted, but that one more second of it is not, would come without warning. */
function clocks({ settings }: Connection, seen: readonly SeenResponse[]): readonly Lint[] {
  const ahead = seen.flatMap(({ response, at }) => {
    const issued = parseTime(attributeOf(response, 'IssueInstant') ?? '')
    return issued === null ? [] : [(issued - at) / 1000]
  })
  // A response takes its time on the way, so only a clock that is ahead shows for certain.
  const most = Math.max(0, ...ahead)
  const limit = Math.max(5, settings.clockSkewSeconds / 4)
  return most < limit
    ? []
    : [
        lint(
          'clock',
          null,
          `The identity provider's clock is ${Math.round(most)} seconds ahead; beyond ${settings.clockSkewSeconds} seconds sign-ins are refused. Set its clock by NTP.`,
        ),
      ]
}

/** By the entity ID, which each product makes in its own way. */
export function guessIdp({ idpEntityId }: Pick<Connection, 'idpEntityId'>): KnownIdp {
  if (/\/\/www\.okta\.com\/|\.okta(-emea|preview)?\.com\//.test(idpEntityId)) return 'okta'
  if (/\.onelogin\.com\//.test(idpEntityId)) return 'onelogin'
  if (/\/\/sts\.windows\.net\//.test(idpEntityId)) return 'entra'
  if (/\/\/accounts\.google\.com\//.test(idpEntityId)) return 'google'
  return /\/realms\/[^/]+$/.test(idpEntityId) ? 'keycloak' : 'generic'
}

/** How the label of a topic reads in the consoles. */
export const topicLabels: Readonly<Record<NonNullable<LintTopic>, RegExp>> = {
  algorithm: /signature algorithm|signing algorithm|signature and digest/i,
  signed:
    /assertion signature|signature element|signing option|^signed|sign (assertions|documents|response)/i,
  groups: /group|parameters|attributes|mappers/i,
  'name-id': /name ?id/i,
  encryption: /encrypt/i,
}
