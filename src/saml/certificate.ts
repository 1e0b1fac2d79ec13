/**
 * The parts of an X.509 certificate (RFC 5280 §4.1) that Gatehouse uses: the key, its strength and
 * the dates. The operator pins the certificate, and that is all the trust: no chain is built. The
 * dates are shown, not enforced, because many IdPs sign for years with an expired certificate.
 */
import { decodeBase64, encodeBase64, sha256, toHex, type Bytes } from '../lib/bytes.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseTime } from '../lib/time.ts'

export interface Certificate {
  readonly der: Bytes
  /** DER of the SubjectPublicKeyInfo, as WebCrypto imports it ('spki'). */
  readonly spki: Bytes
  readonly key: CertificateKey
  /** Common name of the subject, to show to people; '' when there is none. */
  readonly subject: string
  readonly notBefore: Instant
  readonly notAfter: Instant
}

export type CertificateKey =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' }

export type CertificateFault =
  'not-base64' | 'not-a-certificate' | 'a-private-key' | 'several-certificates' | 'unsupported-key'

/** Takes one PEM block, or the bare base64 of the DER, as metadata has it. Never throws. */
export function parseCertificate(text: string): Result<Certificate, CertificateFault> {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return err('a-private-key')
  const framed = Array.from(text.matchAll(PEM), (match) => match[1] ?? '')
  if (framed.length > 1) return err('several-certificates')
  const der = decodeBase64((framed[0] ?? text).trim())
  if (!der.ok) return der
  return readCertificate(der.value)
}

/** SHA-256 of the DER, lower-case hex. */
export const fingerprintOf = async (certificate: Certificate): Promise<string> =>
  toHex(await sha256(certificate.der))

export const toBase64Der = (certificate: Certificate): string => encodeBase64(certificate.der)

const PEM = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g

interface Der {
  readonly tag: number
  /** Offset of the element's first byte (its tag) in the bytes that it was read from. */
  readonly start: number
  readonly end: number
  readonly content: Bytes
}

const [INTEGER, BIT_STRING, OID, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET, VERSION] = [
  0x02, 0x03, 0x06, 0x17, 0x18, 0x30, 0x31, 0xa0,
]
const RSA_ENCRYPTION = '2a864886f70d010101'
const EC_PUBLIC_KEY = '2a8648ce3d0201'
const COMMON_NAME = '550403'
const curves: Readonly<Record<string, 'P-256' | 'P-384' | 'P-521'>> = {
  '2a8648ce3d030107': 'P-256',
  '2b81040022': 'P-384',
  '2b81040023': 'P-521',
}

function readCertificate(der: Bytes): Result<Certificate, CertificateFault> {
  const certificate = readAll(der)
  const [tbs] = certificate?.[0]?.tag === SEQUENCE ? (readAll(certificate[0].content) ?? []) : []
  if (certificate?.length !== 1 || tbs?.tag !== SEQUENCE) return err('not-a-certificate')
  const fields = (readAll(tbs.content) ?? []).filter((field) => field.tag !== VERSION)
  // In order: serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
  const [serial, , , validity, subject, spki] = fields
  if (serial?.tag !== INTEGER || validity?.tag !== SEQUENCE || subject?.tag !== SEQUENCE) {
    return err('not-a-certificate')
  }
  const [notBefore, notAfter] = (readAll(validity.content) ?? []).map(readTime)
  // Compared with null: the time 0 (1970-01-01) is a valid date.
  if (spki?.tag !== SEQUENCE || notBefore == null || notAfter == null) {
    return err('not-a-certificate')
  }
  const key = readKey(spki)
  if (!key) return err('unsupported-key')
  return ok({
    der,
    spki: tbs.content.subarray(spki.start, spki.end),
    key,
    subject: readCommonName(subject),
    notBefore,
    notAfter,
  })
}

function readKey(spki: Der): CertificateKey | null {
  const [algorithm, bits] = readAll(spki.content) ?? []
  if (algorithm?.tag !== SEQUENCE || bits?.tag !== BIT_STRING || bits.content[0] !== 0) return null
  const [oid, parameters] = readAll(algorithm.content) ?? []
  if (oid?.tag !== OID) return null
  if (toHex(oid.content) === EC_PUBLIC_KEY) {
    const curve = parameters?.tag === OID ? curves[toHex(parameters.content)] : undefined
    return curve ? { kind: 'ec', curve } : null
  }
  if (toHex(oid.content) !== RSA_ENCRYPTION) return null
  const [key] = readAll(bits.content.subarray(1)) ?? []
  const [modulus] = key?.tag === SEQUENCE ? (readAll(key.content) ?? []) : []
  if (modulus?.tag !== INTEGER) return null
  const first = modulus.content.findIndex((byte) => byte !== 0)
  const leading = modulus.content[first]
  if (leading === undefined) return null
  return { kind: 'rsa', bits: (modulus.content.length - first) * 8 - (Math.clz32(leading) - 24) }
}

function readTime(field: Der): Instant | null {
  const text = String.fromCharCode(...field.content.subarray(0, 16))
  const [, year, month, day, hour, minute, second] =
    (field.tag === UTC_TIME && /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)) ||
    (field.tag === GENERALIZED_TIME && /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)) ||
    []
  if (year === undefined) return null
  // RFC 5280 §4.1.2.5.1: two-digit years from 50 on belong to the 20th century.
  const century = year.length === 4 ? '' : Number(year) >= 50 ? '19' : '20'
  return parseTime(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

function readCommonName(name: Der): string {
  for (const set of readAll(name.content) ?? []) {
    const [pair] = set.tag === SET ? (readAll(set.content) ?? []) : []
    const [type, value] = pair ? (readAll(pair.content) ?? []) : []
    if (type?.tag === OID && value && toHex(type.content) === COMMON_NAME) {
      return decoder.decode(value.content)
    }
  }
  return ''
}

const decoder = new TextDecoder()

/**
 * The DER elements that fill the bytes, in order. null: the bytes are not a sequence of DER
 * elements of definite length.
 */
function readAll(bytes: Bytes): readonly Der[] | null {
  const elements: Der[] = []
  for (let at = 0; at < bytes.length;) {
    const element = readOne(bytes, at)
    if (!element) return null
    elements.push(element)
    at = element.end
  }
  return elements
}

function readOne(bytes: Bytes, at: number): Der | null {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first >= 0x80 && (lengthBytes === 0 || lengthBytes > 3)) return null
  let length = first < 0x80 ? first : 0
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0)
  const contentAt = at + 2 + lengthBytes
  const end = contentAt + length
  return end > bytes.length
    ? null
    : { tag, start: at, end, content: bytes.subarray(contentAt, end) }
}

/** RFC 7468. @param base64 the DER, without line breaks. */
export const toPem = (base64: string): string =>
  [
    '-----BEGIN CERTIFICATE-----',
    ...(base64.match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----',
  ].join('\n')
