/** The labels of Google Workspace and of Keycloak. Pure. */
import { nameIdWord, type Labels, type SpValues } from './labelled.ts'

/**
 * Google has no setting for encryption and none for single logout, and does not check the signatures
 * of requests.
 */
export const google = ({
  entityId,
  acsUrl,
  siteUrl,
  nameIdFormat,
  requireEncryption,
}: SpValues): Labels => ({
  place:
    'Google Admin console: Apps, Web and mobile apps, Add app, Add custom SAML app, Service provider details',
  paste: [
    { label: 'ACS URL', value: acsUrl },
    { label: 'Entity ID', value: entityId },
    { label: 'Start URL (optional)', value: siteUrl },
  ],
  choose: [
    { label: 'Signed response', value: 'on' },
    {
      label: 'Name ID format',
      value: nameIdWord(nameIdFormat, {
        none: 'EMAIL',
        email: 'EMAIL',
        unspecified: 'UNSPECIFIED',
        persistent: 'PERSISTENT',
        transient: 'TRANSIENT',
      }),
    },
    { label: 'Name ID', value: 'Basic Information > Primary email' },
    {
      label: 'Attributes, Add mapping',
      value: 'Primary email: email, First name: firstName, Last name: lastName',
    },
    {
      label: 'Group membership (optional)',
      value: 'choose the groups that your policies name; App attribute: groups',
    },
    { label: 'User access', value: 'On for everyone, or for the units that may sign in' },
    ...(requireEncryption
      ? [
          {
            label: 'Encryption',
            value: 'Google does not encrypt: let this connection accept plain assertions',
          },
        ]
      : []),
  ],
})

export const keycloak = ({
  entityId,
  acsUrl,
  sloUrl,
  siteUrl,
  nameIdFormat,
  requireEncryption,
  signRequests,
  certificateFile,
}: SpValues): Labels => ({
  place: 'Keycloak: your realm, Clients, Create client, Client type SAML',
  paste: [
    { label: 'Client ID', value: entityId },
    { label: 'Home URL', value: siteUrl },
    { label: 'Valid redirect URIs', value: acsUrl },
    { label: 'Master SAML Processing URL', value: acsUrl },
    { label: 'Logout Service POST Binding URL (tab Advanced)', value: sloUrl },
    { label: 'Logout Service Redirect Binding URL (tab Advanced)', value: sloUrl },
  ],
  choose: [
    {
      label: 'Name ID format',
      value: nameIdWord(nameIdFormat, {
        none: 'persistent, or email',
        email: 'email',
        unspecified: 'unspecified',
        persistent: 'persistent',
        transient: 'transient',
      }),
    },
    { label: 'Force POST binding', value: 'on' },
    { label: 'Front channel logout', value: 'on' },
    { label: 'Include AuthnStatement', value: 'on' },
    { label: 'Sign documents', value: 'on' },
    { label: 'Sign assertions', value: 'on' },
    { label: 'Signature algorithm', value: 'RSA_SHA256' },
    {
      label: 'Client signature required (tab Keys)',
      value: signRequests
        ? `on, Import key, Certificate PEM: ${certificateFile(signRequests)}`
        : 'off: requests are not signed',
    },
    {
      label: 'Encrypt assertions (tab Keys)',
      value: requireEncryption
        ? `on, Import key, Certificate PEM: ${certificateFile('encryption')}`
        : 'off, or as you like',
    },
    {
      label: 'Client scopes, the dedicated scope, Add mapper',
      value:
        'User Property: email as email; Group list: groups, with Single Group Attribute on and Full group path off',
    },
  ],
})
