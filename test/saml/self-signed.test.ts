/** The bytes of our own certificates; that OpenSSL reads and verifies them is in test/sent.test.ts. */
import { describe, expect, it } from 'vitest'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { selfSigned } from '../../src/saml/outgoing/self-signed.ts'
import { authnRequest, signedAuthnRequest } from '../../src/saml/outgoing/authn-request.ts'

const now = toInstant(Date.UTC(2026, 10, 24, 12))
const generated = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])
const keys = generated as CryptoKeyPair
const exported = await crypto.subtle.exportKey('spki', keys.publicKey)
const spki = new Uint8Array(exported as ArrayBuffer)

describe('the two numbers of an ECDSA signature', () => {
  it('are positive, and in as few bytes as DER wants', async () => {
    const firstBytes = new Set<boolean>()
    // Half of all numbers begin with a bit that DER would take for a minus.
    for (let i = 0; i < 64; i++) {
      const notAfter = plusSeconds(now, i)
      const serial = Uint8Array.of(i)
      const fields = { commonName: 'a', spki, notBefore: now, notAfter, serial }
      const der = await selfSigned(fields, keys.privateKey)
      for (const number of lastTwoNumbers(der)) {
        const [first = 0, second = 0] = number
        expect(first).toBeLessThan(0x80)
        if (first === 0) expect(second).toBeGreaterThanOrEqual(0x80)
        firstBytes.add(first === 0)
      }
    }
    expect(firstBytes).toEqual(new Set([true, false]))
  })
})

/** Of SEQUENCE { r INTEGER, s INTEGER }, which ends the certificate in a BIT STRING. */
function lastTwoNumbers(der: Uint8Array): readonly Uint8Array[] {
  for (let at = der.length - 80; at < der.length; at++) {
    const [sequence, length, integer, size = 0] = der.slice(at, at + 4)
    if (sequence !== 0x30 || integer !== 0x02 || at + 2 + (length ?? 0) !== der.length) continue
    const r = der.slice(at + 4, at + 4 + size)
    return [r, der.slice(at + 6 + size)]
  }
  throw new Error('no signature of two numbers')
}

describe('a request that is to be signed', () => {
  it('is not, when it holds what no XML can', async () => {
    const request = {
      id: '_f00',
      issueInstant: new Date(now),
      issuer: 'https://app.example.com/\u0001',
      destination: 'https://idp.example.test/sso',
      acsUrl: 'https://app.example.com/acs',
      subject: null,
      nameIdFormat: null,
      forceAuthn: false,
      authnContext: null,
    }
    expect(authnRequest(request)).toContain('\u0001')
    const signer = { algorithm: 'ecdsa-sha256', key: keys.privateKey, certificate: '' } as const
    await expect(signedAuthnRequest(request, signer)).rejects.toThrow('is no XML: not-well-formed')
  })
})
