/** What an operator enters at an identity provider, under the labels of its own console. Pure. */
import { signatureOf } from './connection.ts'
import { google, keycloak } from './labels-google-keycloak.ts'
import { nameIdWord, type Labels, type SpValues } from './labelled.ts'

export const knownIdps = ['generic', 'okta', 'onelogin', 'entra', 'google', 'keycloak'] as const
export type KnownIdp = (typeof knownIdps)[number]

/** As people call them. */
export const idpNames: Readonly<Record<KnownIdp, string>> = {
  okta: 'Okta',
  onelogin: 'OneLogin',
  entra: 'Microsoft Entra ID',
  google: 'Google Workspace',
  keycloak: 'Keycloak',
  generic: 'another identity provider',
}

export function labelsFor(idp: KnownIdp, values: SpValues): Labels {
  switch (idp) {
    case 'okta':
      return okta(values)
    case 'onelogin':
      return oneLogin(values)
    case 'entra':
      return entra(values)
    case 'google':
      return google(values)
    case 'keycloak':
      return keycloak(values)
    case 'generic':
      return generic(values)
  }
}

const okta = (values: SpValues): Labels => ({
  place: 'Okta: Applications, Create App Integration, SAML 2.0, Configure SAML',
  paste: [
    { label: 'Single sign-on URL', value: values.acsUrl },
    { label: 'Audience URI (SP Entity ID)', value: values.entityId },
    { label: 'Single Logout URL', value: values.sloUrl },
    { label: 'SP Issuer', value: values.entityId },
  ],
  choose: [
    { label: 'Use this for Recipient URL and Destination URL', value: 'on' },
    { label: 'Default RelayState', value: 'leave empty' },
    {
      label: 'Name ID format',
      value: nameIdWord(values.nameIdFormat, {
        none: 'EmailAddress',
        email: 'EmailAddress',
        unspecified: 'Unspecified',
        persistent: 'Persistent',
        transient: 'Transient',
      }),
    },
    { label: 'Application username', value: 'Okta username' },
    { label: 'Response', value: 'Signed' },
    { label: 'Assertion Signature', value: 'Signed' },
    { label: 'Signature Algorithm', value: 'RSA-SHA256' },
    { label: 'Digest Algorithm', value: 'SHA256' },
    ...(values.requireEncryption
      ? [
          { label: 'Assertion Encryption', value: 'Encrypted' },
          { label: 'Encryption Algorithm', value: 'AES256-GCM, or AES256-CBC' },
          { label: 'Key Transport Algorithm', value: 'RSA-OAEP' },
          { label: 'Encryption Certificate', value: values.certificateFile('encryption') },
        ]
      : [{ label: 'Assertion Encryption', value: 'Unencrypted, or as you like' }]),
    {
      label: 'Signature Certificate',
      value: values.certificateFile(signatureOf(values.signRequests)),
    },
    { label: 'Enable Single Logout', value: 'Allow application to initiate Single Logout: on' },
    ...(values.signRequests ? [{ label: 'Signed Requests', value: 'on' }] : []),
    {
      label: 'Attribute Statements',
      value: 'email = user.email, firstName = user.firstName, lastName = user.lastName',
    },
    { label: 'Group Attribute Statements', value: 'groups, Matches regex, .*' },
  ],
})

