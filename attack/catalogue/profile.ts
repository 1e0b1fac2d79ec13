/** Properly signed by the right key, and within the Web Browser SSO profile or without. */
import { group, response, type Entry, type Stage } from '../entry.ts'
import { resigned } from '../signing.ts'
import {
  SAML,
  afterEndOf,
  elementIn,
  elementPattern,
  inAssertion,
  insideEndOf,
  nameIdOf,
  put,
  remove,
  replaceElement,
  setAttribute,
  setText,
  type Change,
} from '../text.ts'
import type { Signed } from '../../test/support/saml-signer.ts'

const PROFILE = 'Profiles §4.1.4.3'
const OTHER = 'https://other.example/saml'

const from = (change: (xml: string, stage: Stage) => string, as?: Signed) => (stage: Stage) =>
  resigned(stage, (xml) => change(xml, stage), as ? { as } : {})

/** Changes the assertion alone. */
const fromAssertion = (change: (xml: string, stage: Stage) => string) =>
  from((xml, stage) => inAssertion(xml, (assertion) => change(assertion, stage)))

const at = ({ seed }: Stage, seconds: number): string =>
  new Date(seed.now.getTime() + seconds * 1000).toISOString()

const audience = (change: (ours: string) => string) =>
  fromAssertion((xml, { seed }) => setText(xml, 'Audience', change(seed.spEntityId)))

const restriction = (uri: string): string =>
  `<saml:AudienceRestriction xmlns:saml="${SAML}"><saml:Audience>${uri}</saml:Audience></saml:AudienceRestriction>`

const recipient = (change: (ours: string) => string | null) =>
  fromAssertion((xml, { seed }) =>
    setAttribute(xml, 'SubjectConfirmationData', 'Recipient', change(seed.acsUrl)),
  )

const destination = (value: string | null, as?: Signed) =>
  from((xml) => setAttribute(xml, 'Response', 'Destination', value), as)

const conditions = (attribute: string, value: (stage: Stage) => string | null) =>
  fromAssertion((xml, stage) => setAttribute(xml, 'Conditions', attribute, value(stage)))

const dataEnd = (value: (stage: Stage) => string | null) =>
  fromAssertion((xml, stage) =>
    setAttribute(xml, 'SubjectConfirmationData', 'NotOnOrAfter', value(stage)),
  )

const asked =
  (of: string, id: string | null): Change =>
  (xml) =>
    setAttribute(xml, of, 'InResponseTo', id)

const nameId = (written: string) => fromAssertion((xml) => replaceElement(xml, 'NameID', written))
const saml = (local: string, text: string): string =>
  `<saml:${local} xmlns:saml="${SAML}">${text}</saml:${local}>`

const issuer = (written: (genuine: string) => string) =>
  fromAssertion((xml, { seed }) => replaceElement(xml, 'Issuer', written(seed.idpEntityId)))

const status = (code: string, inner = '') =>
  from((xml) => replaceElement(xml, 'Status', statusOf(code, inner)))
const statusOf = (code: string, inner: string): string =>
  `<samlp:Status xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${codeOf(code, inner)}</samlp:Status>`
const codeOf = (code: string, inner = ''): string =>
  `<samlp:StatusCode xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode>`

const refused = {
  by: 'idp',
  correct: 'refuse',
  class: 'profile',
  source: PROFILE,
  needs: ['idp-key'],
} as const

const audiences = group(
  { ...refused, gatehouse: 'audience' },
  {
    'prof-audience-other': { says: 'Audience is another SP', make: audience(() => OTHER) },
    'prof-audience-prefix': {
      says: 'Audience is the beginning of ours',
      make: audience((ours) => ours.slice(0, -1)),
    },
    'prof-audience-suffix': {
      says: 'Audience goes on after ours',
      make: audience((ours) => `${ours}/x`),
    },
    'prof-audience-case': {
      says: 'Audience differs in case',
      make: audience((ours) => ours.toUpperCase()),
    },
    'prof-audience-missing': {
      says: 'no AudienceRestriction',
      make: fromAssertion((xml) => remove(xml, 'AudienceRestriction')),
    },
    'prof-audience-empty': { says: 'empty Audience', make: audience(() => '') },
    'prof-two-audiencerestrictions': {
      says: 'two AudienceRestrictions, one of them for another SP',
      make: fromAssertion((xml) => insideEndOf(xml, 'Conditions', restriction(OTHER))),
    },
  },
)

