/** What an operator gives → a connection, or everything that is wrong with it. Pure. */
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { explainMetadataError } from '../saml/metadata/error.ts'
import { parseIdpMetadata, type IdpMetadata } from '../saml/metadata/idp.ts'
import { readCertificates, type CertificateText } from './certificates.ts'
import {
  defaultDirectory,
  type Connection,
  type ConnectionCertificate,
  type ConnectionSettings,
} from './connection.ts'
import { judgeConnectionId, judgeSsoUrl, parseFields } from './fields.ts'
import type { Fields, FieldTexts, InputFault } from './fields.ts'

export interface ConnectionInput {
  readonly fields: FieldTexts
  readonly metadata: {
    readonly xml: Uint8Array
    /** null: it was a file. */
    readonly url: string | null
    /** Which IdP of it; null: not said. */
    readonly entityId: string | null
  } | null
  readonly certificates: readonly CertificateText[]
  /** The old ones go; else they stay beside the new ones, until the IdP has changed over. */
  readonly replaceCertificates: boolean
  /** Fingerprints, or how they begin. */
  readonly removeCertificates: readonly string[]
}

export interface ParsedInput {
  readonly connection: Connection
  /** null: none was given. */
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

/** What is not given stays as it is. */
export const parseChanges = (
  connection: Connection,
  input: ConnectionInput,
  now: Instant,
): Promise<Result<ParsedInput, readonly InputFault[]>> => parseOnto(connection, input, now)

const blank = (id: string): Connection => ({
  id,
  displayName: id,
  enabled: true,
  idpEntityId: '',
  ssoUrl: '',
  ssoBinding: 'redirect',
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

async function parseOnto(
  base: Connection,
  input: ConnectionInput,
  now: Instant,
): Promise<Result<ParsedInput, readonly InputFault[]>> {
  const fields = parseFields(input.fields, now)
  const metadata = readMetadata(base, input, now)
  const idp = metadata.ok && fields.ok ? chooseIdp(base, fields.value, metadata.value) : null
  const allowWeakRsaUntil = fields.ok
    ? kept(fields.value['allow-weak-rsa-until'], base.settings.allowWeakRsaUntil)
    : base.settings.allowWeakRsaUntil
  const certificates = await readCertificates(base.certificates, {
    given: input.certificates,
    fromMetadata: metadata.ok ? (metadata.value?.certificates ?? []) : [],
    replace: input.replaceCertificates,
    remove: input.removeCertificates,
    isMissingTold: !metadata.ok,
    allowsWeakRsa: allowWeakRsaUntil !== null && now < allowWeakRsaUntil,
  })
  const faults = [
    ...(fields.ok ? judgeTogether(base, fields.value) : fields.error),
    ...(metadata.ok ? [] : metadata.error),
    ...judgeMissing(base, input),
    ...(idp && !idp.ok ? idp.error : []),
    ...(idp?.ok ? judgeKeysOf(base, idp.value.idpEntityId, input) : []),
    ...(certificates.ok ? [] : certificates.error),
  ]
  if (faults.length > 0 || !fields.ok || !metadata.ok || !idp?.ok || !certificates.ok) {
    return err(faults)
  }
  const { stored, added } = certificates.value
  const connection = {
    ...base,
    ...idp.value,
    displayName: fields.value['display-name'] ?? base.displayName,
    enabled: fields.value.enabled ?? base.enabled,
    metadataUrl: input.metadata ? input.metadata.url : base.metadataUrl,
    certificates: stored,
    provisioning: fields.value.provisioning ?? base.provisioning,
    domains: toDomains(base.domains, fields.value),
    settings: toSettings(base, fields.value, metadata.value),
  }
  return ok({ connection, metadata: metadata.value, added })
}

type Faulty<T> = Result<T, readonly InputFault[]>

function readMetadata(
  base: Connection,
  { metadata, fields }: ConnectionInput,
  now: Instant,
): Faulty<IdpMetadata | null> {
  if (!metadata) return ok(null)
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

/** Redirect is preferred: it needs no page of ours between. What is in use stays in use. */
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
    return err([{ field: 'sso-binding', problem: 'is one that the metadata does not offer' }])
  }
  const problem = judgeSsoUrl(ssoUrl)
  return problem
    ? err([{ field: 'metadata', problem: `has the SSO URL ${ssoUrl}, which ${problem}` }])
    : ok({ idpEntityId: entityId, ssoUrl, ssoBinding })
}

/** A key speaks for the IdP that it was given with, and for no other that takes its place. */
function judgeKeysOf(base: Connection, idpEntityId: string, input: ConnectionInput): InputFault[] {
  const isOther = base.certificates.length > 0 && idpEntityId !== base.idpEntityId
  if (!isOther || input.replaceCertificates) return []
  const problem = `names another IdP than ${base.idpEntityId}, whose certificates do not speak for it: give its own and replace the old ones`
  return [{ field: input.metadata ? 'metadata' : 'entity-id', problem }]
}

/** Of a new connection by its fields; one of metadata is told what the metadata lacks. */
function judgeMissing(base: Connection, { metadata, fields }: ConnectionInput): InputFault[] {
  if (metadata) return []
  const missing = [
    { field: 'entity-id', has: base.idpEntityId !== '' || fields['entity-id'] !== null },
    { field: 'sso-url', has: base.ssoUrl !== '' || fields['sso-url'] !== null },
  ].filter(({ has }) => !has)
  return missing.map(({ field }) => ({
    field,
    problem: 'is missing: it is in the metadata of the IdP, which may be given instead',
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
    ...(isMixed ? [{ field: 'authn-context', problem: 'is none and something else' }] : []),
    ...(comparison !== null && !hasContext
      ? [{ field: 'authn-context-comparison', problem: 'compares nothing: give authn-context too' }]
      : []),
    ...both.map((domain) => ({ field: 'domain', problem: `${domain} is added and removed` })),
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
  // Of a new one; an operator who has turned it off since is warned, not overruled.
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

/** null: not given. */
const kept = <T>(given: { readonly value: T | null } | null, old: T | null): T | null =>
  given ? given.value : old
