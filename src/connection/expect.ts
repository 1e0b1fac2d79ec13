import type { Instant } from '../lib/instant.ts'
import { acsPath, metadataPath, sloPath, sloSoapPath } from '../lib/paths.ts'
import {
  allowNoNameId,
  allowSha1,
  allowWeakRsa,
  type Expect,
  type LogoutExpect,
  type PrepareCertificate,
} from '../saml/index.ts'
import type { Connection, SsoBinding } from './connection.ts'

/** Our entity ID and ACS URL for a connection's IdP, at a host. */
export const spOf = (
  { url }: { readonly url: string },
  connection: string,
): Pick<Expect['sp'], 'entityId' | 'acsUrl'> => ({
  entityId: url + metadataPath(connection),
  acsUrl: url + acsPath(connection),
})

/** Where we take messages of single logout from a connection's IdP, at a host. */
export const sloOf = ({ url }: { readonly url: string }, connection: string) => ({
  url: url + sloPath(connection),
  soapUrl: url + sloSoapPath(connection),
})

/**
 * How the browser carries a message to an address of the identity provider. A form that our page posts
 * to our own host counts as ours there, such as the one that signs its visitor out. So a message that
 * goes to our own host is never posted.
 */
export const bindingTo = (
  destination: string,
  binding: SsoBinding,
  { url }: { readonly url: string },
): SsoBinding => (new URL(destination).origin === url ? 'redirect' : binding)

export interface ResponseTerms {
  readonly host: { readonly url: string }
  /** null: the response is not held to a request. */
  readonly asked: { readonly requestId: string; readonly startedAt: Instant | null } | null
  readonly prepareCertificate: PrepareCertificate
  readonly decryptionKeys: readonly CryptoKey[]
  readonly now: Instant
}

/**
 * What a response must satisfy to be accepted. The exceptions of the connection end at their dates.
 */
export const toExpect = (
  { id, idpEntityId, certificates, settings }: Connection,
  { host, asked, prepareCertificate, decryptionKeys, now }: ResponseTerms,
): Expect => ({
  idp: {
    entityId: idpEntityId,
    certificates: certificates.map(({ certificate }) => certificate),
    prepareCertificate,
  },
  sp: { ...spOf(host, id), nameQualifier: settings.spNameQualifier, decryptionKeys },
  inResponseTo: asked?.requestId ?? null,
  now: new Date(now),
  clockSkewSeconds: settings.clockSkewSeconds,
  requireEncryption: settings.requireEncryption,
  authnNotBefore:
    settings.forceAuthn && asked !== null && asked.startedAt !== null
      ? new Date(asked.startedAt)
      : null,
  authnContexts:
    settings.authnContext?.comparison === 'exact' ? settings.authnContext.classRefs : null,
  ...(settings.subject.from === 'attribute' ? { [allowNoNameId]: true } : {}),
  ...exceptionsOf(settings, now),
})

export interface LogoutTerms {
  readonly host: { readonly url: string }
  readonly isSoap: boolean
  readonly prepareCertificate: PrepareCertificate
  readonly decryptionKeys: readonly CryptoKey[]
  readonly now: Instant
}

/** What a message of Single Logout must satisfy to be accepted. */
export const toLogoutExpect = (
  { id, idpEntityId, certificates, settings }: Connection,
  { host, isSoap, prepareCertificate, decryptionKeys, now }: LogoutTerms,
): LogoutExpect => ({
  idp: {
    entityId: idpEntityId,
    certificates: certificates.map(({ certificate }) => certificate),
    prepareCertificate,
    logoutIssuers: logoutIssuersOf(idpEntityId),
  },
  sp: {
    entityId: spOf(host, id).entityId,
    sloUrl: isSoap ? sloOf(host, id).soapUrl : sloOf(host, id).url,
    nameQualifier: settings.spNameQualifier,
    decryptionKeys,
  },
  now: new Date(now),
  clockSkewSeconds: settings.clockSkewSeconds,
  ...exceptionsOf(settings, now),
})

/** Entra ID signs people in as sts.windows.net, and answers logouts under its other name. */
function logoutIssuersOf(entityId: string): readonly string[] {
  const [, tenant] = /^https:\/\/sts\.windows\.net\/([0-9a-f-]{36})\/$/.exec(entityId) ?? []
  return tenant === undefined ? [] : [`https://login.microsoftonline.com/${tenant}/`]
}

const exceptionsOf = (
  { allowSha1Until, allowWeakRsaUntil }: Connection['settings'],
  now: Instant,
): Pick<Expect, typeof allowSha1 | typeof allowWeakRsa> => ({
  ...(isOpen(allowSha1Until, now) ? { [allowSha1]: true } : {}),
  ...(isOpen(allowWeakRsaUntil, now) ? { [allowWeakRsa]: true } : {}),
})

const isOpen = (until: Instant | null, now: Instant): boolean => until !== null && now < until