const addresses = group(
  { ...refused, gatehouse: 'destination' },
  {
    'prof-recipient-other': {
      says: 'Recipient is another ACS',
      gatehouse: 'recipient',
      make: recipient(() => OTHER),
    },
    'prof-recipient-missing': {
      says: 'no Recipient',
      gatehouse: 'recipient',
      make: recipient(() => null),
    },
    'prof-recipient-query': {
      says: 'Recipient with a query added',
      gatehouse: 'recipient',
      make: recipient((ours) => `${ours}?x=1`),
    },
    'prof-destination-other': {
      says: 'Destination is another URL',
      make: destination(OTHER, 'assertion'),
    },
    'prof-destination-other-signed': {
      says: 'Destination is another URL, Response signed',
      make: destination(OTHER, 'response'),
    },
    'prof-destination-empty': { says: 'Destination=""', make: destination('') },
    'prof-destination-missing-signed': {
      says: 'signed Response without Destination',
      source: 'Bindings §3.5.5.2',
      make: destination(null, 'response'),
    },
  },
)

const requests = group(
  { ...refused, gatehouse: 'in-response-to: another' },
  {
    'prof-irt-other': {
      says: 'InResponseTo of a request that was never made',
      make: from((xml) =>
        asked('SubjectConfirmationData', '_never')(asked('Response', '_never')(xml)),
      ),
    },
    'prof-irt-missing': {
      says: 'no InResponseTo while a request is open',
      correct: 'either',
      gatehouse: 'in-response-to: none',
      make: from((xml) => asked('SubjectConfirmationData', null)(asked('Response', null)(xml))),
    },
    'prof-irt-response-only': {
      says: 'InResponseTo on the Response alone',
      correct: 'either',
      gatehouse: 'in-response-to: none',
      make: from(asked('SubjectConfirmationData', null)),
    },
    'prof-irt-mismatch': {
      says: 'InResponseTo of the Response and of the confirmation differ',
      make: from(asked('SubjectConfirmationData', '_never')),
    },
  },
)

const times = group(
  { ...refused, gatehouse: 'malformed-time' },
  {
    'prof-expired': {
      says: 'NotOnOrAfter of Conditions has passed',
      gatehouse: 'expired',
      make: fromAssertion((xml, s) => window(xml, at(s, -900), at(s, -600))),
    },
    'prof-expired-exact': {
      says: 'NotOnOrAfter of Conditions is now, which it excludes, but for the allowed skew',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) => window(xml, at(s, -600), at(s, 0))),
    },
    'prof-not-yet': {
      says: 'NotBefore of Conditions is to come',
      gatehouse: 'not-yet-valid',
      make: fromAssertion((xml, s) => window(xml, at(s, 600), at(s, 900))),
    },
    'prof-scd-expired': {
      says: 'NotOnOrAfter of SubjectConfirmationData has passed',
      gatehouse: 'confirmation-expired',
      make: dataEnd((s) => at(s, -600)),
    },
    'prof-scd-noa-missing': {
      says: 'SubjectConfirmationData without NotOnOrAfter',
      source: 'CVE-2026-1190 (Keycloak)',
      gatehouse: 'subject-confirmation: no-expiry',
      make: dataEnd(() => null),
    },
    'prof-scd-notbefore': {
      says: 'bearer SubjectConfirmationData with NotBefore, which is forbidden',
      gatehouse: 'subject-confirmation: not-before-present',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'SubjectConfirmationData', 'NotBefore', at(s, -60)),
      ),
    },
    'prof-session-expired': {
      says: 'SessionNotOnOrAfter has passed',
      gatehouse: 'session-expired',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'AuthnStatement', 'SessionNotOnOrAfter', at(s, -600)),
      ),
    },
    'prof-noa-missing': {
      says: 'Conditions without NotOnOrAfter',
      correct: 'either',
      gatehouse: 'accepted',
      make: conditions('NotOnOrAfter', () => null),
    },
    'prof-far-future': {
      says: 'NotOnOrAfter in 2099',
      correct: 'either',
      gatehouse: 'accepted',
      make: conditions('NotOnOrAfter', () => '2099-01-01T00:00:00Z'),
    },
    'prof-time-garbage': { says: 'NotOnOrAfter is no time', make: dataEnd(() => 'tomorrow') },
    'prof-time-feb30': {
      says: 'NotOnOrAfter on 30 February',
      make: dataEnd(() => '2099-02-30T10:00:00Z'),
    },
    'prof-time-space': {
      says: 'NotOnOrAfter with a space in place of T',
      make: dataEnd((s) => at(s, 300).replace('T', ' ')),
    },
    'prof-time-no-zone': {
      says: 'NotOnOrAfter without a zone',
      correct: 'either',
      make: dataEnd((s) => at(s, 300).replace('Z', '')),
    },
    'prof-time-offset': {
      says: 'NotOnOrAfter with the offset +02:00, by which it has passed',
      gatehouse: 'confirmation-expired',
      make: dataEnd((s) => at(s, 3600).replace('Z', '+02:00')),
    },
    'prof-time-24': {
      says: 'NotOnOrAfter with hour 24',
      correct: 'either',
      make: dataEnd((s) => at(s, 86_400).replace(/T\d\d:\d\d:\d\d\.\d+/, 'T24:00:00')),
    },
    'prof-window-inverted': {
      says: 'NotBefore after NotOnOrAfter',
      gatehouse: 'conditions: inverted',
      make: fromAssertion((xml, s) => window(xml, at(s, 30), at(s, 20))),
    },
    'prof-authn-instant-future': {
      says: 'AuthnInstant is to come',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'AuthnStatement', 'AuthnInstant', at(s, 7200)),
      ),
    },
    'prof-issueinstant-future': {
      says: 'IssueInstant is to come',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) => setAttribute(xml, 'Assertion', 'IssueInstant', at(s, 7200))),
    },
    'prof-issueinstant-old': {
      says: 'IssueInstant a year ago, Conditions current',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml, s) =>
        setAttribute(xml, 'Assertion', 'IssueInstant', at(s, -31_536_000)),
      ),
    },
  },
)
const window = (xml: string, notBefore: string, notOnOrAfter: string): string =>
  setAttribute(
    setAttribute(xml, 'Conditions', 'NotBefore', notBefore),
    'Conditions',
    'NotOnOrAfter',
    notOnOrAfter,
  )

