/** Attacks on transport, text and profile that, as far as we know, nobody has published. */
import { utf8 } from '../../../src/lib/bytes.ts'
import { toPosted } from '../../signing/saml-signer.ts'
import { encrypted } from '../encrypting.ts'
import { type Entry, type Stage, group } from '../entry.ts'
import { idpOf, resigned, same, signElement } from '../signing.ts'
import {
  FORGED,
  afterEndOf,
  elementIn,
  inAssertion,
  insideEndOf,
  put,
  replaceElement,
  setAttribute,
  setText,
  withoutDeclaration,
  withoutSignatures,
} from '../text.ts'

import { field, form, parameter } from '../parts.ts'

const SOURCE = 'ours'
const attacker = { by: 'attacker', correct: 'refuse', source: SOURCE } as const
const idp = { ...attacker, by: 'idp', needs: ['idp-key'] } as const

const again = (change: (xml: string, stage: Stage) => string) => (s: Stage) =>
  resigned(s, (xml) => inAssertion(xml, (assertion) => change(assertion, s)))

/** Sets the validity of SubjectConfirmationData. `end` null: NotOnOrAfter stays. */
function dataWindow(xml: string, start: string, end: Date | null = null): string {
  const begun = setAttribute(xml, 'SubjectConfirmationData', 'NotBefore', start)
  return end === null
    ? begun
    : setAttribute(begun, 'SubjectConfirmationData', 'NotOnOrAfter', end.toISOString())
}

