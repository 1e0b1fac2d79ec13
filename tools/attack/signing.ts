/**
 * Signatures for messages: by the identity provider's key over content that it would never sign,
 * and by a key that nobody trusts.
 */
import { encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/xml/c14n.ts'
import { attributeOf, childElements, childrenNamed, parseXml } from '../../src/saml/xml/reader.ts'
import {
  EXC_C14N,
  elementById,
  signatureFor,
  transform,
  type SignOptions,
  type Signed,
  type TestIdp,
} from '../signing/saml-signer.ts'
import type { IdpKey, Stage } from './entry.ts'
import {
  DS,
  afterEndOf,
  attributeIn,
  elementIn,
  inAssertion,
  insideStartOf,
  piecesOf,
  withoutSignatures,
  type Change,
} from './text.ts'

export const ENVELOPED = transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature')
export const C14N = transform(EXC_C14N)

export function idpKey(pkcs8: Bytes, entityId: string, certificate: string): IdpKey {
  const made = new Map<string, Promise<TestIdp>>()
  const make = async (hash: string): Promise<TestIdp> => {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash }
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])
    // The signer only uses the private key; the type requires both.
    return { entityId, certificate, keys: { privateKey, publicKey: privateKey } }
  }
  return {
    pkcs8,
    signer(hash) {
      const signer = made.get(hash) ?? make(hash)
      made.set(hash, signer)
      return signer
    },
  }
}

export const idpOf = ({ idp }: Stage): IdpKey => {
  if (!idp) throw new Error('this message needs the key of the identity provider')
  return idp
}

/** Inserts the signature where SAML has it: after the Issuer, or first if there is no Issuer. */
export const insertSignature = (xml: string, of: Target, signature: string): string => {
  const insert = (part: string) =>
    elementIn(part, 'Issuer') === ''
      ? insideStartOf(part, of, signature)
      : afterEndOf(part, 'Issuer', signature)
  const { head, assertion, tail } = piecesOf(xml)
  return of === 'Assertion' ? inAssertion(xml, insert) : insert(head) + assertion + tail
}

export type Target = 'Assertion' | 'Response'

export const idOf = (xml: string, of: Target): string =>
  unescapeXml(of === 'Assertion' ? piecesOf(xml).assertionId : attributeIn(xml, 'Response', 'ID'))

const unescapeXml = (text: string): string =>
  text.replaceAll('&apos;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')

export async function signElement(
  xml: string,
  of: Target,
  by: TestIdp,
  options: SignOptions = {},
): Promise<string> {
  return insertSignature(xml, of, await signatureFor(xml, idOf(xml, of), by, options))
}

export interface Resigning {
  /** Which elements to sign; absent: as in the seed. */
  readonly as?: Signed
  readonly hash?: string
  readonly options?: SignOptions | ((xml: string, id: string) => SignOptions)
}

export const same: Change = (xml) => xml

/** The seed with a change, signed again by its identity provider. */
export async function resigned(
  stage: Stage,
  change: Change,
  { as = stage.seed.signed, hash = 'SHA-256', options = {} }: Resigning = {},
): Promise<string> {
  const signer = await idpOf(stage).signer(hash)
  let xml = change(withoutSignatures(stage.seed.xml))
  for (const target of ['Assertion', 'Response'] as const) {
    if (as !== 'both' && as !== target.toLowerCase()) continue
    const id = idOf(xml, target)
    const own = typeof options === 'function' ? options(xml, id) : options
    xml = await signElement(xml, target, signer, { hash, ...own })
  }
  return xml
}

/**
 * The element whose signature the attacker changes: the outermost, because it covers the others.
 */
export const targetOf = ({ seed }: Stage): Target =>
  seed.signed === 'assertion' ? 'Assertion' : 'Response'

export const targetSignature = (stage: Stage): string =>
  targetOf(stage) === 'Response' ? stage.pieces.responseSignature : stage.pieces.assertionSignature

const hashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2000/09/xmldsig#sha1': 'SHA-1',
  'http://www.w3.org/2001/04/xmlenc#sha256': 'SHA-256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'SHA-384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'SHA-512',
}

/** The digest of the element in its present form, with the methods that its own signature names. */
export async function digestOf(xml: string, id: string): Promise<string> {
  const element = elementById(xml, id)
  const [signature] = childrenNamed(element, DS, 'Signature')
  if (!signature) throw new Error(`the element ${id} is not signed`)
  const read = parseXml(utf8(canonicalize(signature, exclusive())))
  const [signedInfo] = read.ok ? childrenNamed(read.value, DS, 'SignedInfo') : []
  const [reference] = signedInfo ? childrenNamed(signedInfo, DS, 'Reference') : []
  const [transforms, digestMethod] = reference ? childElements(reference) : []
  const prefixes = (transforms ? childElements(transforms) : [])
    .flatMap((each) => childrenNamed(each, EXC_C14N, 'InclusiveNamespaces'))
    .flatMap((each) => (attributeOf(each, 'PrefixList') ?? '').split(/\s+/))
  const algorithm = digestMethod ? (attributeOf(digestMethod, 'Algorithm') ?? '') : ''
  const canonical = canonicalize(element, { ...exclusive(prefixes), omit: signature })
  return digest(hashes[algorithm] ?? 'SHA-256', canonical)
}

export const exclusive = (inclusivePrefixes: readonly string[] = []) => ({
  withComments: false,
  inclusivePrefixes,
  omit: null,
})

export const digest = async (hash: string, text: string): Promise<string> =>
  encodeBase64(new Uint8Array(await crypto.subtle.digest(hash, utf8(text))))
