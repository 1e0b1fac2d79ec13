import type { Instant } from '../lib/instant.ts'
import { allowNoNameId } from '../saml/incoming/response.ts'
import { allowSha1, allowWeakRsa } from '../saml/incoming/trust.ts'
import type { DecryptionKeys, Expect, LogoutExpect, PrepareCertificate } from '../saml/index.ts'
import type { Connection } from './connection.ts'
import { sloOf, spOf } from './sp.ts'

export interface ResponseTerms {
  readonly host: { readonly url: string }
  /** null: the response is not held to a request. */
  readonly asked: { readonly requestId: string; readonly startedAt: Instant | null } | null
  readonly prepareCertificate: PrepareCertificate
  readonly decryptionKeys: DecryptionKeys
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
  readonly decryptionKeys: DecryptionKeys
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
