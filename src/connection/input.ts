/** Turns an operator's input into a connection, or into all that is wrong with it. Pure. */
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { explainMetadataError } from '../saml/metadata/error.ts'
import { parseIdpMetadata, type IdpMetadata } from '../saml/metadata/idp.ts'
import { readCertificates, type CertificateText } from './certificates.ts'
import { blank } from './blank.ts'
import {
  isDraft,
  type Connection,
  type ConnectionCertificate,
  type ConnectionSettings,
} from './connection.ts'
import { judgeConnectionId, judgeMessageUrl, noFields, parseFields } from './fields.ts'
import type { Fields, FieldTexts, InputFault } from './fields.ts'
import { findSecret } from './secrets.ts'
import { chooseSlo } from './slo-choice.ts'

export interface ConnectionInput {
  readonly fields: FieldTexts
  readonly metadata: {
    readonly xml: Uint8Array
    /** null: the metadata came from a file. */
    readonly url: string | null
    /** The entity ID of the IdP to take from the metadata; null: not given. */
    readonly entityId: string | null
  } | null
  readonly certificates: readonly CertificateText[]
  /** Removes the old certificates. Otherwise they stay until the IdP uses the new ones. */
  readonly replaceCertificates: boolean
  /** Fingerprints, or their first digits. */
  readonly removeCertificates: readonly string[]
}

export interface ParsedInput {
  readonly connection: Connection
  /** null: no metadata was given. */
  readonly metadata: IdpMetadata | null
  readonly added: readonly ConnectionCertificate[]
}

export async function parseNewConnection(
  id: string,
  input: ConnectionInput,
  now: Instant,
): Promise<Result<ParsedInput, readonly InputFault[]>> {
  const idFault = judgeConnectionId(id)
  const parsed = await parseOnto(blank(id), input, now)
  if (!idFault) return parsed
  return err([idFault, ...(parsed.ok ? [] : parsed.error)])
}

/** A draft: its identity provider comes later, by `parseChanges`. */
export async function parseDraft(
  id: string,
  displayName: string | null,
  now: Instant,
): Promise<Result<Connection, readonly InputFault[]>> {
  const idFault = judgeConnectionId(id)
  const input = {
    fields: { ...noFields, 'display-name': displayName },
    metadata: null,
    certificates: [],
    replaceCertificates: false,
    removeCertificates: [],
  }
  const parsed = await parseOnto({ ...blank(id), enabled: false }, input, now)
  const faults = [...(idFault ? [idFault] : []), ...(parsed.ok ? [] : parsed.error)]
  return parsed.ok && faults.length === 0 ? ok(parsed.value.connection) : err(faults)
}

/** Fields that are not given keep their values. A draft is enabled when it gets its IdP. */
export const parseChanges = (
  connection: Connection,
  input: ConnectionInput,
  now: Instant,
): Promise<Result<ParsedInput, readonly InputFault[]>> => parseOnto(connection, input, now)

async function parseOnto(
  base: Connection,
  input: ConnectionInput,
  now: Instant,
): Promise<Result<ParsedInput, readonly InputFault[]>> {
  const isLeftDraft = staysDraft(base, input)
  const fields = parseFields(input.fields, now)
  const metadata = readMetadata(base, input, now)
  const idp = metadata.ok && fields.ok ? chooseIdp(base, fields.value, metadata.value) : null
  const fromMetadata = metadata.ok ? (metadata.value?.slo ?? null) : null
  const slo =
    idp?.ok && fields.ok
      ? chooseSlo(base, { ...idp.value, fields: fields.value, fromMetadata })
      : null
  const allowWeakRsaUntil = fields.ok
    ? kept(fields.value['allow-weak-rsa-until'], base.settings.allowWeakRsaUntil)
    : base.settings.allowWeakRsaUntil
  const certificates = await readCertificates(base.certificates, {
    given: input.certificates,
    fromMetadata: metadata.ok ? (metadata.value?.certificates ?? []) : [],
    replace: input.replaceCertificates,
    remove: input.removeCertificates,
    isMissingTold: !metadata.ok || isLeftDraft,
    allowsWeakRsa: allowWeakRsaUntil !== null && now < allowWeakRsaUntil,
  })
  const faults = [
    ...(fields.ok ? judgeTogether(base, fields.value) : fields.error),
    ...(metadata.ok ? [] : metadata.error),
    ...(isLeftDraft ? [] : judgeMissing(base, input)),
    ...(idp && !idp.ok ? idp.error : []),
    ...(slo && !slo.ok ? slo.error : []),
    ...(idp?.ok ? judgeKeysOf(base, idp.value.idpEntityId, input) : []),
    ...(certificates.ok ? [] : certificates.error),
  ]
  if (faults.length > 0 || !fields.ok || !metadata.ok || !idp?.ok || !slo?.ok || !certificates.ok) {
    return err(faults)
  }
  const { stored, added } = certificates.value
  const connection = {
    ...base,
    ...idp.value,
    slo: slo.value,
    displayName: fields.value['display-name'] ?? base.displayName,
    enabled: fields.value.enabled ?? (base.enabled || (isDraft(base) && !isLeftDraft)),
    metadataUrl: input.metadata ? input.metadata.url : base.metadataUrl,
    certificates: stored,
    provisioning: fields.value.provisioning ?? base.provisioning,
    domains: toDomains(base.domains, fields.value),
    settings: toSettings(base, fields.value, metadata.value),
  }
  return ok({ connection, metadata: metadata.value, added })
}

