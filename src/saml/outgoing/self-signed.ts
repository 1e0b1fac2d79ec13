/**
 * Makes our own certificates. IdPs take a public key only inside an X.509 certificate (RFC 5280
 * §4.1).
 */
import { concatBytes, utf8, type Bytes } from '../../lib/bytes.ts'
import { toIso, type Instant } from '../../lib/instant.ts'

export interface CertificateFields {
  readonly commonName: string
  /** SubjectPublicKeyInfo. */
  readonly spki: Bytes
  readonly notBefore: Instant
  readonly notAfter: Instant
  /** Random; at most 19 bytes. */
  readonly serial: Bytes
}

/**
 * The DER of an X.509 v3 certificate without extensions. @param key the private key, RSA or P-256.
 */
export async function selfSigned(fields: CertificateFields, key: CryptoKey): Promise<Bytes> {
  const isRsa = key.algorithm.name === 'RSASSA-PKCS1-v1_5'
  const algorithm = isRsa ? SHA256_WITH_RSA : ECDSA_WITH_SHA256
  const name = nameOf(fields.commonName)
  const body = der(
    SEQUENCE,
    der(VERSION, integer(Uint8Array.of(2))),
    // The leading byte 1 keeps the serial positive and its length fixed.
    integer(concatBytes(Uint8Array.of(1), fields.serial)),
    algorithm,
    name,
    der(SEQUENCE, timeOf(fields.notBefore), timeOf(fields.notAfter)),
    name,
    fields.spki,
  )
  const parameters = isRsa ? { name: 'RSASSA-PKCS1-v1_5' } : { name: 'ECDSA', hash: 'SHA-256' }
  const signature = new Uint8Array(await crypto.subtle.sign(parameters, key, body))
  const value = isRsa ? signature : ecdsaValue(signature)
  return der(SEQUENCE, body, algorithm, der(BIT_STRING, Uint8Array.of(0), value))
}

const [INTEGER, BIT_STRING, NULL, OID, UTF8_STRING] = [0x02, 0x03, 0x05, 0x06, 0x0c]
const [UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET, VERSION] = [0x17, 0x18, 0x30, 0x31, 0xa0]

function der(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const content = concatBytes(...contents)
  const { length } = content
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concatBytes(Uint8Array.of(tag, ...size), content)
}

/** A DER INTEGER of a non-negative number, in the fewest bytes (X.690 §8.3.2). */
function integer(bytes: Uint8Array): Bytes {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bytes.slice(first)
  return der(INTEGER, Uint8Array.of(...((digits[0] ?? 0) >= 0x80 ? [0] : [])), digits)
}

const oid = (...bytes: readonly number[]): Bytes => der(OID, Uint8Array.from(bytes))
const SHA256_WITH_RSA = der(
  SEQUENCE,
  oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b),
  der(NULL),
)
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const COMMON_NAME = oid(0x55, 0x04, 0x03)

const nameOf = (commonName: string): Bytes =>
  der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, utf8(commonName)))))

/** RFC 5280 §4.1.2.5: years until 2049 are UTCTime, with two digits. */
function timeOf(at: Instant): Bytes {
  const digits = toIso(at).replace(/[-:T]/g, '').slice(0, 14)
  return digits < '2050'
    ? der(UTC_TIME, utf8(`${digits.slice(2)}Z`))
    : der(GENERALIZED_TIME, utf8(`${digits}Z`))
}

/** WebCrypto puts r and s side by side; X.509 wants a SEQUENCE of two INTEGERs. */
const ecdsaValue = (signature: Bytes): Bytes =>
  der(
    SEQUENCE,
    integer(signature.slice(0, signature.length / 2)),
    integer(signature.slice(signature.length / 2)),
  )
