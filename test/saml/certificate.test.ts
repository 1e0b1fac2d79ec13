import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, decodeBase64, encodeBase64, sha256, toHex } from '../../src/lib/bytes.ts'
import { fingerprintOf, parseCertificate, toBase64Der } from '../../src/saml/certificate.ts'
import { selfSigned } from '../../tools/signing/certificate.ts'

const rsa = (modulusLength: number): SubtleCryptoGenerateKeyAlgorithm => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: Uint8Array.of(1, 0, 1),
})
async function keysOf(algorithm: SubtleCryptoGenerateKeyAlgorithm): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('not a pair')
  return keys
}
const pem = (der: string, label = 'CERTIFICATE') =>
  `-----BEGIN ${label}-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

/** A certificate as far as its validity, which begins at that time. */
function withTime(time: Uint8Array): Uint8Array {
  const element = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
    const content = concatBytes(...contents)
    const { length } = content
    return concatBytes(Uint8Array.of(tag, 0x83, length >> 16, length >> 8, length), content)
  }
  const [sequence, empty] = [0x30, element(0x30)]
  const serial = element(0x02, Uint8Array.of(1))
  const validity = element(sequence, element(0x17, time), element(0x17, time))
  return element(sequence, element(sequence, serial, empty, empty, validity, empty, empty))
}

const keys = await keysOf(rsa(2048))
const dates = {
  notBefore: new Date('2026-01-02T03:04:05Z'),
  notAfter: new Date('2036-01-02T03:04:05Z'),
}
const der = await selfSigned(keys, { commonName: 'idp.example.test', ...dates })

describe('a certificate', () => {
  it.each([
    ['bare base64', der],
    ['base64 in lines', der.replace(/.{64}/g, '$&\r\n')],
    ['PEM', pem(der)],
    ['PEM with words around it', `Bag Attributes\n  friendlyName: x\n${pem(der)}more`],
  ])('is read from %s', (_, text) => {
    const certificate = parseCertificate(text)
    expect(certificate).toMatchObject({
      ok: true,
      value: {
        subject: 'idp.example.test',
        key: { kind: 'rsa', bits: 2048 },
        notBefore: dates.notBefore.getTime(),
        notAfter: dates.notAfter.getTime(),
      },
    })
    expect(certificate.ok && toBase64Der(certificate.value)).toBe(der)
  })

  it.each([
    ['RSA of 1024 bits', rsa(1024), { kind: 'rsa', bits: 1024 }],
    ['RSA of 3072 bits', rsa(3072), { kind: 'rsa', bits: 3072 }],
    ['P-256', { name: 'ECDSA', namedCurve: 'P-256' }, { kind: 'ec', curve: 'P-256' }],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384' }, { kind: 'ec', curve: 'P-384' }],
    ['P-521', { name: 'ECDSA', namedCurve: 'P-521' }, { kind: 'ec', curve: 'P-521' }],
  ] as const)('tells its key: %s, as WebCrypto imports it', async (_, algorithm, key) => {
    const pair = await keysOf(algorithm)
    const certificate = parseCertificate(await selfSigned(pair))
    expect(certificate).toMatchObject({ ok: true, value: { key } })
    const spki = certificate.ok ? encodeBase64(certificate.value.spki) : ''
    const exported = await crypto.subtle.exportKey('spki', pair.publicKey)
    if (!(exported instanceof ArrayBuffer)) throw new Error('not bytes')
    expect(spki).toBe(encodeBase64(new Uint8Array(exported)))
  })

  it('is named by the SHA-256 of its DER', async () => {
    const certificate = parseCertificate(der)
    const bytes = decodeBase64(der)
    if (!certificate.ok || !bytes.ok) throw new Error('unreadable')
    expect(await fingerprintOf(certificate.value)).toBe(toHex(await sha256(bytes.value)))
  })

  it.each([
    ['', 'not-a-certificate'],
    ['nonsense!', 'not-base64'],
    [encodeBase64(new Uint8Array(300)), 'not-a-certificate'],
    [pem(der) + pem(der), 'several-certificates'],
    [pem(der, 'PRIVATE KEY'), 'a-private-key'],
    [pem(der, 'RSA PRIVATE KEY') + pem(der), 'a-private-key'],
    [pem(der).replace('END CERTIFICATE', 'END'), 'not-base64'],
    // By the square of their number it would be ten seconds.
    ['-----BEGIN CERTIFICATE-----'.repeat(37_000), 'not-base64'],
    [encodeBase64(withTime(new Uint8Array(400_000).fill(0x30))), 'not-a-certificate'],
  ])('is not %#: %s', (text, error) => {
    expect(parseCertificate(text)).toEqual({ ok: false, error })
  })

  it('is refused with a key of another kind', async () => {
    const ed25519 = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
    if (!('privateKey' in ed25519)) throw new Error('not a pair')
    const signing = await keysOf(rsa(2048))
    const foreign = { privateKey: signing.privateKey, publicKey: ed25519.publicKey }
    expect(parseCertificate(await selfSigned(foreign))).toEqual({
      ok: false,
      error: 'unsupported-key',
    })
  })

  it('never throws, cut anywhere or changed anywhere', () => {
    const bytes = decodeBase64(der)
    if (!bytes.ok) throw new Error('unreadable')
    const { value } = bytes
    const change = fc.record({
      at: fc.nat(value.length - 1),
      byte: fc.nat(255),
      length: fc.nat(value.length),
    })
    fc.assert(
      fc.property(change, ({ at, byte, length }) => {
        const changed = value.slice()
        changed[at] = byte
        for (const variant of [changed, value.slice(0, length)]) {
          expect(parseCertificate(encodeBase64(variant))).toHaveProperty('ok')
        }
      }),
      { numRuns: 500 },
    )
  })
})