export const own: readonly Entry[] = [
  ...group(
    { ...attacker, class: 'transport', gatehouse: 'not-base64' },
    {
      'own-b64-url': {
        says: 'base64url in place of base64',
        make: ({ seed }) =>
          field(`${toPosted(seed.xml).replaceAll('+', '-').replaceAll('/', '_')}-_--`),
      },
      'own-b64-spare-bits': {
        says: 'base64 whose spare bits are not zero',
        make: ({ seed }) => field(spareBits(seed.xml)),
      },
      'own-b64-wrapped': {
        correct: 'accept',
        says: 'base64 in lines of 76',
        gatehouse: 'accepted',
        make: ({ seed }) => field(toPosted(seed.xml).replace(/.{76}/g, '$&\r\n')),
      },
      'own-relaystate-twice': {
        says: 'RelayState twice',
        correct: 'either',
        gatehouse: 'form: field-twice',
        make: ({ seed }) => form(`${parameter(seed.xml)}&RelayState=a&RelayState=b`),
      },
      'own-request-beside-response': {
        says: 'SAMLRequest beside SAMLResponse',
        correct: 'either',
        gatehouse: 'form: not-a-response',
        make: ({ seed }) => form(`SAMLRequest=AAAA&${parameter(seed.xml)}`),
      },
      'own-nothing': {
        says: 'an empty SAMLResponse',
        gatehouse: 'form: no-response',
        make: () => field(''),
      },
      'own-deep-nesting': {
        class: 'resource',
        says: 'as many elements in each other as fit the size allowed',
        gatehouse: 'malformed-xml: too-deep',
        make: ({ seed }) =>
          insideEndOf(seed.xml, 'Status', '<a>'.repeat(100_000) + '</a>'.repeat(100_000)),
      },
      'own-many-nodes': {
        class: 'resource',
        says: '60,000 empty elements',
        gatehouse: 'malformed-xml: too-many-nodes',
        make: ({ seed }) => insideEndOf(seed.xml, 'Status', '<a/>'.repeat(60_000)),
      },
      'own-bom': {
        class: 'encoding',
        correct: 'accept',
        says: 'a byte order mark',
        gatehouse: 'accepted',
        make: ({ seed }) => `\uFEFF${seed.xml}`,
      },
      'own-utf8-surrogate': {
        class: 'encoding',
        says: 'a surrogate written in UTF-8',
        gatehouse: 'malformed-xml: not-utf8',
        make: ({ seed }) =>
          Uint8Array.from([
            ...utf8(seed.xml).slice(0, 150),
            0xed,
            0xa0,
            0x80,
            ...utf8(seed.xml).slice(150),
          ]),
      },
      'own-doctype-redefines-lt': {
        class: 'doctype',
        says: 'a DOCTYPE that declares &lt; anew',
        gatehouse: 'malformed-xml: doctype',
        make: ({ seed }) =>
          `<!DOCTYPE Response [<!ENTITY lt "v">]>${setText(withoutDeclaration(seed.xml), 'NameID', '&lt;')}`,
      },
      'own-pi-before-root': {
        class: 'wellformedness',
        correct: 'either',
        says: 'a processing instruction before the document element',
        gatehouse: 'malformed-xml: processing-instruction',
        make: ({ seed }) => `<?x y?>${withoutDeclaration(seed.xml)}`,
      },
      'own-pi-between-quotes': {
        class: 'wellformedness',
        says: 'two processing instructions with quotes, between which some readers swallow elements',
        gatehouse: 'malformed-xml: processing-instruction',
        make: ({ seed }) =>
          seed.xml
            .replace(/<(?:[\w.-]+:)?NameID/, (tag) => `<?x "?>${tag}`)
            .replace(/<\/(?:[\w.-]+:)?NameID>/, (end) => `${end}<?x "?>`),
      },
    },
  ),
  ...group(
    { ...idp, class: 'profile', gatehouse: 'name-id: several' },
    {
      'own-second-nameid-in-another-namespace': {
        says: 'a NameID of another namespace before the right one',
        make: again((xml) =>
          put(
            xml,
            /<(?:[\w.-]+:)?NameID/,
            `<x:NameID xmlns:x="urn:x">${FORGED}</x:NameID>${/<(?:[\w.-]+:)?NameID/.exec(xml)?.[0] ?? ''}`,
          ),
        ),
      },
      'own-two-subjects': {
        says: 'two Subjects',
        make: again((xml) => afterEndOf(xml, 'Subject', elementIn(xml, 'Subject'))),
      },
      'own-two-conditions': {
        says: 'two Conditions',
        gatehouse: 'conditions: several',
        make: again((xml) => afterEndOf(xml, 'Conditions', elementIn(xml, 'Conditions'))),
      },
      'own-two-issuers': {
        says: 'two Issuers',
        gatehouse: 'issuer: Assertion',
        make: again((xml) => afterEndOf(xml, 'Issuer', elementIn(xml, 'Issuer'))),
      },
      'own-nameid-blank': {
        says: 'a NameID of spaces',
        gatehouse: 'name-id: empty',
        make: again((xml) => setText(xml, 'NameID', '  ')),
      },
      'own-issuer-element': {
        says: 'an Issuer with an element in it',
        gatehouse: 'issuer: Assertion',
        make: again((xml) => insideEndOf(xml, 'Issuer', '<x/>')),
      },
      'own-attribute-without-name': {
        says: 'an Attribute without a Name',
        gatehouse: 'malformed-attribute',
        make: again((xml) => setAttribute(xml, 'Attribute', 'Name', null)),
      },
      'own-year-10000': {
        correct: 'either',
        says: 'NotOnOrAfter in the year 10000',
        gatehouse: 'malformed-time',
        make: again((xml) =>
          setAttribute(xml, 'SubjectConfirmationData', 'NotOnOrAfter', '10000-01-01T00:00:00Z'),
        ),
      },
      'own-time-lowercase': {
        correct: 'either',
        says: 'NotOnOrAfter in lower case',
        gatehouse: 'malformed-time',
        make: again((xml) =>
          setAttribute(xml, 'SubjectConfirmationData', 'NotOnOrAfter', '2099-01-01t00:00:00z'),
        ),
      },
      'own-scd-notbefore-to-come': {
        says: 'NotBefore of the bearer SubjectConfirmationData is to come',
        gatehouse: 'confirmation-not-yet-valid',
        make: again((xml, s) =>
          dataWindow(xml, new Date(s.seed.now.getTime() + 120_000).toISOString()),
        ),
      },
      'own-scd-inverted': {
        says: 'NotBefore of the bearer SubjectConfirmationData is its NotOnOrAfter',
        gatehouse: 'subject-confirmation: inverted',
        make: again((xml, s) => dataWindow(xml, s.seed.now.toISOString(), s.seed.now)),
      },
      'own-no-break-space-audience': {
        says: 'Audience with a no-break space before it, which is no white space of XML',
        gatehouse: 'audience',
        make: again((xml, { seed }) => setText(xml, 'Audience', `\u00a0${seed.spEntityId}`)),
      },
      'own-recipient-byte-order-mark': {
        says: 'Recipient with U+FEFF behind it, which is no white space of XML',
        gatehouse: 'recipient',
        make: again((xml, { seed }) =>
          setAttribute(xml, 'SubjectConfirmationData', 'Recipient', `${seed.acsUrl}\ufeff`),
        ),
      },
      'own-id-of-white-space': {
        correct: 'either',
        says: 'an ID with a space in it',
        gatehouse: 'invalid-id',
        make: again((xml) => setAttribute(xml, 'Assertion', 'ID', '_a b')),
      },
      'own-leading-newline-audience': {
        correct: 'either',
        says: 'Audience with white space around it, which collapses',
        gatehouse: 'accepted',
        make: again((xml, { seed }) => setText(xml, 'Audience', `\n${seed.spEntityId}\n`)),
      },
    },
  ),
  ...group(
    { ...idp, class: 'signature-profile', gatehouse: 'signature-mismatch' },
    {
      'own-good-response-bad-assertion': {
        by: 'attacker',
        says: 'a good signature on the Response around an Assertion that another key signed',
        make: async (s) => {
          const inner = await signElement(withoutSignatures(s.seed.xml), 'Assertion', s.attacker)
          return signElement(inner, 'Response', await idpOf(s).signer('SHA-256'))
        },
      },
      'own-sha1-in-one-of-two': {
        says: 'both signed, the Assertion with a digest of SHA-1',
        gatehouse: 'sha1-not-allowed',
        make: (s) =>
          resigned(s, same, {
            as: 'both',
            options: { digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1' },
          }),
      },
      'own-digest-unknown': {
        says: 'a DigestMethod that is in no table',
        gatehouse: 'algorithm-not-allowed',
        make: (s) =>
          resigned(s, same, {
            options: { digestMethod: 'http://www.w3.org/2001/04/xmldsig-more#md5' },
          }),
      },
    },
  ),
  ...group(
    {
      ...idp,
      needs: ['idp-key', 'encryption-key'],
      class: 'encryption',
      gatehouse: 'decryption-failed',
    },
    {
      'own-encrypted-id-not-an-id': {
        says: 'an EncryptedID, signed, whose plaintext is no identifier',
        make: async (s) => {
          if (!s.encryptionKey) throw new Error('this message needs an encryption key')
          const data = await encrypted('<x/>', s.encryptionKey, { element: 'EncryptedID' })
          return resigned(s, (xml) =>
            inAssertion(xml, (each) => replaceElement(each, 'NameID', data)),
          )
        },
      },
    },
  ),
]
/**
 * Appends spaces until base64 needs two padding characters; then four bits of the last character
 * are unused, and it is changed in one of them.
 */
const spareBits = (xml: string): string =>
  toPosted(xml + ' '.repeat((4 - (utf8(xml).length % 3)) % 3)).replace(
    /(.)==$/,
    (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==`,
  )
