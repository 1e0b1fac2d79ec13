import { defaultDirectory, type Connection } from './connection.ts'

/** A connection before anything of it is said. */
export const blank = (id: string): Connection => ({
  id,
  displayName: id,
  enabled: true,
  idpEntityId: '',
  ssoUrl: '',
  ssoBinding: 'redirect',
  slo: null,
  metadataUrl: null,
  certificates: [],
  provisioning: 'jit',
  domains: [],
  settings: {
    nameIdFormat: null,
    forceAuthn: false,
    loginHint: null,
    authnContext: null,
    subject: { from: 'name-id' },
    attributes: { email: null, userName: null, displayName: null, groups: null },
    directory: defaultDirectory,
    spNameQualifier: null,
    clockSkewSeconds: 60,
    signRequests: null,
    requireEncryption: false,
    allowSha1Until: null,
    allowWeakRsaUntil: null,
  },
})