const issuers = group(
  { ...refused, gatehouse: 'issuer: Assertion' },
  {
    'prof-issuer-other': {
      says: 'Issuer is another identity provider',
      make: issuer(() => saml('Issuer', OTHER)),
    },
    'prof-issuer-mismatch': {
      says: 'Issuer of the Response differs from that of the Assertion',
      gatehouse: 'issuer: Response',
      make: from((xml) => replaceElement(xml, 'Issuer', saml('Issuer', OTHER))),
    },
    'prof-issuer-missing': { says: 'no Issuer in the Assertion', make: issuer(() => '') },
    'prof-issuer-format': {
      says: 'Issuer with a Format other than entity',
      make: issuer(
        (genuine) =>
          `<saml:Issuer xmlns:saml="${SAML}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${genuine}</saml:Issuer>`,
      ),
    },
    'prof-status-requester': {
      says: 'Status is Requester, with an Assertion',
      gatehouse: 'status',
      make: status('Requester'),
    },
    'prof-status-nested-success': {
      says: 'Status is Responder, and Success within it',
      gatehouse: 'status',
      make: status('Responder', codeOf('Success')),
    },
    'prof-status-missing': {
      says: 'no Status',
      gatehouse: 'status',
      make: from((xml) => remove(xml, 'Status')),
    },
    'prof-version-11': {
      says: 'Version of the Assertion is 1.1',
      gatehouse: 'version: Assertion',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'Version', '1.1')),
    },
    'prof-rversion-11': {
      says: 'Version of the Response is 1.1',
      gatehouse: 'version: Response',
      make: from((xml) => setAttribute(xml, 'Response', 'Version', '1.1')),
    },
  },
)

