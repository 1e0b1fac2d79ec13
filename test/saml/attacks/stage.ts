/** What the attack tests share: genuine responses to start from, and the pieces to move about. */
import { decodeBase64, decodeUtf8 } from '../../../src/lib/bytes.ts'
import type { Manifest } from '../../../tools/attack/fixtures.ts'
import {
  FORGED,
  afterEndOf,
  beforeStatus,
  dsObject,
  extensions,
  forge,
  insideEndOf,
  piecesOf,
  unsignedAssertion,
  x509KeyInfo,
} from '../../../tools/attack/text.ts'
import { openResponse, type Expect } from '../../../src/saml/index.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  toPosted,
  type Signed,
  type TestIdp,
} from '../../../tools/signing/saml-signer.ts'
import manifestText from '../../vectors/responses/manifest.json?raw'

/** A genuine response, what it is judged by, and whose name is in it. */
export interface Seed {
  readonly name: string
  readonly xml: string
  readonly expect: Expect
  readonly nameId: string
  readonly signed: Signed
}

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

const manifest: Manifest = JSON.parse(manifestText)

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

export {
  FORGED,
  afterEndOf,
  beforeStatus,
  dsObject,
  extensions,
  forge,
  insideEndOf,
  piecesOf,
  unsignedAssertion,
  x509KeyInfo,
}