/** Nothing of an identity provider is given, and none is needed yet. */
const staysDraft = (base: Connection, { fields, metadata, certificates }: ConnectionInput) =>
  isDraft(base) &&
  !base.enabled &&
  fields.enabled !== true &&
  metadata === null &&
  certificates.length === 0 &&
  fields['entity-id'] === null &&
  fields['sso-url'] === null

type Faulty<T> = Result<T, readonly InputFault[]>

function readMetadata(
  base: Connection,
  { metadata, fields }: ConnectionInput,
  now: Instant,
): Faulty<IdpMetadata | null> {
  if (!metadata) return ok(null)
  const secret = findSecret(metadata.xml)
  if (secret !== null) return err([{ field: 'metadata', problem: secret }])
  const given = (['entity-id', 'sso-url'] as const).filter((field) => fields[field] !== null)
  const entityId = metadata.entityId ?? (base.idpEntityId || null)
  const parsed = parseIdpMetadata(metadata.xml, { entityId, now: new Date(now) })
  const faults = [
    ...given.map((field) => ({
      field,
      problem: 'is in the metadata already: leave one of them out',
    })),
    ...(parsed.ok ? [] : [{ field: 'metadata', problem: explainMetadataError(parsed.error) }]),
  ]
  return parsed.ok && faults.length === 0 ? ok(parsed.value) : err(faults)
}

/** Keeps the binding in use; a new connection prefers redirect, which needs no page of ours. */
function chooseIdp(
  base: Connection,
  fields: Fields,
  metadata: IdpMetadata | null,
): Faulty<Pick<Connection, 'idpEntityId' | 'ssoUrl' | 'ssoBinding'>> {
  if (!metadata) {
    return ok({
      idpEntityId: fields['entity-id'] ?? base.idpEntityId,
      ssoUrl: fields['sso-url'] ?? base.ssoUrl,
      ssoBinding: fields['sso-binding'] ?? base.ssoBinding,
    })
  }
  const { entityId, sso } = metadata
  const other = base.ssoBinding === 'redirect' ? 'post' : 'redirect'
  const ssoBinding =
    fields['sso-binding'] ?? (sso[base.ssoBinding] === null ? other : base.ssoBinding)
  const ssoUrl = sso[ssoBinding]
  if (ssoUrl === null) {
    return err([{ field: 'sso-binding', problem: 'is a binding that the metadata does not offer' }])
  }
  const problem = judgeMessageUrl(ssoUrl)
  return problem
    ? err([{ field: 'metadata', problem: `has the SSO URL ${ssoUrl}, which ${problem}` }])
    : ok({ idpEntityId: entityId, ssoUrl, ssoBinding })
}

/**
 * A certificate counts only for the IdP that it was given for. If the connection changes to another
 * IdP, the old certificates must be replaced.
 */
function judgeKeysOf(base: Connection, idpEntityId: string, input: ConnectionInput): InputFault[] {
  const isOther = base.certificates.length > 0 && idpEntityId !== base.idpEntityId
  if (!isOther || input.replaceCertificates) return []
  const problem = `names another IdP than ${base.idpEntityId}. The certificates of the old IdP do not count for the new one: give new certificates and replace the old ones`
  return [{ field: input.metadata ? 'metadata' : 'entity-id', problem }]
}

