/** What we sign and publish, before judges that share no line with us: Node's OpenSSL, and xmlsec1 where it is. */
import { execFile, spawnSync } from 'node:child_process'
import { createVerify, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64, type Bytes } from '../src/lib/bytes.ts'
import { plusSeconds, toInstant, type Instant } from '../src/lib/instant.ts'
import {
  authnRequest,
  signedAuthnRequest,
  type AuthnRequest,
} from '../src/saml/outgoing/authn-request.ts'
import { redirectUrl } from '../src/saml/outgoing/binding.ts'
import {
  signedLogoutRequest,
  signedLogoutResponse,
  soapEnvelope,
  type LogoutRequest,
  type LogoutResponse,
} from '../src/saml/outgoing/logout.ts'
import { selfSigned } from '../src/saml/outgoing/self-signed.ts'
import { requestSignatures, type RequestSigner } from '../src/saml/outgoing/sign.ts'

const now = toInstant(Date.UTC(2026, 10, 24, 12))
const hasXmlsec = spawnSync('xmlsec1', ['--version']).status === 0

const request: AuthnRequest = {
  id: '_f00',
  issueInstant: new Date(now),
  issuer: 'https://app.example.com/.gatehouse/saml/okta/metadata',
  destination: 'https://idp.example.test/sso?a=1&b=<2>',
  acsUrl: 'https://app.example.com/.gatehouse/saml/okta/acs',
  subject: 'ada "&" <b>',
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  forceAuthn: true,
  authnContext: { comparison: 'exact', classRefs: ['urn:a & "b"', 'urn:ä\u{1f600}'] },
}

const logoutMessage = {
  id: '_f00',
  issueInstant: new Date(now),
  issuer: request.issuer,
  destination: 'https://idp.example.test/slo?a=1&b=<2>',
}
const logoutAsked: LogoutRequest = {
  ...logoutMessage,
  notOnOrAfter: new Date(now + 300_000),
  nameId: {
    value: 'ada "&" <b>',
    format: 'urn:a & "b"',
    nameQualifier: 'urn:ä\u{1f600}',
    spNameQualifier: request.issuer,
  },
  sessionIndexes: ['_1', ' <2> '],
}
const logoutAnswered: LogoutResponse = {
  ...logoutMessage,
  inResponseTo: '_asked',
  status: 'partial',
}

async function makeKeys(algorithm: RequestSigner['algorithm']): Promise<CryptoKeyPair> {
  const parameters =
    algorithm === 'ecdsa-sha256'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: 2048,
          publicExponent: Uint8Array.of(1, 0, 1),
        }
  const keys = await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
  return keys as CryptoKeyPair
}

async function certify(keys: CryptoKeyPair, serial: Bytes, from: Instant): Promise<Bytes> {
  const spki = new Uint8Array(
    (await crypto.subtle.exportKey('spki', keys.publicKey)) as ArrayBuffer,
  )
  const notAfter = plusSeconds(from, 10 * 365 * 86_400)
  const fields = { commonName: 'Gatehouse ä 1', spki, notBefore: from, notAfter, serial }
  return selfSigned(fields, keys.privateKey)
}

