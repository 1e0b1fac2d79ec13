/** How a message is sent, its size, and its type. */
import { encodeBase64, utf8, type Bytes } from '../../../src/lib/bytes.ts'
import { toPosted, transform, EXC_C14N } from '../../signing/saml-signer.ts'
import { type Entry, type Stage, group, response } from '../entry.ts'
import { C14N, ENVELOPED, resigned, targetSignature } from '../signing.ts'
import {
  SAML,
  SAMLP,
  beforeStatus,
  extensions,
  forgedResponse,
  insideTag,
  nameIdOf,
  put,
  remove,
  setText,
} from '../text.ts'
import { forgedUnder, withTransforms, field, form, parameter } from '../parts.ts'

const refused = { by: 'attacker', correct: 'refuse' } as const
const POLLUTION =
  'CVE-2026-18217 (Keycloak), CVE-2025-31335 (OpenSAML), CVE-2025-27773 (simplesamlphp/saml2)'
const DEFLATE =
  'CVE-2025-25293 (ruby-saml), CVE-2023-28119 (crewjam/saml), CVE-2023-26483 (gosaml2)'
const DEPTH =
  'GHSA-965w-775f-mr7g (xmldom), RUSTSEC-2026-0195 (quick-xml), GHSA-qhrp-hfff-vphr (goxmldsig)'

