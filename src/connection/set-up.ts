/** How each identity provider is set up beside its labels: the order, its metadata, its directory. Pure. */
import { isDraft, type Connection } from './connection.ts'
import type { Labels } from './labelled.ts'
import { knownIdps, type KnownIdp } from './labels.ts'
import { guessIdp } from './lint.ts'

export interface MetadataPlace {
  /** Whether its console shows the metadata before it asks for our addresses. */
  readonly isFirst: boolean
  /** Where an admin finds the metadata. */
  readonly where: string
  readonly comesAs: 'url' | 'file'
}

export const metadataPlaces: Readonly<Record<KnownIdp, MetadataPlace>> = {
  okta: {
    isFirst: false,
    where: 'Okta: the tab Sign On of the application, Metadata URL.',
    comesAs: 'url',
  },
  onelogin: {
    isFirst: false,
    where: 'OneLogin: save the application first, then More Actions, SAML Metadata.',
    comesAs: 'file',
  },
  entra: {
    isFirst: false,
    where:
      'Entra ID: Single sign-on of the application, SAML Certificates, App Federation Metadata Url.',
    comesAs: 'url',
  },
  google: {
    isFirst: true,
    where:
      'Google Admin console: Apps, Web and mobile apps, Add app, Add custom SAML app. After the name, the page Google Identity Provider details has Download metadata. Then press Continue there.',
    comesAs: 'file',
  },
  keycloak: {
    // A realm has its metadata before it has a client, and only they say that it wants signed requests.
    isFirst: true,
    where:
      'Keycloak: Realm settings, Endpoints, SAML 2.0 Identity Provider Metadata. They are there before any client is. The address ends in /protocol/saml/descriptor.',
    comesAs: 'url',
  },
  generic: {
    isFirst: false,
    where: 'Most identity providers publish their metadata at an address, or offer it as a file.',
    comesAs: 'url',
  },
}

type Preset = Readonly<Record<'subject-attribute' | 'join', string>>

/** Entra ID never changes the object id of a person, but both the NameID and the address. */
export const presets: Readonly<Partial<Record<KnownIdp, Preset>>> = {
  entra: {
    'subject-attribute': 'http://schemas.microsoft.com/identity/claims/objectidentifier',
    join: 'external-id',
  },
}

/** What to enter for SCIM; null: the product has no SCIM client for applications like ours. */
export function scimLabelsFor(idp: KnownIdp, baseUrl: string): Labels | null {
  switch (idp) {
    case 'okta':
      return {
        place:
          'Okta: the same application, General, App Settings, Provisioning: SCIM; then Provisioning, Integration',
        paste: [{ label: 'SCIM connector base URL', value: baseUrl }],
        choose: [
          { label: 'Unique identifier field for users', value: 'userName' },
          {
            label: 'Supported provisioning actions',
            value: 'Push New Users, Push Profile Updates, Push Groups',
          },
          { label: 'Authentication Mode', value: 'HTTP Header' },
          { label: 'Authorization', value: 'the token, without the word Bearer before it' },
          {
            label: 'To App (after Save)',
            value: 'Create Users, Update User Attributes and Deactivate Users: on',
          },
        ],
      }
    case 'onelogin':
      return {
        place: 'OneLogin: an application SCIM Provisioner with SAML (SCIM v2), Configuration',
        paste: [
          { label: 'SCIM Base URL', value: baseUrl },
          { label: 'SCIM JSON Template', value: ONELOGIN_TEMPLATE },
        ],
        choose: [
          { label: 'SCIM Bearer Token', value: 'the token, without the word Bearer before it' },
          { label: 'API Connection', value: 'Enable' },
          { label: 'Parameters: scimusername', value: 'Email, as SAML NameID (Subject)' },
          {
            label: 'Provisioning: Enable provisioning',
            value: 'on; users are suspended or deleted when they lose the application',
          },
        ],
      }
    case 'entra':
      return {
        place: 'Entra ID: the same application, Provisioning, New configuration',
        paste: [{ label: 'Tenant URL', value: baseUrl }],
        choose: [
          { label: 'Secret Token', value: 'the token' },
          {
            label: 'Attribute mapping of users',
            value: 'objectId to externalId (the default is mailNickname); leave the others',
          },
          { label: 'Users and groups', value: 'the groups whose people may come' },
          { label: 'Overview', value: 'Start provisioning' },
        ],
      }
    case 'google':
    case 'keycloak':
      return null
    case 'generic':
      return {
        place: 'At the identity provider, as a SCIM 2.0 application',
        paste: [{ label: 'Base URL, Tenant URL, Endpoint', value: baseUrl }],
        choose: [
          { label: 'Authentication', value: 'a bearer token: the token' },
          { label: 'userName', value: 'required and unique; the same as the NameID of a sign-in' },
          { label: 'active', value: 'sent: without it nobody is ever put out' },
          { label: 'Groups', value: 'with members, by displayName' },
        ],
      }
  }
}

const ONELOGIN_TEMPLATE = `{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName": "{$parameters.scimusername}",
  "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" },
  "displayName": "{$user.display_name}",
  "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }]
}`

export const parseIdp = (text: string | null): KnownIdp | null =>
  knownIdps.find((known) => known === text) ?? null

/** By its entity ID; a draft has none, so by its id. */
export const idpOf = (connection: Pick<Connection, 'id' | 'idpEntityId'>): KnownIdp =>
  isDraft(connection)
    ? (knownIdps.find((idp) => connection.id.split('-').includes(idp)) ?? 'generic')
    : guessIdp(connection)
