import type { JoinRule } from '../directory/join.ts'
import type { GroupsFrom } from '../directory/whose-groups.ts'
import type { Instant } from '../lib/instant.ts'
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
  /** Where its metadata came from, if from a URL. */
  readonly metadataUrl: string | null
  /** Signatures count only by these; never empty for an enabled connection. */
  readonly certificates: readonly ConnectionCertificate[]
  readonly provisioning: Provisioning
  /** Email domains that send their people here, and for which only this IdP may speak. */
  readonly domains: readonly string[]
  readonly settings: ConnectionSettings
}

/**
 * `jit`: whoever the IdP vouches for becomes a user. `scim`: only who is provisioned. `jit+scim`: who
 * is provisioned, as the directory says; whoever else the IdP vouches for becomes a user.
 */
export type Provisioning = 'jit' | 'scim' | 'jit+scim'

export type SsoBinding = 'redirect' | 'post'

export interface ConnectionCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  /** Base64 DER. */
  readonly certificate: string
  readonly notBefore: Instant
  readonly notAfter: Instant
}

export interface ConnectionSettings {
  /** NameIDPolicy Format to ask for; null: none asked. */
  readonly nameIdFormat: string | null
  readonly forceAuthn: boolean
  /** How the IdP is told an address that a person typed (`HintWay`); null: as it documents. */
  readonly loginHint: string | null
  /** RequestedAuthnContext; null: none asked. */
  readonly authnContext: {
    readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better'
    readonly classRefs: readonly string[]
  } | null
  /** What identifies the person across logins. */
  readonly subject:
    { readonly from: 'name-id' } | { readonly from: 'attribute'; readonly name: string }
  /** Attribute names; null: the well-known ones are tried in order. */
  readonly attributes: {
    readonly email: string | null
    readonly userName: string | null
    readonly displayName: string | null
    readonly groups: string | null
  }
  readonly directory: DirectorySettings
  /** An affiliation whose NameIDs count beside our own (SPNameQualifier, Core §8.3.7); null: none. */
  readonly spNameQualifier: string | null
  readonly clockSkewSeconds: number
  /** How AuthnRequests are signed; null: they are not. */
  readonly signRequests: RequestSignature | null
  /** An Assertion in the clear is refused. */
  readonly requireEncryption: boolean
  /** Until then SHA-1 signatures pass; null: never. An exception with an end, shown as a warning. */
  readonly allowSha1Until: Instant | null
  /** Until then RSA keys of 1024 to 2047 bits pass; null: never. */
  readonly allowWeakRsaUntil: Instant | null
}

export interface DirectorySettings {
  /** What of a provisioned person the subject of a login must be. */
  readonly join: JoinRule
  /** Whose groups count. */
  readonly groupsFrom: GroupsFrom
  /** Of a hundred people, so many may be deactivated or removed in an hour; null: all. */
  readonly removalGuardPercent: number | null
}

/** Until an operator says otherwise; what is out at the IdP is out here, however many they are. */
export const defaultDirectory: DirectorySettings = {
  join: 'user-name',
  groupsFrom: 'auto',
  removalGuardPercent: null,
}
