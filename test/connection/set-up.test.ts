import { describe, expect, it } from 'vitest'
import { knownIdps } from '../../src/connection/labels.ts'
import { guessIdp, metadataPlaces, parseIdp, scimLabelsFor } from '../../src/connection/set-up.ts'

const BASE = 'https://login.example.com/.gatehouse/scim/acme/v2'

describe('the identity provider of a connection', () => {
  it.each([
    ['https://acme.okta.com/app/x/sso/saml', 'okta'],
    ['https://acme.onelogin.com/trust/saml2/http-post/sso/7', 'onelogin'],
    ['https://login.microsoftonline.com/7f0e5a0c/saml2', 'entra'],
    ['https://accounts.google.com/o/saml2/idp?idpid=C01abc', 'google'],
    ['https://id.acme.com/realms/acme/protocol/saml', 'keycloak'],
    ['https://evilokta.com/sso', 'generic'],
    ['https://okta.com.evil.example/sso', 'generic'],
    ['https://idp.example.test/sso', 'generic'],
  ])('is known by its SSO URL: %s', (ssoUrl, idp) => {
    expect(guessIdp({ id: 'acme', ssoUrl })).toBe(idp)
  })

  it.each([
    ['okta', 'okta'],
    ['acme-google', 'google'],
    ['acme-oktal', 'generic'],
  ])('is guessed by the id of a draft: %s', (id, idp) => {
    expect(guessIdp({ id, ssoUrl: '' })).toBe(idp)
  })

  it('is one of those that are known, and no other word', () => {
    expect(knownIdps.map(parseIdp)).toEqual(knownIdps)
    expect([parseIdp('ping'), parseIdp(null), parseIdp('constructor')]).toEqual([null, null, null])
  })
})

describe('the directory', () => {
  it('is given the base URL under the label of each identity provider that speaks SCIM', () => {
    const labels = knownIdps.map((idp) => scimLabelsFor(idp, BASE)?.paste[0])
    expect(labels).toEqual(
      [
        'Base URL, Tenant URL, Endpoint',
        'SCIM connector base URL',
        'SCIM Base URL',
        'Tenant URL',
        null,
        null,
      ].map((label) => (label === null ? undefined : { label, value: BASE })),
    )
  })

  it('Google alone shows its metadata before it asks for our addresses', () => {
    expect(knownIdps.filter((idp) => metadataPlaces[idp].isFirst)).toEqual(['google'])
  })
})