const pemOf = (der: Bytes): string =>
  `-----BEGIN CERTIFICATE-----\n${(encodeBase64(der).match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

describe.each(requestSignatures)('%s', (algorithm) => {
  let signer: RequestSigner
  let der: Bytes

  beforeAll(async () => {
    const keys = await makeKeys(algorithm)
    der = await certify(keys, crypto.getRandomValues(new Uint8Array(15)), now)
    signer = { algorithm, key: keys.privateKey, certificate: encodeBase64(der) }
  })

  it('has a certificate that OpenSSL reads, and finds signed by itself', () => {
    const certificate = new X509Certificate(der)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.subject).toBe('CN=Gatehouse ä 1')
    expect(certificate.issuer).toBe(certificate.subject)
    expect(certificate.validFromDate).toEqual(new Date(now))
    expect(certificate.validToDate).toEqual(new Date(now + 10 * 365 * 86_400_000))
  })

  it('has one from whatever serial, until after 2049', async () => {
    const keys = await makeKeys(algorithm)
    for (const first of [0, 1, 0x7f, 0x80, 0xff]) {
      const later = toInstant(Date.UTC(2045, 0, 1))
      const made = await certify(keys, Uint8Array.of(first, 2, 3), later)
      const certificate = new X509Certificate(made)
      expect(certificate.verify(certificate.publicKey)).toBe(true)
      expect(certificate.validToDate.getUTCFullYear()).toBe(2054)
      expect(certificate.serialNumber.toLowerCase()).toBe(
        `01${first.toString(16).padStart(2, '0')}0203`,
      )
    }
  })

  it.each(['https://idp.example.test/sso', 'https://idp.example.test/sso?tenant=a%20b'])(
    'signs a query by its very octets, to %s',
    async (ssoUrl) => {
      const xml = authnRequest(request)
      const url = await redirectUrl(ssoUrl, xml, "it's (a) *test*!", signer)
      const query = url.slice(url.indexOf('SAMLRequest='))
      const [signed = '', value = ''] = query.split('&Signature=')
      expect(signed.split('&').map((pair) => pair.split('=')[0])).toEqual([
        'SAMLRequest',
        'RelayState',
        'SigAlg',
      ])
      const verify = (octets: string) => {
        const key = { key: new X509Certificate(der).publicKey, dsaEncoding: 'ieee-p1363' } as const
        const signature = Buffer.from(decodeURIComponent(value), 'base64')
        return createVerify('SHA256').update(octets).verify(key, signature)
      }
      expect(verify(signed)).toBe(true)
      expect(verify(signed.replace('RelayState=it', 'RelayState=at'))).toBe(false)
      expect(verify(signed.replace('%27', "'"))).toBe(false)
      const { searchParams } = new URL(url)
      expect(searchParams.get('SigAlg')).toBe(`http://www.w3.org/2001/04/xmldsig-more#${algorithm}`)
      expect(searchParams.get('RelayState')).toBe("it's (a) *test*!")
      const deflated = Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64')
      expect(inflateRawSync(deflated).toString('utf8')).toBe(xml)
    },
  )

  /** What xmlsec1 says of the signature of a message whose document element has this name. */
  async function verdict(text: string, name: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'gatehouse-sent-'))
    try {
      const [file, certificateFile] = [join(directory, 'r.xml'), join(directory, 'c.pem')]
      await writeFile(certificateFile, pemOf(der))
      await writeFile(file, text)
      const id = `urn:oasis:names:tc:SAML:2.0:protocol:${name}`
      const options = ['--id-attr:ID', id, '--enabled-key-data', 'raw-x509-cert']
      const by = ['--pubkey-cert-pem', certificateFile]
      return await new Promise((resolve) => {
        execFile('xmlsec1', ['--verify', ...options, ...by, file], (_, out, err) =>
          resolve(/^(OK|FAIL|Error: signature failed)/m.exec(out + err)?.[1] ?? err),
        )
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  }

  it.skipIf(!hasXmlsec)('signs a form as xmlsec1 wants it', async () => {
    const xml = await signedAuthnRequest(request, signer)
    expect(await verdict(xml, 'AuthnRequest')).toBe('OK')
    const changed = xml.replace('app.example.com', 'app.example.org')
    expect(await verdict(changed, 'AuthnRequest')).not.toBe('OK')
  })

  it.skipIf(!hasXmlsec)('signs messages of logout as xmlsec1 wants them, in SOAP too', async () => {
    const both = [
      ['LogoutRequest', await signedLogoutRequest(logoutAsked, signer)],
      ['LogoutResponse', await signedLogoutResponse(logoutAnswered, signer)],
    ] as const
    for (const [name, xml] of both) {
      expect(await verdict(xml, name)).toBe('OK')
      expect(await verdict(soapEnvelope(xml), name)).toBe('OK')
      const changed = xml.replace('app.example.com', 'app.example.org')
      expect(await verdict(changed, name)).not.toBe('OK')
    }
  })

  it('signs a form right after its Issuer, by an ID that is its own', async () => {
    const xml = await signedAuthnRequest(request, signer)
    expect(xml).toMatch(/<\/saml:Issuer><ds:Signature [^>]*>.*<\/ds:Signature><saml:Subject/)
    expect(xml).toContain('<ds:Reference URI="#_f00">')
    expect(xml.replace(/<ds:Signature .*<\/ds:Signature>/, '')).toBe(authnRequest(request))
  })
})