async function deflate(parts: Iterable<Bytes>): Promise<Bytes> {
  const stream = new Blob([...parts]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

const bombs: Promise<string>[] = []
/** Made only once, because compressing 50 MB takes a while. */
function deflateBomb(): Promise<string> {
  const megabyte = new Uint8Array(1_048_576).fill(0x20)
  const bomb =
    bombs[0] ??
    deflate(Array.from({ length: 50 }, () => megabyte)).then((bytes) => encodeBase64(bytes))
  bombs[0] = bomb
  return bomb
}

const inExtensions =
  (content: string) =>
  ({ seed }: Stage): string =>
    beforeStatus(seed.xml, extensions(content))

const many = (count: number, each: (i: number) => string, between = ''): string =>
  Array.from({ length: count }, (_, i) => each(i)).join(between)

const bombSheet = `<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><xsl:variable name="a0">ha</xsl:variable>${many(26, (i) => `<xsl:variable name="a${i + 1}"><xsl:value-of select="concat($a${i},$a${i})"/></xsl:variable>`)}<xsl:value-of select="$a26"/></xsl:template></xsl:stylesheet>`

const logoutRequest = ({ seed }: Stage, extension = ''): string =>
  `<samlp:LogoutRequest xmlns:samlp="${SAMLP}" xmlns:saml="${SAML}" ID="_logout" Version="2.0" IssueInstant="${seed.now.toISOString()}" Destination="${seed.acsUrl}"><saml:Issuer>${seed.idpEntityId}</saml:Issuer>${extension}<saml:NameID>${nameIdOf(seed.xml)}</saml:NameID></samlp:LogoutRequest>`

export const transport: readonly Entry[] = [
  ...group(
    { ...refused, class: 'transport', source: POLLUTION, gatehouse: 'form: field-twice' },
    {
      'transport-b64-garbage': {
        says: 'base64 with foreign characters in it',
        source: 'CVE-2025-54572 (ruby-saml) class',
        gatehouse: 'not-base64',
        make: ({ seed }) => field(toPosted(seed.xml).replace(/^.{8}/, '$&*')),
      },
      'transport-duplicate-genuine-first': {
        says: 'two SAMLResponse in the body, the forged one last',
        make: ({ seed }) => form(`${parameter(seed.xml)}&${parameter(forgedResponse(seed.xml))}`),
      },
      'transport-duplicate-forged-first': {
        says: 'two SAMLResponse in the body, the forged one first',
        make: ({ seed }) => form(`${parameter(forgedResponse(seed.xml))}&${parameter(seed.xml)}`),
      },
      'transport-post-with-query': {
        // A service provider that reads only the body sees the genuine response.
        correct: 'either',
        says: 'a forged SAMLResponse in the query, the genuine one in the body: only the body may be read',
        gatehouse: 'accepted',
        make: ({ seed }) => form(parameter(seed.xml), parameter(forgedResponse(seed.xml))),
      },
      'transport-plain-xml': {
        says: 'XML without base64',
        source: 'decoders that try something else',
        gatehouse: 'not-base64',
        make: ({ seed }) => field(seed.xml),
      },
      'transport-double-base64': {
        says: 'base64 twice',
        source: 'decoders that try something else',
        gatehouse: 'malformed-xml: not-well-formed',
        make: ({ seed }) => field(encodeBase64(utf8(toPosted(seed.xml)))),
      },
      'transport-deflated-response': {
        says: 'deflated, as HTTP-POST never is',
        source: 'CVE-2025-25293 (ruby-saml)',
        gatehouse: 'malformed-xml: not-utf8',
        make: async ({ seed }) => field(encodeBase64(await deflate([utf8(seed.xml)]))),
      },
    },
  ),
  ...group(
    { ...refused, class: 'resource', source: DEPTH, gatehouse: 'transforms-not-allowed' },
    {
      'transform-xslt-bomb': {
        says: 'an XSLT transform that doubles its output 26 times; no valid signature is needed',
        source: 'python3-saml issue 447, pysaml2 issue 1035 (2026)',
        make: (s) =>
          forgedUnder(
            s,
            withTransforms(
              ENVELOPED +
                transform('http://www.w3.org/TR/1999/REC-xslt-19991116', bombSheet) +
                C14N,
            ),
          ),
      },
      'transform-2000': {
        says: '2000 canonicalizations',
        source: 'CVE-2021-39171 (passport-saml)',
        make: (s) => forgedUnder(s, withTransforms(ENVELOPED + transform(EXC_C14N).repeat(2000))),
      },
      'transport-deflate-bomb': {
        says: 'deflated 50 MB of spaces',
        source: DEFLATE,
        gatehouse: 'malformed-xml: not-utf8',
        make: async () => field(await deflateBomb()),
      },
      'deep-nesting': {
        says: '200,000 elements in each other',
        source: 'exhaustion of the stack',
        gatehouse: 'too-large',
        make: inExtensions('<a>'.repeat(200_000) + '</a>'.repeat(200_000)),
      },
      'deep-namespaces': {
        says: '20,000 elements in each other, each declaring a prefix',
        gatehouse: 'malformed-xml: too-deep',
        make: inExtensions(
          many(20_000, (i) => `<a xmlns:p${i}="urn:${i}">`) + '</a>'.repeat(20_000),
        ),
      },
      'many-attributes': {
        says: '100,000 attributes on one element',
        source: 'quadratic checks of attributes',
        gatehouse: 'malformed-xml: too-many-attributes',
        make: inExtensions(`<a ${many(100_000, (i) => `b${i.toString(36)}=""`, ' ')}/>`),
      },
      'many-namespaces': {
        correct: 'either',
        says: '20,000 namespace declarations on the Response',
        source: 'cost of canonicalization',
        gatehouse: 'malformed-xml: too-many-attributes',
        make: ({ seed }) =>
          insideTag(
            seed.xml,
            'Response',
            many(20_000, (i) => `xmlns:p${i}="urn:x"`, ' '),
          ),
      },
      'many-signatures': {
        says: '300 signatures',
        source: 'goxmldsig a225617',
        gatehouse: 'misplaced-signature',
        make: (s) => inExtensions(remove(targetSignature(s), 'KeyInfo').repeat(300))(s),
      },
    },
  ),
  ...group(
    { ...refused, class: 'slo', source: 'forgery of logouts', gatehouse: 'not-a-response' },
    {
      'slo-unsigned-logoutrequest': {
        says: 'an unsigned LogoutRequest in the place of a Response',
        make: (s) => logoutRequest(s),
      },
      'slo-wrapping-genuine-signature': {
        says: 'a LogoutRequest around an element that is genuinely signed',
        source: 'samlify issue 634 (GHSA-63ch-w8pw-4mf2)',
        make: (s) =>
          logoutRequest(
            s,
            extensions(
              s.seed.signed === 'response'
                ? put(s.seed.xml, /^<\?xml[^>]*\?>\s*/, '')
                : s.pieces.assertion,
            ),
          ),
      },
      'response-renamed-logoutresponse': {
        class: 'type-confusion',
        says: 'Response renamed to LogoutResponse',
        source: 'confusion of message types',
        make: ({ seed }) =>
          seed.xml.replace(/(<\/?(?:[\w.-]+:)?)Response(?=[\s>])/g, '$1LogoutResponse'),
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'accept',
      class: 'replay',
      source: 'CVE-2020-5261 (Sustainsys), CVE-2025-64131 (Jenkins)',
      gatehouse: 'accepted',
    },
    {
      replay: {
        says: 'the genuine response, which is good once: sent again it must be refused',
        make: ({ seed }) => seed.xml,
      },
    },
  ),
  ...group(
    {
      by: 'attacker',
      correct: 'refuse',
      class: 'c14n-differential',
      source: 'OneUptime issue 2988 (2026)',
      gatehouse: 'malformed-xml: processing-instruction',
      needs: ['idp-key'],
    },
    {
      'pi-swallows-forged': {
        says: 'a name that the attacker may choose ends in that of another, its beginning moved into a processing instruction',
        make: async (s) => {
          const xml = await resigned(s, (text) => setText(text, 'NameID', 'not-attacker@evil.test'))
          return response(put(xml, 'not-attacker', '<?x not-?>attacker'), {
            nameId: 'not-attacker@evil.test',
          })
        },
      },
    },
  ),
]