const subjects = group(
  { ...refused, gatehouse: 'name-id: missing' },
  {
    'prof-no-bearer': {
      says: 'only a holder-of-key confirmation',
      gatehouse: 'subject-confirmation: no-bearer',
      make: fromAssertion((xml) => put(xml, 'cm:bearer', 'cm:holder-of-key')),
    },
    'prof-no-subjectconfirmation': {
      says: 'no SubjectConfirmation',
      gatehouse: 'subject-confirmation: none',
      make: fromAssertion((xml) => remove(xml, 'SubjectConfirmation')),
    },
    'prof-no-scd': {
      says: 'SubjectConfirmation without data',
      gatehouse: 'subject-confirmation: no-data',
      make: fromAssertion((xml) => remove(xml, 'SubjectConfirmationData')),
    },
    'prof-no-conditions': {
      says: 'no Conditions',
      gatehouse: 'conditions: none',
      make: fromAssertion((xml) => remove(xml, 'Conditions')),
    },
    'prof-unknown-condition': {
      says: 'a Condition of unknown type, with which validity cannot be determined',
      source: 'Core §2.5.1',
      gatehouse: 'conditions: unknown',
      make: fromAssertion((xml) =>
        insideEndOf(
          xml,
          'Conditions',
          `<saml:Condition xmlns:saml="${SAML}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" xsi:type="x:Moon"/>`,
        ),
      ),
    },
    'prof-no-authnstatement': {
      says: 'no AuthnStatement',
      gatehouse: 'no-authn-statement',
      make: fromAssertion((xml) => remove(xml, 'AuthnStatement')),
    },
    'prof-no-nameid': { says: 'no NameID', correct: 'either', make: nameId('') },
    'prof-empty-nameid': {
      says: 'empty NameID',
      gatehouse: 'name-id: empty',
      make: nameId(saml('NameID', '')),
    },
    'prof-two-nameids': {
      says: 'two NameIDs',
      source: 'CVE-2017-11427 family',
      gatehouse: 'name-id: several',
      make: fromAssertion((xml) =>
        afterEndOf(xml, 'NameID', saml('NameID', 'second@example.test')),
      ),
    },
    'prof-nameid-child-element': {
      says: 'NameID with a child element',
      gatehouse: 'name-id: not-text',
      make: fromAssertion((xml) => insideEndOf(xml, 'NameID', '<b>x</b>')),
    },
    'prof-spnamequalifier-other': {
      says: 'SPNameQualifier of another SP',
      gatehouse: 'name-id: other-sp',
      make: fromAssertion((xml) => setAttribute(xml, 'NameID', 'SPNameQualifier', OTHER)),
    },
    'prof-baseid': {
      says: 'BaseID in place of NameID',
      make: nameId(saml('BaseID', 'zoe')),
    },
    'prof-duplicate-attribute': {
      says: 'the same attribute Name twice',
      correct: 'either',
      gatehouse: 'accepted',
      make: fromAssertion((xml) =>
        xml.replace(elementPattern('Attribute'), (attribute) => attribute + attribute),
      ),
    },
    'prof-nameid-whitespace': {
      says: 'NameID with white space around it',
      correct: 'either',
      gatehouse: 'accepted',
      make: named((name) => ` ${name} `),
    },
    'prof-nameid-zero-width': {
      says: 'NameID with U+200B in it',
      correct: 'either',
      gatehouse: 'accepted',
      make: named((name) => `${name}\u200b`),
    },
    'prof-id-not-ncname': {
      says: 'ID of the Assertion begins with a digit',
      correct: 'either',
      gatehouse: 'invalid-id',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', '1assertion')),
    },
    'prof-id-quote': {
      says: 'ID with an apostrophe, as in an XPath injection',
      source: 'xml-crypto and samlify test suites',
      correct: 'either',
      gatehouse: 'invalid-id',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', "_a'b")),
    },
    'prof-id-xpath': {
      says: 'ID that ends the string of an XPath',
      source: 'XPath injection',
      gatehouse: 'invalid-id',
      make: fromAssertion((xml) => setAttribute(xml, 'Assertion', 'ID', "_a') or ('1'='1")),
    },
  },
)

/** Signed with another name, and with nothing wrong in it. */
function named(change: (name: string) => string, written = change) {
  return async (stage: Stage) => {
    const name = nameIdOf(stage.seed.xml)
    return response(await resigned(stage, (xml) => setText(xml, 'NameID', written(name))), {
      nameId: change(name),
    })
  }
}

const accepted = {
  by: 'idp',
  correct: 'accept',
  gatehouse: 'accepted',
  needs: ['idp-key'],
} as const

