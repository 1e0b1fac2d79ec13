/** What nobody published, as far as we know, and what we thought of ourselves. */
import { decodeBase64, encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { toPosted, transform } from '../../test/support/saml-signer.ts'
import { encrypted } from '../encrypting.ts'
import { group, type Entry, type Message, type Stage } from '../entry.ts'
import {
  C14N,
  ENVELOPED,
  idOf,
  idpOf,
  resigned,
  same,
  signElement,
  targetOf,
  targetSignature,
} from '../signing.ts'
import {
  DS,
  FORGED,
  afterEndOf,
  elementIn,
  inAssertion,
  insideEndOf,
  insideTag,
  put,
  remove,
  replaceElement,
  setAttribute,
  setText,
  withAssertion,
  withoutDeclaration,
  withoutSignatures,
} from '../text.ts'
import { forgedUnder, genuineUnder, withTransforms } from './shape.ts'

const SOURCE = 'ours'
const attacker = { by: 'attacker', correct: 'refuse', source: SOURCE } as const
const idp = { ...attacker, by: 'idp', needs: ['idp-key'] } as const

const form = (body: string): Message => ({ kind: 'form', body, query: '' })
const field = (value: string): Message => ({ kind: 'field', value })
const parameter = (xml: string): string => `SAMLResponse=${encodeURIComponent(toPosted(xml))}`

/** A change outside what the Assertion's signature covers. */
const envelope = { needs: ['assertion-signature'], correct: 'either' } as const
const outside =
  (change: (xml: string) => string) =>
  (s: Stage): string =>
    change(put(s.seed.xml, s.pieces.responseSignature, ''))

const again = (change: (xml: string, stage: Stage) => string) => (s: Stage) =>
  resigned(s, (xml) => inAssertion(xml, (assertion) => change(assertion, s)))

export const own: readonly Entry[] = [
  ...group(
    { ...attacker, class: 'envelope', gatehouse: 'status' },
    {
      'own-envelope-status': {
        ...envelope,
        says: 'Status of an unsigned Response changed to a failure',
        make: outside((xml) => put(xml, 'status:Success', 'status:Responder')),
      },
      'own-envelope-destination': {
        ...envelope,
        says: 'Destination of an unsigned Response changed',
        gatehouse: 'destination',
        make: outside((xml) =>
          setAttribute(xml, 'Response', 'Destination', 'https://other.example'),
        ),
      },
      'own-envelope-issuer': {
        ...envelope,
        says: 'Issuer of an unsigned Response changed',
        gatehouse: 'issuer: Response',
        make: outside((xml) => setText(xml, 'Issuer', 'https://other.example')),
      },
      'own-envelope-in-response-to': {
        ...envelope,
        says: 'InResponseTo of an unsigned Response changed',
        gatehouse: 'in-response-to: another',
        make: outside((xml) => setAttribute(xml, 'Response', 'InResponseTo', '_never')),
      },
      'own-envelope-id': {
        ...envelope,
        says: 'ID of an unsigned Response changed',
        gatehouse: 'accepted',
        make: outside((xml) => setAttribute(xml, 'Response', 'ID', '_another')),
      },
      'own-envelope-second-status': {
        ...envelope,
        says: 'a second Status in an unsigned Response',
        make: outside((xml) => afterEndOf(xml, 'Status', elementIn(xml, 'Status'))),
      },
    },
  ),
  ...group(
    { ...attacker, class: 'signature-relocated', gatehouse: 'misplaced-signature' },
    {
      ...Object.fromEntries(
        ['Subject', 'NameID', 'Issuer', 'Conditions', 'AttributeStatement'].map((place) => [
          `own-signature-in-${place.toLowerCase()}`,
          {
            says: `the Assertion's Signature moved into ${place}`,
            needs: ['assertion-signature'] as const,
            make: ({ pieces: p }: Stage) =>
              put(
                withAssertion(
                  p,
                  insideEndOf(
                    setText(put(p.assertion, p.assertionSignature, ''), 'NameID', FORGED),
                    place,
                    p.assertionSignature,
                  ),
                ),
                p.responseSignature,
                '',
              ),
          },
        ]),
      ),
      'own-signature-in-status': {
        says: "the Response's Signature moved into Status",
        needs: ['response-signature'],
        make: (s) =>
          insideEndOf(
            forgedUnder(s, () => ''),
            'Status',
            s.pieces.responseSignature,
          ),
      },
      'own-signature-alone': {
        class: 'type-confusion',
        says: 'a Signature as the document element',
        gatehouse: 'not-a-response',
        make: (s) => targetSignature(s),
      },
      'own-assertion-alone': {
        class: 'type-confusion',
        says: 'the signed Assertion as the document element',
        needs: ['assertion-signature'],
        gatehouse: 'not-a-response',
        make: (s) =>
          insideTag(s.pieces.assertion, 'Assertion', prefixesOf(s.seed.xml, s.pieces.assertion)),
      },
      'own-response-in-response': {
        class: 'xsw-response-nesting',
        says: 'the genuine Response as a child of another Response',
        gatehouse: 'unexpected-element',
        make: ({ seed }) =>
          `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_outer" Version="2.0">${withoutDeclaration(seed.xml)}</samlp:Response>`,
      },
    },
  ),
  ...group(
    { ...attacker, class: 'duplicate-id', gatehouse: 'duplicate-id' },
    {
      'own-id-two-spellings': {
        says: 'the same ID a second time, as Id of the Subject',
        make: (s) => insideTag(s.seed.xml, 'Subject', `Id="${idOf(s.seed.xml, targetOf(s))}"`),
      },
      'own-id-status': {
        says: 'the same ID on Status, which stands before the Assertion',
        make: (s) => insideTag(s.seed.xml, 'Status', `ID="${s.pieces.assertionId}"`),
      },
    },
  ),
  ...group(
    { ...attacker, class: 'signature-profile', gatehouse: 'reference-not-parent' },
    {
      'own-uri-percent': {
        says: 'the fragment of the Reference is percent-encoded',
        make: (s) =>
          forgedUnder(s, (signature) =>
            signature.replace(
              /(URI="#)(.)/,
              (_, start: string, first: string) => `${start}%${first.charCodeAt(0).toString(16)}`,
            ),
          ),
      },
      'own-uri-null': {
        says: 'the Reference is to #null',
        make: (s) => forgedUnder(s, (signature) => signature.replace(/URI="[^"]*"/, 'URI="#null"')),
      },
      'own-transforms-reversed': {
        says: 'canonicalization before enveloped-signature',
        gatehouse: 'transforms-not-allowed',
        make: (s) => forgedUnder(s, withTransforms(C14N + ENVELOPED)),
      },
      'own-transforms-base64': {
        says: 'the transform base64 among the others',
        gatehouse: 'transforms-not-allowed',
        make: (s) =>
          forgedUnder(
            s,
            withTransforms(
              ENVELOPED + transform('http://www.w3.org/2000/09/xmldsig#base64') + C14N,
            ),
          ),
      },
      'own-manifest': {
        says: 'a Manifest in a ds:Object, with a Reference to what was forged',
        gatehouse: 'malformed-signature',
        make: (s) =>
          forgedUnder(s, (signature) =>
            insideEndOf(
              signature,
              'Signature',
              `<ds:Object xmlns:ds="${DS}"><ds:Manifest>${elementIn(signature, 'Reference').replace(/xmlns="[^"]*"/, '')}</ds:Manifest></ds:Object>`.replace(
                /<(\/?)(?!ds:)(?:[\w.-]+:)?([A-Z])/g,
                '<$1ds:$2',
              ),
            ),
          ),
      },
      'own-keyinfo-empty': {
        class: 'attacker-keyinfo',
        correct: 'either',
        says: 'KeyInfo of a genuine signature emptied',
        gatehouse: 'accepted',
        make: (s) =>
          genuineUnder(s, (signature) =>
            insideEndOf(
              remove(signature, 'KeyInfo'),
              'Signature',
              `<ds:KeyInfo xmlns:ds="${DS}"/>`,
            ),
          ),
      },
      'own-signaturevalue-truncated': {
        class: 'tampered',
        says: 'SignatureValue cut by a byte',
        gatehouse: 'signature-mismatch',
        make: (s) =>
          genuineUnder(s, (signature) =>
            replaceElement(
              signature,
              'SignatureValue',
              `<ds:SignatureValue xmlns:ds="${DS}">${shortened(signature)}</ds:SignatureValue>`,
            ),
          ),
      },
      'own-namespace-rebound': {
        class: 'namespace-confusion',
        says: 'the prefix of NameID bound to another namespace in its tag',
        gatehouse: 'digest-mismatch',
        make: ({ seed }) => {
          const [, prefix = ''] = /<([\w.-]+:)?NameID[\s>]/.exec(seed.xml) ?? []
          const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix.replace(':', '')}`
          return insideTag(seed.xml, 'NameID', `${declaration}="urn:x"`)
        },
      },
    },
  ),
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
      'own-leading-newline-audience': {
        correct: 'either',
        says: 'Audience with white space around it',
        gatehouse: 'audience',
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
      gatehouse: 'encrypted-unsupported',
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

/** What the Response declares and the Assertion, cut out of it, would lack. */
const prefixesOf = (xml: string, assertion: string): string => {
  const [outer = ''] = /<(?:[\w.-]+:)?Response\s[^>]*>/.exec(xml) ?? []
  const [inner = ''] = /<[^>]*>/.exec(assertion) ?? []
  return [...outer.matchAll(/xmlns(?::[\w.-]+)?="[^"]*"/g)]
    .map(([declaration]) => declaration)
    .filter((declaration) => !inner.includes(`${declaration.split('=')[0] ?? ''}=`))
    .join(' ')
}

function shortened(signature: string): string {
  const value = decodeBase64(elementIn(signature, 'SignatureValue').replace(/<[^>]*>/g, ''))
  return value.ok ? encodeBase64(value.value.slice(0, -1)) : ''
}

/** Spaces until two characters of padding are needed; the four bits before them are then free. */
const spareBits = (xml: string): string =>
  toPosted(xml + ' '.repeat((4 - (utf8(xml).length % 3)) % 3)).replace(
    /(.)==$/,
    (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}==`,
  )
