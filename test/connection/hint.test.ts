import { describe, expect, it } from 'vitest'
import { hintWayOf, isHintWay } from '../../src/connection/hint.ts'
import { connectionOf, usualSettings } from '../../tools/signing/connection.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'

const idp = await createTestIdp()

describe('how an identity provider is told who is about to sign in', () => {
  it.each([
    ['https://login.microsoftonline.com/7f0e5a0c/saml2', 'login_hint'],
    ['https://login.microsoftonline.us/7f0e5a0c/saml2', 'login_hint'],
    ['https://login.partner.microsoftonline.cn/7f0e5a0c/saml2', 'login_hint'],
    ['https://accounts.google.com/o/saml2/idp?idpid=C01abc', 'login_hint'],
    ['https://acme.okta.com/app/acme_wiki_1/exk1/sso/saml', 'LoginHint'],
    ['https://acme.oktapreview.com/app/acme_wiki_1/exk1/sso/saml', 'LoginHint'],
    ['https://id.acme.com/realms/acme/protocol/saml', 'subject'],
    ['https://id.acme.com/auth/realms/acme/protocol/saml', 'subject'],
    ['https://acme.onelogin.com/trust/saml2/http-post/sso/7', 'none'],
    ['https://okta.com.evil.example/sso', 'none'],
    ['https://evilokta.com/sso', 'none'],
    ['https://login.microsoftonline.com.evil.example/sso', 'none'],
    ['https://idp.example.test/sso?x=/realms/a/protocol/saml', 'none'],
  ])('is known by its SSO URL: %s', (ssoUrl, way) => {
    expect(hintWayOf(connectionOf(idp, { ssoUrl }))).toBe(way)
  })

  it.each(['none', 'subject', 'username'])('is what the connection says: %s', (loginHint) => {
    const ssoUrl = 'https://acme.okta.com/app/acme_wiki_1/exk1/sso/saml'
    const settings = { ...usualSettings, loginHint }
    expect(hintWayOf(connectionOf(idp, { ssoUrl, settings }))).toBe(loginHint)
  })

  it.each(['login_hint', 'LoginHint', 'username', 'auto', 'none', 'subject', 'x-y.z'])(
    'may be %s',
    (text) => expect(isHintWay(text)).toBe(true),
  )

  it.each(['', 'a b', 'a&b', 'a=b', '1a', 'SAMLRequest', 'relaystate', 'SigAlg', 'x'.repeat(41)])(
    'may not be "%s"',
    (text) => expect(isHintWay(text)).toBe(false),
  )
})
