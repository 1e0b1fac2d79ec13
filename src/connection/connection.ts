import type { JoinRule } from '../directory/join.ts'
import type { GroupsFrom } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
import type { SloEndpoint } from '../saml/metadata/idp.ts'
import type { RequestSignature } from '../saml/outgoing/sign.ts'

/** An identity provider that people may sign in with, as stored. */
export interface Connection {
  /** The slug in our URLs. */
  readonly id: string
  readonly displayName: string
  readonly enabled: boolean
  readonly idpEntityId: string
  readonly ssoUrl: string
  readonly ssoBinding: SsoBinding
  /** Where the identity provider takes logout messages; null: not known. */
  readonly slo: Slo | null
  /** The URL that the metadata came from; null: it did not come from a URL. */
  readonly metadataUrl: string | null
  /** Only signatures by these certificates count. Empty for a draft only. */
  readonly certificates: readonly ConnectionCertificate[]
  readonly provisioning: Provisioning
  /**
   * Email domains of the people who sign in here. No other connection's IdP may vouch for such an
   * address.
   */
  readonly domains: readonly string[]
  readonly settings: ConnectionSettings
}

/** Begun, and without an identity provider yet. A draft is never enabled. */
export const isDraft = ({ idpEntityId }: Pick<Connection, 'idpEntityId'>): boolean =>
  idpEntityId === ''

/**
 * The people who may sign in. `jit`: every person that the IdP vouches for; the first sign-in makes
 * them a user. `scim`: only people that the directory has provisioned. `jit+scim`: both; for a
 * provisioned person the directory's data count.
 */
export type Provisioning = 'jit' | 'scim' | 'jit+scim'

export type SsoBinding = 'redirect' | 'post'

/** At most one endpoint for each binding. Without any, the operator wants no single logout. */
export interface Slo {
  readonly redirect: SloEndpoint | null
  readonly post: SloEndpoint | null
  readonly soap: { readonly location: string } | null
}

export interface ConnectionCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  /** Base64 DER. */
  readonly certificate: string
  readonly notBefore: Instant
  readonly notAfter: Instant
}

export interface ConnectionSettings {
  /** The NameIDPolicy Format to ask for; null: none is asked for. */
  readonly nameIdFormat: string | null
  readonly forceAuthn: boolean
  /**
   * How the IdP is told the email address that a person typed (`HintWay`); null: as its
   * documentation says.
   */
  readonly loginHint: string | null
  /** The RequestedAuthnContext; null: none is requested. */
  readonly authnContext: {
    readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better'
    readonly classRefs: readonly string[]
  } | null
  /** What identifies the person across logins. */
  readonly subject:
    { readonly from: 'name-id' } | { readonly from: 'attribute'; readonly name: string }
  /** Names of attributes; null: the well-known ones are tried in order. */
  readonly attributes: {
    readonly email: string | null
    readonly userName: string | null
    readonly displayName: string | null
    readonly groups: string | null
  }
  readonly directory: DirectorySettings
  /**
   * An affiliation whose NameIDs we accept beside our own (SPNameQualifier, Core §8.3.7); null:
   * none.
   */
  readonly spNameQualifier: string | null
  readonly clockSkewSeconds: number
  /** How AuthnRequests are signed; null: they are not. */
  readonly signRequests: RequestSignature | null
  /** Whether an assertion that is not encrypted is refused. */
  readonly requireEncryption: boolean
  /** SHA-1 signatures are accepted until then; null: never. Operators see a warning meanwhile. */
  readonly allowSha1Until: Instant | null
  /** Until then the IdP may sign with RSA keys of 1024 to 2047 bits; null: never. */
  readonly allowWeakRsaUntil: Instant | null
}

/** Messages of single logout are signed always (Profiles §4.4.4.1), also where requests are not. */
export const signatureOf = (signRequests: RequestSignature | null): RequestSignature =>
  signRequests ?? 'rsa-sha256'

export interface DirectorySettings {
  /** The field of a provisioned person that must equal the subject of a login. */
  readonly join: JoinRule
  /** Whose groups count. */
  readonly groupsFrom: GroupsFrom
  /**
   * The percentage of people that the directory may deactivate or remove in an hour; null: no
   * limit.
   */
  readonly removalGuardPercent: number | null
}

/**
 * Used until an operator changes it. There is no removal guard, so every person that the IdP
 * removes is refused here, however many they are.
 */
export const defaultDirectory: DirectorySettings = {
  join: 'user-name',
  groupsFrom: 'auto',
  removalGuardPercent: null,
}
