/** Certificates that are wrong in one place, built field by field. */
import { describe, expect, it } from 'vitest'
import { concatBytes, encodeBase64, utf8, type Bytes } from '../../src/lib/bytes.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import { selfSigned } from '../../tools/signing/certificate.ts'

const der = (tag: number, ...contents: readonly Uint8Array[]): Bytes => {
  const content = concatBytes(...contents)
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return concatBytes(Uint8Array.of(tag, ...size), content)
}
const [INTEGER, BIT_STRING, NULL, OID, UTF8, UTC, SEQUENCE, SET] = [
  0x02, 0x03, 0x05, 0x06, 0x0c, 0x17, 0x30, 0x31,
]
const sequence = (...contents: readonly Uint8Array[]) => der(SEQUENCE, ...contents)
const oid = (...bytes: readonly number[]) => der(OID, Uint8Array.from(bytes))
const bitString = (content: Uint8Array, unused = 0) =>
  der(BIT_STRING, Uint8Array.of(unused), content)

const RSA = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1)
const RSA_PSS = oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10)
const EC = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1)
const P256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]
const modulus = concatBytes(Uint8Array.of(0), new Uint8Array(256).fill(0xff))
const rsaKey = sequence(der(INTEGER, modulus), der(INTEGER, Uint8Array.of(1, 0, 1)))
const algorithm = sequence(RSA, der(NULL))
const time = der(UTC, utf8('260101000000Z'))
const named = (set: number, ...pair: readonly Uint8Array[]) => sequence(der(set, ...pair))
const commonName = sequence(oid(0x55, 4, 3), der(UTF8, utf8('idp.test')))

interface Fields {
  readonly version: Uint8Array
  readonly serial: Uint8Array
  readonly validity: Uint8Array
  readonly subject: Uint8Array
  readonly spki: Uint8Array
  readonly extra: Uint8Array
  readonly around: (certificate: Bytes) => Uint8Array
}

const good: Fields = {
  version: der(0xa0, der(INTEGER, Uint8Array.of(2))),
  serial: der(INTEGER, Uint8Array.of(1)),
  validity: sequence(time, time),
  subject: named(SET, commonName),
  spki: sequence(algorithm, bitString(rsaKey)),
  extra: new Uint8Array(),
  around: (certificate) => certificate,
}

function parse(changed: Partial<Fields>) {
  const fields = { ...good, ...changed }
  const tbs = sequence(
    fields.version,
    fields.serial,
    algorithm,
    named(SET, commonName),
    fields.validity,
    fields.subject,
    fields.spki,
    fields.extra,
  )
  const certificate = sequence(tbs, algorithm, bitString(new Uint8Array(256)))
  return parseCertificate(encodeBase64(fields.around(certificate)))
}

/** The same bytes, under the tag of something else. */
const retagged = (element: Uint8Array, tag: number): Uint8Array =>
  concatBytes(Uint8Array.of(tag), element.slice(1))

describe('a certificate', () => {
  it('is read when every field is as it should be', () => {
    expect(parse({})).toMatchObject({
      ok: true,
      value: { key: { kind: 'rsa', bits: 2048 }, subject: 'idp.test' },
    })
  })

  const wrong: readonly (readonly [string, Partial<Fields>])[] = [
    ['there are two', { around: (one) => concatBytes(one, one) }],
    ['it is no sequence', { around: (one) => retagged(one, SET) }],
    ['the serial number is no integer', { serial: der(OID, Uint8Array.of(1)) }],
    ['the validity is no sequence', { validity: retagged(good.validity, SET) }],
    ['the validity is empty', { validity: sequence() }],
    ['the validity has one time', { validity: sequence(time) }],
    ['the validity begins at no time', { validity: sequence(der(UTF8, utf8('now')), time) }],
    [
      'a time has an impossible month',
      { validity: sequence(der(UTC, utf8('261301000000Z')), time) },
    ],
    ['the subject is no sequence', { subject: retagged(good.subject, SET) }],
    ['the key is no sequence', { spki: retagged(good.spki, SET) }],
    ['a tag is of several bytes', { extra: Uint8Array.of(0x1f, 1, 0) }],
    ['a length is indefinite', { extra: Uint8Array.of(0x30, 0x80, 0, 0) }],
    ['a length takes four bytes', { extra: Uint8Array.of(0x30, 0x84, 0, 0, 0, 0) }],
    ['a field ends after its tag', { extra: Uint8Array.of(0x30) }],
    ['a field says that it is longer than it is', { extra: Uint8Array.of(0x30, 5, 0) }],
  ]
  it.each(wrong)('is none when %s', (_, changed) => {
    expect(parse(changed)).toEqual({ ok: false, error: 'not-a-certificate' })
  })

  it('is none when it is cut anywhere', async () => {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    if (!('privateKey' in keys)) throw new Error('not a pair')
    const whole = Uint8Array.from(atob(await selfSigned(keys)), (c) => c.charCodeAt(0))
    for (let length = 0; length < whole.length; length++) {
      const cut = parseCertificate(encodeBase64(whole.slice(0, length)))
      expect(cut).toEqual({ ok: false, error: 'not-a-certificate' })
    }
  })

  const key = (...contents: readonly Uint8Array[]) => ({ spki: sequence(...contents) })
  const unsupported: readonly (readonly [string, Partial<Fields>])[] = [
    ['its algorithm is no sequence', key(retagged(algorithm, SET), bitString(rsaKey))],
    ['its algorithm is not named', key(sequence(), bitString(rsaKey))],
    ['its algorithm is named otherwise', key(sequence(retagged(RSA, UTF8)), bitString(rsaKey))],
    ['it is for RSA-PSS alone', key(sequence(RSA_PSS), bitString(rsaKey))],
    ['its bits are no bits', key(algorithm, retagged(bitString(rsaKey), 0x04))],
    ['there are no bits', key(algorithm)],
    ['its bits do not end with a byte', key(algorithm, bitString(rsaKey, 1))],
    ['the RSA key is no sequence', key(algorithm, bitString(retagged(rsaKey, SET)))],
    ['the RSA key is empty', key(algorithm, bitString(sequence()))],
    ['the modulus is no integer', key(algorithm, bitString(sequence(der(OID, modulus))))],
    [
      'the modulus is nothing',
      key(algorithm, bitString(sequence(der(INTEGER, new Uint8Array(4))))),
    ],
    ['the curve is not named', key(sequence(EC), bitString(rsaKey))],
    ['the curve is unknown', key(sequence(EC, oid(0x2b, 0x81, 4, 0, 10)), bitString(rsaKey))],
    [
      'the curve is named otherwise',
      key(sequence(EC, der(UTF8, Uint8Array.from(P256))), bitString(rsaKey)),
    ],
  ]
  it.each(unsupported)('has no key for us when %s', (_, changed) => {
    expect(parse(changed)).toEqual({ ok: false, error: 'unsupported-key' })
  })

  it.each([
    ['nothing', sequence()],
    ['no set', named(SEQUENCE, commonName)],
    ['an empty set', named(SET)],
    ['another name', named(SET, sequence(oid(0x55, 4, 10), der(UTF8, utf8('x'))))],
    ['a name without a value', named(SET, sequence(oid(0x55, 4, 3)))],
    [
      'a name whose kind is no kind',
      named(SET, sequence(der(UTF8, Uint8Array.of(0x55, 4, 3)), der(UTF8))),
    ],
  ])('has no common name when its subject is %s', (_, subject) => {
    expect(parse({ subject })).toMatchObject({ ok: true, value: { subject: '' } })
  })
})
