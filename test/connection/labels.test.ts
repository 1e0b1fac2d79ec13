import { describe, expect, it } from 'vitest'
import type { SpValues } from '../../src/connection/labelled.ts'
import { knownIdps, labelsFor } from '../../src/connection/labels.ts'

const values: SpValues = {
  entityId: 'https://app.example.com/.gatehouse/saml/acme/metadata',
  acsUrl: 'https://app.example.com/.gatehouse/saml/acme/acs',
  sloUrl: 'https://login.example.com/.gatehouse/saml/okta/slo',
  siteUrl: 'https://app.example.com',
  nameIdFormat: null,
  requireEncryption: false,
  signRequests: null,
  certificateFile: (kind) => `the ${kind} file`,
}
const pasted = (idp: (typeof knownIdps)[number]) =>
  labelsFor(idp, values).paste.map(({ label, value }) => [label, value])

describe('what is entered at an IdP', () => {
  it('stands under the labels of Okta', () => {
    expect(pasted('okta')).toEqual([
      ['Single sign-on URL', values.acsUrl],
      ['Audience URI (SP Entity ID)', values.entityId],
      ['Single Logout URL', values.sloUrl],
      ['SP Issuer', values.entityId],
    ])
    // Okta verifies LogoutRequests by it, and takes none that is not signed.
    expect(labelsFor('okta', values).choose).toContainEqual({
      label: 'Signature Certificate',
      value: 'the rsa-sha256 file',
    })
  })

  it('stands under the labels of OneLogin, and its validator takes the ACS URL and no other', () => {
    const labels = new Map(labelsFor('onelogin', values).paste.map((p) => [p.label, p.value]))
    expect(labels.get('Audience (EntityID)')).toBe(values.entityId)
    expect(labels.get('ACS (Consumer) URL')).toBe(values.acsUrl)
    expect(labels.get('Single Logout URL')).toBe(values.sloUrl)
    const validator = new RegExp(labels.get('ACS (Consumer) URL Validator') ?? '')
    expect(validator.test(values.acsUrl)).toBe(true)
    expect(validator.test(`${values.acsUrl}?x`)).toBe(false)
    expect(validator.test(values.acsUrl.replace('.gatehouse', 'xgatehouse'))).toBe(false)
  })

  it('stands under the labels of Entra ID', () => {
    expect(pasted('entra')).toEqual([
      ['Identifier (Entity ID)', values.entityId],
      ['Reply URL (Assertion Consumer Service URL)', values.acsUrl],
      ['Sign on URL', values.siteUrl],
      ['Logout URL (Optional)', values.sloUrl],
    ])
  })

  it('stands under the labels of Google Workspace and of Keycloak', () => {
    expect(pasted('google')).toEqual([
      ['ACS URL', values.acsUrl],
      ['Entity ID', values.entityId],
      ['Start URL (optional)', values.siteUrl],
    ])
    expect(pasted('keycloak')).toEqual([
      ['Client ID', values.entityId],
      ['Home URL', values.siteUrl],
      ['Valid redirect URIs', values.acsUrl],
      ['Master SAML Processing URL', values.acsUrl],
      ['Logout Service POST Binding URL (tab Advanced)', values.sloUrl],
      ['Logout Service Redirect Binding URL (tab Advanced)', values.sloUrl],
    ])
  })

  it('names the Name ID format that the connection asks for, in the words of each', () => {
    const format = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
    const own = knownIdps.map((idp) =>
      labelsFor(idp, { ...values, nameIdFormat: format }).choose.map(({ value }) => value),
    )
    expect(own[knownIdps.indexOf('okta')]).toContain('EmailAddress')
    expect(own[knownIdps.indexOf('onelogin')]).toContain('Email')
    expect(own[knownIdps.indexOf('entra')]).toContain('Email address')
    expect(own[knownIdps.indexOf('google')]).toContain('EMAIL')
    expect(own[knownIdps.indexOf('keycloak')]).toContain('email')
    expect(own[knownIdps.indexOf('generic')]).toContain(format)
    const other = labelsFor('okta', { ...values, nameIdFormat: 'urn:example:format' })
    expect(other.choose.map(({ value }) => value)).toContain('urn:example:format')
  })

  it('says how to encrypt and where the certificate comes from, where that is required', () => {
    for (const idp of knownIdps) {
      const words = (requireEncryption: boolean) =>
        labelsFor(idp, { ...values, requireEncryption })
          .choose.map(({ label, value }) => `${label}: ${value}`)
          .join('\n')
      expect(words(false)).not.toMatch(/encryption file|RSA-OAEP/)
      expect(words(true)).toMatch(
        /the encryption file|certificate in our metadata|Google does not encrypt/,
      )
    }
  })

  it('says which certificate verifies signed requests', () => {
    const entra = labelsFor('entra', { ...values, signRequests: 'rsa-sha256' }).choose
    expect(entra.find(({ label }) => label === 'Verification certificates')?.value).toContain(
      'the rsa-sha256 file',
    )
  })
})
