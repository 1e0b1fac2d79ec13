/**
 * Messages of logout from the tests of node-saml and @boxyhq/saml20, byte for byte as they are there.
 * Each is judged at its own time and at its own address, so that only what it is counts.
 */
import { describe, expect, it } from 'vitest'
import { encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import {
  openLogoutRequest,
  openLogoutResponse,
  type LogoutExpect,
  type Received,
} from '../../src/saml/index.ts'
import { allowSha1 } from '../../src/saml/incoming/trust.ts'
import { decodePem, importDecryptionKeys } from '../../tools/signing/encryptor.ts'

const files = import.meta.glob('../vectors/logout/*', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const fileOf = (name: string): string => String(files[`../vectors/logout/${name}`])

const post = (name: string, parameter: 'SAMLRequest' | 'SAMLResponse'): Received => ({
  binding: 'post',
  body: new URLSearchParams({ [parameter]: encodeBase64(utf8(fileOf(name))) }).toString(),
})

const ONELOGIN = 'ONELOGIN_f92cc1834efc0f73e9c09f482fce80037a6251e7'
const NODE_SAML_SP = 'http://sp.example.com/demo1/metadata.php'
const decryptionKeys = await importDecryptionKeys(decodePem(fileOf('node-saml.key')))

/** In the test of node-saml a service provider is the sender, which is the identity provider here. */
const nodeSaml: LogoutExpect = {
  idp: { entityId: NODE_SAML_SP, certificates: [fileOf('node-saml.crt')] },
  sp: { entityId: NODE_SAML_SP, sloUrl: 'http://idp.example.com/SingleLogoutService.php' },
  now: new Date('2014-07-18T01:14:00Z'),
}
const signed = (name: string, expected: Partial<LogoutExpect> = {}) =>
  openLogoutRequest(post(name, 'SAMLRequest'), { ...nodeSaml, [allowSha1]: true, ...expected })

describe('a LogoutRequest of node-saml', () => {
  it('with a good signature says whose sessions end: all of the person', async () => {
    expect(await signed('good-signature.xml')).toMatchObject({
      ok: true,
      value: {
        nameId: ONELOGIN,
        nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
        spNameQualifier: NODE_SAML_SP,
        sessionIndexes: [],
      },
    })
  })

  it('with a SessionIndex says which one', async () => {
    expect(await signed('session-index.xml')).toMatchObject({
      ok: true,
      value: { nameId: ONELOGIN, sessionIndexes: ['1'] },
    })
  })

  it.each<[string, string, string, Partial<LogoutExpect>]>([
    // xmlsec1 1.2 says the same: the data and the digest do not match.
    ['a digest of something else', 'bad-signature.xml', 'digest-mismatch', {}],
    ['an EncryptedID, and we have no key', 'encrypted-rsa15.xml', 'no-decryption-key', {}],
    [
      'an EncryptedID that is of no namespace, and so none of SAML',
      'encrypted-oaep.xml',
      'unexpected-element',
      { sp: { ...nodeSaml.sp, decryptionKeys } },
    ],
    [
      'an EncryptedID by RSA 1.5',
      'encrypted-rsa15.xml',
      'encryption-not-allowed',
      { sp: { ...nodeSaml.sp, decryptionKeys } },
    ],
    [
      'an IssueInstant of years ago and a NotOnOrAfter in the past',
      'bad-expiration.xml',
      'logout-time',
      { now: new Date('2023-03-30T00:00:00Z') },
    ],
    ['an IssueInstant of years ago', 'good-signature.xml', 'logout-time', { now: new Date() }],
    [
      'the certificate of somebody else',
      'good-signature.xml',
      'signature-mismatch',
      { idp: { entityId: NODE_SAML_SP, certificates: [fileOf('auth0.crt')] } },
    ],
    [
      'another Destination',
      'good-signature.xml',
      'logout-destination',
      { sp: { entityId: NODE_SAML_SP, sloUrl: 'http://idp.example.com/slo' } },
    ],
  ])('is refused with %s', async (_, name, reason, expected) => {
    expect(await signed(name, expected)).toMatchObject({ ok: false, error: { reason } })
  })
})

it('a LogoutRequest of node-saml is refused for its SHA-1, unless that is allowed', async () => {
  expect(
    await openLogoutRequest(post('good-signature.xml', 'SAMLRequest'), nodeSaml),
  ).toMatchObject({ ok: false, error: { reason: 'sha1-not-allowed' } })
})

describe('a message of HTTP-Redirect without a signature is refused', () => {
  const expected: LogoutExpect = {
    idp: {
      entityId: 'http://localhost:20000/saml2/idp/metadata.php',
      certificates: [fileOf('node-saml.crt')],
    },
    sp: {
      entityId: 'http://idp.lvh.me:5000',
      sloUrl: 'http://idp.lvh.me:5000/auth/saml/ats/treadstone/idp_slo',
    },
    now: new Date('2018-04-11T14:04:00Z'),
  }
  const redirect = (parameter: string, name: string): Received => ({
    binding: 'redirect',
    query: new URLSearchParams({ [parameter]: fileOf(name).trim() }).toString(),
  })

  it('a LogoutRequest', async () => {
    expect(
      await openLogoutRequest(redirect('SAMLRequest', 'redirect-request.b64'), expected),
    ).toMatchObject({ ok: false, error: { reason: 'logout-unsigned' } })
  })

  it.each(['redirect-response.b64', 'redirect-response-failed.b64'])(
    'a LogoutResponse: %s',
    async (name) => {
      const now = new Date('2018-04-11T15:33:00Z')
      const answered = { ...expected, now, inResponseTo: '_79db1e7ad12ca1d63e5b' }
      expect(await openLogoutResponse(redirect('SAMLResponse', name), answered)).toMatchObject({
        ok: false,
        error: { reason: 'logout-unsigned' },
      })
    },
  )
})

describe('a LogoutResponse of Auth0', () => {
  const answer = (
    name: string,
    expected: Partial<LogoutExpect & { readonly inResponseTo: string }> = {},
  ) =>
    openLogoutResponse(post(name, 'SAMLResponse'), {
      idp: { entityId: 'urn:dev-tyj7qyzz.auth0.com', certificates: [fileOf('auth0.crt')] },
      sp: { entityId: 'http://localhost:3000', sloUrl: 'http://localhost:3000/slo' },
      now: new Date('2022-03-25T07:51:00Z'),
      inResponseTo: '_a0089b303b86a97080ff',
      [allowSha1]: true,
      ...expected,
    })

  it('says that the person is signed out', async () => {
    expect(await answer('auth0-response.xml')).toMatchObject({ ok: true, value: { status: 'all' } })
  })

  it.each([
    ['after its Status was changed', 'auth0-response-failed.xml', 'digest-mismatch', {}],
    ['to another request', 'auth0-response.xml', 'in-response-to', { inResponseTo: '_other' }],
  ])('is refused %s', async (_, name, reason, expected) => {
    expect(await answer(name, expected)).toMatchObject({ ok: false, error: { reason } })
  })
})
