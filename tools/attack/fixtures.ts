/**
 * The genuine responses that attacks start from: captured from four products, and signed by our own
 * signer.
 */
import { decodeBase64, decodeUtf8, type Bytes } from '../../src/lib/bytes.ts'
import { createTestIdp, responseXml, sign, type Signed } from '../signing/saml-signer.ts'
import type { Seed, Stage } from './entry.ts'
import { idpKey } from './signing.ts'
import { piecesOf, x509KeyInfo } from './text.ts'

interface Capture {
  readonly id: string
  readonly kind: string
  readonly product: string
  readonly file_b64: string
  readonly idp_certificate: string
  readonly idp_entity_id: string
  readonly acs_url: string
  readonly encrypted: boolean
  readonly suggested_verdict: string
  readonly signed: { readonly response: boolean; readonly assertion: boolean }
  readonly expected: {
    readonly issue_instant: string
    readonly in_response_to: string | null
    readonly name_id: { readonly value: string }
  }
}

export interface Manifest {
  readonly sp: { readonly SP_ENTITY_ID: string }
  readonly captures: readonly Capture[]
}

/** A key and certificate that were never in any metadata. */
export type Attacker = Stage['attacker']

export const toStage = (seed: Seed, attacker: Attacker, more: Partial<Stage> = {}): Stage => ({
  seed,
  pieces: piecesOf(seed.xml),
  attacker,
  idp: null,
  encryptionKey: null,
  ...more,
})

/**
 * A stage for every captured response that is valid and not encrypted, with the keys of its
 * product.
 */
export async function capturedStages(
  manifest: Manifest,
  fileOf: (name: string) => string,
  attacker: Attacker,
): Promise<readonly Stage[]> {
  const pkcs8 = fromPem(fileOf('keys/idp.key'))
  const encryptionKey = await publicKeyOf(fileOf('keys/sp.key'))
  const decryptionKey = await crypto.subtle.importKey(
    'pkcs8',
    fromPem(fileOf('keys/sp.key')),
    { name: 'RSA-OAEP', hash: 'SHA-1' },
    false,
    ['decrypt', 'unwrapKey'],
  )
  return manifest.captures
    .filter((c) => c.kind === 'Response' && !c.encrypted && c.suggested_verdict === 'accept')
    .map((capture) => {
      const seed: Seed = {
        name: capture.id,
        xml: xmlOf(fileOf(capture.file_b64)),
        signed: signedOf(capture.signed),
        nameId: capture.expected.name_id.value,
        idpEntityId: capture.idp_entity_id,
        certificate: fileOf(capture.idp_certificate),
        spEntityId: manifest.sp.SP_ENTITY_ID,
        acsUrl: capture.acs_url,
        inResponseTo: capture.expected.in_response_to,
        now: new Date(capture.expected.issue_instant),
        decryptionKeys: [decryptionKey],
      }
      const idp = idpKey(pkcs8, seed.idpEntityId, seed.certificate)
      return toStage(seed, attacker, { idp, encryptionKey })
    })
}

/** Stages from our own signer, in all three ways of signing. */
export async function ownStages(attacker: Attacker, now: Date): Promise<readonly Stage[]> {
  const idp = await createTestIdp()
  const exported = await crypto.subtle.exportKey('pkcs8', idp.keys.privateKey)
  if (!(exported instanceof ArrayBuffer)) throw new Error('PKCS#8 is a buffer')
  const key = idpKey(new Uint8Array(exported), idp.entityId, idp.certificate)
  const sp = await crypto.subtle.generateKey(
    {
      name: 'RSA-OAEP',
      hash: 'SHA-1',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    true,
    ['encrypt', 'decrypt', 'unwrapKey'],
  )
  const options = {
    spEntityId: 'https://sp.test/metadata',
    acsUrl: 'https://sp.test/acs',
    inResponseTo: '_request',
    issuer: idp.entityId,
    now,
    nameId: 'zoe@example.test',
    attributes: { groups: ['staff', 'admins'], email: ['zoe@example.test'] },
  }
  const stages: Stage[] = []
  for (const signed of ['assertion', 'response', 'both'] as const) {
    const keyInfo = x509KeyInfo(idp.certificate)
    let xml = responseXml(options)
    if (signed !== 'response') xml = await sign(xml, '_assertion', idp, { keyInfo })
    if (signed !== 'assertion') xml = await sign(xml, '_response', idp, { keyInfo })
    const seed: Seed = {
      ...options,
      name: `ours, ${signed} signed`,
      xml,
      signed,
      idpEntityId: idp.entityId,
      certificate: idp.certificate,
      decryptionKeys: 'privateKey' in sp ? [sp.privateKey] : [],
    }
    stages.push(
      toStage(seed, attacker, { idp: key, encryptionKey: 'publicKey' in sp ? sp.publicKey : null }),
    )
  }
  return stages
}

/** Keeps one response for each product and way of signing. */
export const distinct = (stages: readonly Stage[]): readonly Stage[] =>
  stages.filter((stage, i) => stages.findIndex((each) => kindOf(each) === kindOf(stage)) === i)

function kindOf({ seed }: Stage): string {
  const product = /^(ours|ssp|samlp|lasso|saml-idp)/.exec(seed.name)?.[0] ?? ''
  const method = /<(\S*)SignatureMethod Algorithm="([^"]*)"/.exec(seed.xml)?.slice(1) ?? []
  return [product, seed.signed, ...method].join(' ')
}

const signedOf = ({ response, assertion }: Capture['signed']): Signed =>
  response ? (assertion ? 'both' : 'response') : 'assertion'

export function xmlOf(posted: string): string {
  const bytes = decodeBase64(posted.trim())
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  if (!text.ok) throw new Error('a captured response is base64 of UTF-8')
  return text.value
}

export function fromPem(pem: string): Bytes {
  const der = decodeBase64(pem.replace(/-----[^-]+-----/g, '').trim())
  if (!der.ok) throw new Error('a PEM file is base64 between its lines')
  return der.value
}

/** The public half of an RSA private key. */
async function publicKeyOf(pem: string): Promise<CryptoKey> {
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
  const key = await crypto.subtle.importKey('pkcs8', fromPem(pem), algorithm, true, ['decrypt'])
  const jwk = await crypto.subtle.exportKey('jwk', key)
  if (!('n' in jwk && 'e' in jwk)) throw new Error('the key of the service provider is of RSA')
  const half = { kty: 'RSA', n: jwk.n ?? '', e: jwk.e ?? '' }
  return crypto.subtle.importKey('jwk', half, algorithm, true, ['encrypt'])
}