/** Without metadata. With metadata, the parser reports what is missing in it. */
function judgeMissing(base: Connection, { metadata, fields }: ConnectionInput): InputFault[] {
  if (metadata) return []
  const missing = [
    { field: 'entity-id', has: base.idpEntityId !== '' || fields['entity-id'] !== null },
    { field: 'sso-url', has: base.ssoUrl !== '' || fields['sso-url'] !== null },
  ].filter(({ has }) => !has)
  return missing.map(({ field }) => ({
    field,
    problem: 'is missing: it is in the metadata of the IdP, which you can give instead',
  }))
}

function judgeTogether(base: Connection, fields: Fields): InputFault[] {
  const contexts = fields['authn-context']
  const isMixed = contexts.length > 1 && contexts.some(({ value }) => value === null)
  const comparison = fields['authn-context-comparison']
  const hasContext =
    contexts.length > 0 ? contexts[0]?.value !== null : base.settings.authnContext !== null
  const both = fields.domain.filter((domain) => fields['remove-domain'].includes(domain))
  const unknown = fields['remove-domain'].filter((domain) => !base.domains.includes(domain))
  return [
    ...(isMixed ? [{ field: 'authn-context', problem: 'has both none and another value' }] : []),
    ...(comparison !== null && !hasContext
      ? [{ field: 'authn-context-comparison', problem: 'needs an authn-context as well' }]
      : []),
    ...both.map((domain) => ({ field: 'domain', problem: `${domain} is both added and removed` })),
    ...unknown
      .filter((domain) => !both.includes(domain))
      .map((domain) => ({
        field: 'remove-domain',
        problem: `${domain} is not one of its domains`,
      })),
  ]
}

const toDomains = (old: readonly string[], fields: Fields): readonly string[] =>
  [...new Set([...old, ...fields.domain])]
    .filter((domain) => !fields['remove-domain'].includes(domain))
    .toSorted()

function toSettings(
  { idpEntityId, settings: old }: Connection,
  fields: Fields,
  metadata: IdpMetadata | null,
): ConnectionSettings {
  // Only for a new connection: later the operator may have turned signing off on purpose.
  const isWantedSigned = idpEntityId === '' && metadata?.wantsSignedRequests === true
  const subject = fields['subject-attribute']
  return {
    nameIdFormat: kept(fields['name-id-format'], old.nameIdFormat),
    forceAuthn: fields['force-authn'] ?? old.forceAuthn,
    loginHint: kept(fields['login-hint'], old.loginHint),
    authnContext: toAuthnContext(old.authnContext, fields),
    subject: !subject
      ? old.subject
      : subject.value === null
        ? { from: 'name-id' }
        : { from: 'attribute', name: subject.value },
    attributes: {
      email: kept(fields['email-attribute'], old.attributes.email),
      userName: kept(fields['user-name-attribute'], old.attributes.userName),
      displayName: kept(fields['display-name-attribute'], old.attributes.displayName),
      groups: kept(fields['groups-attribute'], old.attributes.groups),
    },
    directory: {
      join: fields.join ?? old.directory.join,
      groupsFrom: fields['groups-from'] ?? old.directory.groupsFrom,
      removalGuardPercent: kept(fields['removal-guard'], old.directory.removalGuardPercent),
    },
    spNameQualifier: kept(fields['sp-name-qualifier'], old.spNameQualifier),
    clockSkewSeconds: fields['clock-skew'] ?? old.clockSkewSeconds,
    signRequests: kept(
      fields['sign-requests'],
      old.signRequests ?? (isWantedSigned ? 'rsa-sha256' : null),
    ),
    requireEncryption: fields['require-encryption'] ?? old.requireEncryption,
    allowSha1Until: kept(fields['allow-sha1-until'], old.allowSha1Until),
    allowWeakRsaUntil: kept(fields['allow-weak-rsa-until'], old.allowWeakRsaUntil),
  }
}

function toAuthnContext(
  old: ConnectionSettings['authnContext'],
  fields: Fields,
): ConnectionSettings['authnContext'] {
  const given = fields['authn-context']
  const classRefs =
    given.length > 0 ? given.flatMap(({ value }) => value ?? []) : (old?.classRefs ?? [])
  const comparison = fields['authn-context-comparison'] ?? old?.comparison ?? 'exact'
  return classRefs.length === 0 ? null : { comparison, classRefs }
}

/** @param given null: the field was not given. */
const kept = <T>(given: { readonly value: T | null } | null, old: T | null): T | null =>
  given ? given.value : old
