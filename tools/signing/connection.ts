import type { Connection, ConnectionSettings } from '../../src/connection/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import type { TestIdp } from './saml-signer.ts'

/** The settings of a connection that has only default values. */
export const usualSettings: ConnectionSettings = {
  nameIdFormat: null,
  forceAuthn: false,
  loginHint: null,
  authnContext: null,
  subject: { from: 'name-id' },
  attributes: { email: null, userName: null, displayName: null, groups: null },
  directory: { join: 'user-name', groupsFrom: 'auto', removalGuardPercent: null },
  spNameQualifier: null,
  clockSkewSeconds: 60,
  signRequests: null,
  requireEncryption: false,
  allowSha1Until: null,
  allowWeakRsaUntil: null,
}

export const connectionOf = (idp: TestIdp, fields: Partial<Connection> = {}): Connection => ({
  id: 'okta',
  displayName: 'Okta',
  enabled: true,
  idpEntityId: idp.entityId,
  ssoUrl: 'https://idp.example.test/sso',
  ssoBinding: 'redirect',
  slo: null,
  metadataUrl: null,
  certificates: [
    {
      fingerprint: 'f'.repeat(64),
      certificate: idp.certificate,
      notBefore: toInstant(0),
      notAfter: toInstant(4e12),
    },
  ],
  provisioning: 'jit',
  domains: [],
  ...fields,
  settings: { ...usualSettings, ...fields.settings },
})
