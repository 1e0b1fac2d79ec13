import { concatBytes, encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'

/** @param label CERTIFICATE, PRIVATE KEY, … (RFC 7468). */
export const toPem = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`

const der = (tag: number, ...contents: readonly Uint8Array[]): Bytes => {
  const content = concatBytes(...contents)
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concatBytes(Uint8Array.of(tag, ...size), content)
}
const oid = (...bytes: readonly number[]) => der(0x06, Uint8Array.from(bytes))
const integer = (...bytes: readonly number[]) => der(0x02, Uint8Array.from(bytes))
const SHA256_WITH_RSA = der(0x30, oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), der(0x05))
const ECDSA_WITH_SHA256 = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2))

const utcTime = (at: Date) =>
  der(0x17, utf8(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
const name = (commonName: string) =>
  der(0x30, der(0x31, der(0x30, oid(0x55, 4, 3), der(0x0c, utf8(commonName)))))

/**
 * A self-signed X.509 certificate as base64 DER. The signature of an EC certificate is in the wrong
 * format; nothing here verifies it.
 */
export async function selfSigned(
  keys: CryptoKeyPair,
  options: { commonName?: string; notBefore?: Date; notAfter?: Date } = {},
): Promise<string> {
  const isRsa = keys.privateKey.algorithm.name === 'RSASSA-PKCS1-v1_5'
  const algorithm = isRsa ? SHA256_WITH_RSA : ECDSA_WITH_SHA256
  const subject = name(options.commonName ?? 'idp.example.test')
  const spki = new Uint8Array(
    (await crypto.subtle.exportKey('spki', keys.publicKey)) as ArrayBuffer,
  )
  const tbs = der(
    0x30,
    der(0xa0, integer(2)),
    integer(1, 2, 3, 4),
    algorithm,
    subject,
    der(
      0x30,
      utcTime(options.notBefore ?? new Date('2026-01-01T00:00:00Z')),
      utcTime(options.notAfter ?? new Date('2036-01-01T00:00:00Z')),
    ),
    subject,
    spki,
  )
  const parameters = isRsa ? { name: 'RSASSA-PKCS1-v1_5' } : { name: 'ECDSA', hash: 'SHA-256' }
  const signature = new Uint8Array(await crypto.subtle.sign(parameters, keys.privateKey, tbs))
  return encodeBase64(der(0x30, tbs, algorithm, der(0x03, Uint8Array.of(0), signature)))
}
