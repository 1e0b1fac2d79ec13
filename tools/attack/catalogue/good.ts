/** Valid but unusual messages. */
import { group, response, type Entry } from '../entry.ts'
import { resigned } from '../signing.ts'
import { SAML, elementIn, insideEndOf, put, remove, setAttribute, setText } from '../text.ts'
import { PROFILE, OTHER, from, fromAssertion, at, saml, signedName, dataEnd } from '../resigning.ts'

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
      make: from((xml) => setAttribute(xml, 'Response', 'Destination', null), 'assertion'),
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
      make: signedName(
        (name) => `a&${name}`,
        (name) => `a&amp;${name}`,
      ),
    },
    'ok-unicode': {
      says: 'a character beyond the BMP in NameID',
      make: signedName((name) => `𝒵oë-${name}`),
    },
    'ok-crlf': {
      says: 'CR LF by character reference in NameID',
      correct: 'either',
      make: signedName(
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

export const good: readonly Entry[] = [...allowed, ...texts]