const oneLogin = ({
  entityId,
  acsUrl,
  sloUrl,
  siteUrl,
  nameIdFormat,
  requireEncryption,
  certificateFile,
}: SpValues): Labels => ({
  place: 'OneLogin: Applications, Add App, SAML Custom Connector (Advanced), Configuration',
  paste: [
    { label: 'Audience (EntityID)', value: entityId },
    { label: 'Recipient', value: acsUrl },
    { label: 'ACS (Consumer) URL Validator', value: `^${acsUrl.replace(/[.+/]/g, '\\$&')}$` },
    { label: 'ACS (Consumer) URL', value: acsUrl },
    { label: 'Single Logout URL', value: sloUrl },
    { label: 'Login URL', value: siteUrl },
  ],
  choose: [
    { label: 'RelayState', value: 'leave empty' },
    { label: 'SAML initiator', value: 'Service Provider' },
    {
      label: 'SAML nameID format',
      value: nameIdWord(nameIdFormat, {
        none: 'Email',
        email: 'Email',
        unspecified: 'Unspecified',
        persistent: 'Persistent',
        transient: 'Transient',
      }),
    },
    { label: 'SAML signature element', value: 'Both' },
    { label: 'Sign SLO Request, Sign SLO Response', value: 'on' },
    { label: 'Encrypt assertion', value: requireEncryption ? 'on' : 'off, or as you like' },
    ...(requireEncryption
      ? [
          { label: 'SAML encryption method', value: 'AES-256-CBC' },
          { label: 'The public key to encrypt with', value: certificateFile('encryption') },
        ]
      : []),
    { label: 'SAML Signature Algorithm (tab SSO)', value: 'SHA-256' },
    {
      label: 'Parameters',
      value: 'email, firstName, lastName, groups, each with Include in SAML assertion',
    },
  ],
})

const entra = ({
  entityId,
  acsUrl,
  sloUrl,
  siteUrl,
  nameIdFormat,
  requireEncryption,
  signRequests,
  certificateFile,
}: SpValues): Labels => ({
  place: 'Entra ID: Enterprise applications, your application, Single sign-on, SAML',
  paste: [
    { label: 'Identifier (Entity ID)', value: entityId },
    { label: 'Reply URL (Assertion Consumer Service URL)', value: acsUrl },
    { label: 'Sign on URL', value: siteUrl },
    { label: 'Logout URL (Optional)', value: sloUrl },
  ],
  choose: [
    { label: 'Relay State', value: 'leave empty' },
    {
      label: 'Unique User Identifier (Name ID), Name identifier format',
      value: nameIdWord(nameIdFormat, {
        none: 'Persistent, or Email address',
        email: 'Email address',
        unspecified: 'Unspecified',
        persistent: 'Persistent',
        transient: 'Default',
      }),
    },
    { label: 'Signing Option', value: 'Sign SAML response and assertion' },
    { label: 'Signing Algorithm', value: 'SHA-256' },
    {
      label: 'Verification certificates',
      value: signRequests
        ? `${certificateFile(signRequests)}; with Require verification certificates`
        : 'none: requests are not signed',
    },
    {
      label: 'Token encryption',
      value: requireEncryption
        ? `Import Certificate: ${certificateFile('encryption')}; then Activate token encryption certificate`
        : 'off, or as you like',
    },
    {
      label: 'Add a group claim',
      value: 'Groups assigned to the application (beyond 150 Entra sends none)',
    },
  ],
})

const generic = ({
  entityId,
  acsUrl,
  sloUrl,
  siteUrl,
  nameIdFormat,
  requireEncryption,
  signRequests,
}: SpValues): Labels => ({
  place: 'At the identity provider, as a new SAML 2.0 service provider',
  paste: [
    { label: 'SP entity ID, Audience', value: entityId },
    { label: 'ACS URL, Recipient, Destination (HTTP-POST)', value: acsUrl },
    { label: 'SP metadata, instead of the two', value: entityId },
    { label: 'Application URL', value: siteUrl },
    { label: 'Single logout URL, by HTTP-Redirect or HTTP-POST', value: sloUrl },
  ],
  choose: [
    {
      label: 'NameID format',
      value: nameIdFormat ?? 'persistent or emailAddress: the same at each sign-in',
    },
    { label: 'Signed', value: 'Response and Assertion, or one of them' },
    { label: 'Signature and digest', value: 'SHA-256 or better' },
    {
      label: 'Assertion encryption',
      value: requireEncryption
        ? 'on: AES-GCM (or AES-CBC), key by RSA-OAEP, for the certificate in our metadata'
        : 'off, or as you like',
    },
    ...(signRequests
      ? [{ label: 'Signed requests', value: 'wanted, by the certificate in our metadata' }]
      : []),
    { label: 'Messages of single logout', value: 'signed, as ours are' },
    { label: 'Attributes', value: 'email, displayName, groups' },
  ],
})
