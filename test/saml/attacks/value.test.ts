/** SignatureValues of another form, length or kind than the key has; none may throw either. */
import { describe, expect, it } from 'vitest'
import { concatBytes, decodeBase64, encodeBase64 } from '../../../src/lib/bytes.ts'
import { createTestIdp, responseXml, sign } from '../../../tools/signing/saml-signer.ts'
import { expectOf, idp, options, outcomeOf } from './stage.ts'

const VALUE = /(<ds:SignatureValue>)([^<]*)/
const ec = await createTestIdp({ key: { name: 'ECDSA', namedCurve: 'P-256' } })

function valueIn(xml: string): Uint8Array {
  const bytes = decodeBase64(VALUE.exec(xml)?.[2] ?? '')
  if (!bytes.ok) throw new Error(bytes.error)
  return bytes.value
}

/** r and s as DER has them, where XMLDSig wants them side by side (RFC 4050 §3.3). */
function toDer(value: Uint8Array): Uint8Array {
  const integers = [value.subarray(0, 32), value.subarray(32)].map((half) =>
    concatBytes(Uint8Array.of(0x02, 33, 0), half),
  )
  return concatBytes(Uint8Array.of(0x30, 70), ...integers)
}

const forms: readonly (readonly [string, (value: Uint8Array) => Uint8Array])[] = [
  ['nothing but zeros', (value) => new Uint8Array(value.length)],
  ['nothing but ones', (value) => new Uint8Array(value.length).fill(0xff)],
  ['one byte', () => Uint8Array.of(1)],
  ['cut', (value) => value.subarray(1)],
  ['after a zero', (value) => concatBytes(Uint8Array.of(0), value)],
  ['twice', (value) => concatBytes(value, value)],
  ['DER', toDer],
  ['very long', () => new Uint8Array(200_000).fill(7)],
]

describe.each([
  ['RSA', idp],
  ['ECDSA', ec],
] as const)('%s', (_, by) => {
  it.each(forms)('%s is refused', async (__, change) => {
    const xml = await sign(responseXml(options), '_assertion', by)
    const changed = xml.replace(
      VALUE,
      (___, tag: string) => tag + encodeBase64(change(valueIn(xml))),
    )
    expect(changed).not.toBe(xml)
    expect(await outcomeOf(changed, expectOf(by))).toBe('signature-mismatch')
  })
})

it.each([
  ['a key of an elliptic curve', ec, 'rsa-sha256', 'signature-mismatch'],
  ['an RSA key', idp, 'ecdsa-sha256', 'signature-mismatch'],
  ['another hash', ec, 'ecdsa-sha512', 'signature-mismatch'],
  ['ECDSA with SHA-1', ec, 'ecdsa-sha1', 'algorithm-not-allowed'],
] as const)('%s is not used by the method of another', async (_, by, method, reason) => {
  const signatureMethod = `http://www.w3.org/2001/04/xmldsig-more#${method}`
  const xml = await sign(responseXml(options), '_assertion', by, { signatureMethod })
  expect(await outcomeOf(xml, expectOf(by))).toBe(reason)
})
