/** A federation's metadata: as many entities as a test wants, made while they are read. */
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { METADATA } from '../../src/saml/names.ts'
import { signatureFor, type SignOptions, type TestIdp } from '../../tools/signing/saml-signer.ts'
import { key, redirect, role } from './idp-metadata.ts'

const certificate = encodeBase64(new Uint8Array(1100).fill(7))

export const idOf = (n: number): string => `https://idp${n}.example.org/idp/shibboleth`

/** About what an entity of eduGAIN has: 2.9 KB, with words for people and an SP for each IdP. */
function entityOf(n: number, signing: string | null): string {
  const who = `<md:Organization><md:OrganizationDisplayName xml:lang="en">University ${n} of Zürich &amp; Köln</md:OrganizationDisplayName></md:Organization>`
  return (
    `<md:EntityDescriptor entityID="${idOf(n)}">` +
    canonical(role(key(signing ?? certificate) + redirect)) +
    who +
    '</md:EntityDescriptor>\n' +
    `<md:EntityDescriptor entityID="https://sp${n}.example.org"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"></md:SPSSODescriptor></md:EntityDescriptor>\n`
  )
}

/** Attributes in the order of canonical XML, and no empty tags. */
const canonical = (xml: string): string =>
  xml.replace(/<(md:SingleSignOnService)([^>]*)\/>/g, '<$1$2></$1>')

const start = (attributes: string): string =>
  `<md:EntitiesDescriptor xmlns:md="${METADATA}" ID="_fed"${attributes}>`
const END = '</md:EntitiesDescriptor>'

export interface Federation {
  readonly entities: number
  /** Base64 DER of the certificate that this IdP signs with. */
  readonly signing: { readonly of: number; readonly certificate: string }
  /** Of the document element, in the order of canonical XML. */
  readonly attributes?: string
}

const bodyOf = ({ entities, signing }: Federation): string =>
  Array.from({ length: entities }, (_, n) =>
    entityOf(n, n === signing.of ? signing.certificate : null),
  ).join('')

/** The document in pieces of 16 KB. */
export async function federation(
  of: Federation,
  signer: TestIdp | null,
  options: SignOptions & { readonly edit?: (body: string) => string } = {},
): Promise<{ readonly pieces: () => AsyncIterable<Uint8Array>; readonly bytes: number }> {
  const { edit = (body: string) => body, ...how } = options
  const [opening, body] = [start(of.attributes ?? ''), bodyOf(of)]
  const signature = signer
    ? await signatureFor(opening + END, '_fed', signer, {
        editHashed: () => opening + body + END,
        keyInfo: keyInfoOf(signer),
        ...how,
      })
    : ''
  const bytes = utf8(opening + signature + edit(body) + END)
  return { bytes: bytes.length, pieces: () => inPieces(bytes) }
}

export const keyInfoOf = ({ certificate: der }: Pick<TestIdp, 'certificate'>): string =>
  `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`

export async function* inPieces(bytes: Uint8Array, size = 16_384): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size))
  }
}
