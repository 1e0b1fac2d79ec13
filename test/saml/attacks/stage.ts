/** What the attack tests share: genuine responses to start from, and the pieces to move about. */
import { decodeBase64, decodeUtf8 } from '../../../src/lib/bytes.ts'
import { openResponse, type Expect } from '../../../src/saml/index.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  toPosted,
  type Signed,
  type TestIdp,
} from '../../support/saml-signer.ts'
import manifestText from '../../vectors/responses/manifest.json?raw'

/** A genuine response, what it is judged by, and whose name is in it. */
export interface Seed {
  readonly name: string
  readonly xml: string
  readonly expect: Expect
  readonly nameId: string
  readonly signed: Signed
}

export const FORGED = 'attacker@evil.test'
export const now = new Date('2026-11-24T10:00:00Z')
export const sp = { entityId: 'https://sp.test/metadata', acsUrl: 'https://sp.test/acs' }
export const REQUEST = '_request'

export const idp: TestIdp = await createTestIdp()

export const expectOf = (of: TestIdp): Expect => ({
  idp: { entityId: of.entityId, certificates: [of.certificate] },
  sp,
  inResponseTo: REQUEST,
  now,
})
export const expected = expectOf(idp)

export const options = {
  spEntityId: sp.entityId,
  acsUrl: sp.acsUrl,
  inResponseTo: REQUEST,
  issuer: idp.entityId,
  now,
  nameId: 'zoe@example.test',
  attributes: { groups: ['staff', 'admins'], email: ['zoe@example.test'] },
}

export const x509KeyInfo = (...certificates: readonly string[]): string =>
  `<ds:KeyInfo><ds:X509Data>${certificates
    .map((certificate) => `<ds:X509Certificate>${certificate}</ds:X509Certificate>`)
    .join('')}</ds:X509Data></ds:KeyInfo>`

export async function ownSeed(signed: Signed): Promise<Seed> {
  const keyInfo = x509KeyInfo(idp.certificate)
  let xml = responseXml(options)
  if (signed !== 'response') xml = await sign(xml, '_assertion', idp, { keyInfo })
  if (signed !== 'assertion') xml = await sign(xml, '_response', idp, { keyInfo })
  return { name: `ours, ${signed} signed`, xml, expect: expected, nameId: options.nameId, signed }
}

const files = import.meta.glob('../../vectors/responses/**/*', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const fileOf = (name: string): string => files[`../../vectors/responses/${name}`] ?? ''

interface Capture {
  readonly id: string
  readonly kind: string
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

const manifest: {
  readonly sp: { readonly SP_ENTITY_ID: string }
  readonly captures: readonly Capture[]
} = JSON.parse(manifestText)

const captured: readonly Seed[] = manifest.captures
  .filter((c) => c.kind === 'Response' && !c.encrypted && c.suggested_verdict === 'accept')
  .map((capture) => ({
    name: capture.id,
    xml: xmlOf(fileOf(capture.file_b64)),
    expect: {
      idp: { entityId: capture.idp_entity_id, certificates: [fileOf(capture.idp_certificate)] },
      sp: { entityId: manifest.sp.SP_ENTITY_ID, acsUrl: capture.acs_url },
      inResponseTo: capture.expected.in_response_to,
      now: new Date(capture.expected.issue_instant),
    },
    nameId: capture.expected.name_id.value,
    signed: capture.signed.response
      ? capture.signed.assertion
        ? 'both'
        : 'response'
      : 'assertion',
  }))

/** Ours in the three ways of signing, and every captured one that is good. */
export const seeds: readonly Seed[] = [
  await ownSeed('assertion'),
  await ownSeed('response'),
  await ownSeed('both'),
  ...captured,
]

function xmlOf(posted: string): string {
  const bytes = decodeBase64(posted.trim())
  const text = bytes.ok ? decodeUtf8(bytes.value) : bytes
  if (!text.ok) throw new Error('a captured response is base64 of UTF-8')
  return text.value
}

/** 'accepted as <NameID>', or the reason of the refusal. */
export async function outcomeOf(xml: string, expect: Expect): Promise<string> {
  const opened = await openResponse(toPosted(xml), expect)
  return opened.ok ? `accepted as ${opened.value.nameId}` : opened.error.reason
}

/** The pieces of a response as text; what is not there is ''. */
export interface Pieces {
  readonly head: string
  readonly assertion: string
  readonly tail: string
  readonly assertionSignature: string
  readonly responseSignature: string
  readonly assertionId: string
  readonly responseId: string
}

export function piecesOf(xml: string): Pieces {
  const [assertion] = /<(?:\w+:)?Assertion[\s>][^]*<\/(?:\w+:)?Assertion>/.exec(xml) ?? ['']
  const [head = '', tail = ''] = xml.split(assertion)
  const signature = /<(?:\w+:)?Signature[\s>][^]*?<\/(?:\w+:)?Signature>/
  return {
    head,
    assertion,
    tail,
    assertionSignature: signature.exec(assertion)?.[0] ?? '',
    responseSignature: signature.exec(head)?.[0] ?? '',
    assertionId: /\sID="([^"]*)"/.exec(assertion)?.[1] ?? '',
    responseId: /\sID="([^"]*)"/.exec(head)?.[1] ?? '',
  }
}

/** The assertion without its signature, in another name and under another ID (or the same). */
export const forge = (pieces: Pieces, id = '_forged'): string =>
  pieces.assertion
    .replace(pieces.assertionSignature, '')
    .replace(`ID="${pieces.assertionId}"`, `ID="${id}"`)
    .replace(/(<(?:\w+:)?NameID[^>]*>)[^<]*/, `$1${FORGED}`)

export const unsignedAssertion = (pieces: Pieces): string =>
  pieces.assertion.replace(pieces.assertionSignature, '')

/** Puts something in before the end tag of the first element of that name. */
export const insideEndOf = (xml: string, local: string, added: string): string =>
  xml.replace(new RegExp(`</(?:\\w+:)?${local}>`), (end) => added + end)

/** Puts something in after the end tag of the first element of that name. */
export const afterEndOf = (xml: string, local: string, added: string): string =>
  xml.replace(new RegExp(`</(?:\\w+:)?${local}>`), (end) => end + added)

/** Puts something in after the start tag of the first element of that name. */
export const insideStartOf = (xml: string, local: string, added: string): string =>
  xml.replace(new RegExp(`<(?:\\w+:)?${local}(?:\\s[^>]*)?>`), (start) => start + added)

export const extensions = (content: string): string =>
  `<samlp:Extensions xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${content}</samlp:Extensions>`

export const dsObject = (content: string): string =>
  `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${content}</ds:Object>`

/** Puts something where the schema has it: after the Issuer or the Signature of the Response. */
export const beforeStatus = (xml: string, added: string): string =>
  xml.replace(/<(?:\w+:)?Status>/, (status) => added + status)