const allowed = group(
  { ...accepted, class: 'profile', source: PROFILE },
  {
    'ok-two-audiences': {
      says: 'ours among several Audiences',
      make: fromAssertion((xml) =>
        insideEndOf(xml, 'AudienceRestriction', saml('Audience', OTHER)),
      ),
    },
    'ok-no-destination-assertion-signed': {
      says: 'no Destination, which is optional where the Response is not signed',
      make: destination(null, 'assertion'),
    },
    'ok-no-response-issuer': {
      says: 'no Issuer of the Response, which is optional',
      make: from((xml) => remove(xml, 'Issuer'), 'assertion'),
    },
    'ok-two-subjectconfirmations': {
      says: 'one of two bearer confirmations is ours',
      make: fromAssertion((xml) => {
        const ours = elementIn(xml, 'SubjectConfirmation')
        const other = setAttribute(ours, 'SubjectConfirmationData', 'Recipient', OTHER)
        return put(xml, ours, other + ours)
      }),
    },
    'ok-onetimeuse': {
      says: 'OneTimeUse',
      make: fromAssertion((xml) =>
        insideEndOf(xml, 'Conditions', `<saml:OneTimeUse xmlns:saml="${SAML}"/>`),
      ),
    },
    'ok-millis': {
      says: 'seven fractional digits, as .NET writes them',
      make: dataEnd((s) => at(s, 300).replace(/\.\d+Z/, '.1234567Z')),
    },
    'prof-proxyrestriction': {
      says: 'ProxyRestriction with Count 0',
      make: fromAssertion((xml) =>
        insideEndOf(xml, 'Conditions', `<saml:ProxyRestriction xmlns:saml="${SAML}" Count="0"/>`),
      ),
    },
  },
)

const texts = group(
  { ...accepted, class: 'text', source: 'XML 1.0; C14N 1.0' },
  {
    'ok-entity-in-attr': {
      says: 'escaped ampersand in NameID',
      make: named(
        (name) => `a&${name}`,
        (name) => `a&amp;${name}`,
      ),
    },
    'ok-unicode': {
      says: 'a character beyond the BMP in NameID',
      make: named((name) => `𝒵oë-${name}`),
    },
    'ok-crlf': {
      says: 'CR LF by character reference in NameID',
      correct: 'either',
      make: named(
        (name) => `${name}\r\nx`,
        (name) => `${name}&#13;&#10;x`,
      ),
    },
    'ok-crlf-lineends': {
      says: 'signed over LF, sent with CR LF at the ends of lines, as XML allows',
      make: async (stage) => {
        const lines = await resigned(stage, (xml) => insideEndOf(xml, 'Subject', '\n'))
        return lines.replaceAll('\n', '\r\n')
      },
    },
    'ok-values-not-coerced': {
      says: 'attribute values 007, 1e3, true and an empty one stay strings',
      source: 'parseTagValue of fast-xml-parser',
      make: withAttribute('values', ['007', '1e3', 'true', '']),
    },
    'ok-proto-attributes': {
      class: 'prototype-pollution',
      says: 'attributes named __proto__, constructor and toString are plain data',
      source: 'CVE-2023-26920 (fast-xml-parser), CVE-2022-37616 (xmldom)',
      make: fromAssertion((xml) =>
        ['__proto__', 'constructor', 'toString'].reduce(
          (each, name) => insideEndOf(each, 'AttributeStatement', attribute(name, ['x'])),
          xml,
        ),
      ),
    },
    'comment-truncates-to-forged': {
      class: 'comment-truncation',
      by: 'attacker',
      correct: 'either',
      says: 'a name that the attacker may choose begins with that of another, and a comment cuts it there',
      source: 'VU#475445; CVE-2026-40165 and CVE-2026-57580 (authentik)',
      make: async (stage) => {
        const xml = await resigned(stage, (text) =>
          setText(text, 'NameID', 'attacker@evil.test.corpus.test'),
        )
        return response(put(xml, 'evil.test.corpus', 'evil.test<!---->.corpus'), {
          nameId: 'attacker@evil.test.corpus.test',
        })
      },
    },
  },
)

const attribute = (name: string, values: readonly string[]): string =>
  `<saml:Attribute xmlns:saml="${SAML}" Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`

function withAttribute(name: string, values: readonly string[]) {
  return fromAssertion((xml) => insideEndOf(xml, 'AttributeStatement', attribute(name, values)))
}

export const profile: readonly Entry[] = [
  ...allowed,
  ...audiences,
  ...addresses,
  ...requests,
  ...times,
  ...issuers,
  ...subjects,
  ...texts,
]
