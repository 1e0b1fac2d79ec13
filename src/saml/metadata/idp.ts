/**
 * Reads an IdP's metadata (SAML Metadata 2.0). No signature is checked here: trust comes from the
 * operator's file or https URL, and the operator is shown the values that were read.
 * `readSignedMetadata` checks one.
 */
import { utf8 } from '../../lib/bytes.ts'
import { toInstant, toIso, type Instant } from '../../lib/instant.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import {
  parseCertificate,
  toBase64Der,
  type Certificate,
  type CertificateFault,
} from '../certificate.ts'
import { brief } from '../error.ts'
import type { MetadataError } from './error.ts'
import { DS, HTTP_ARTIFACT, HTTP_POST, HTTP_REDIRECT, METADATA, SAMLP, SOAP } from '../names.ts'
import { isTrue, malformedTime, readTime, secondsIn, toUri, uriIn, uriOf } from '../values.ts'
import { attributeOf, childElements, childrenNamed, parseXml, textOf } from '../xml/reader.ts'
import type { XmlElement } from '../xml/reader.ts'

export interface IdpMetadata {
  readonly entityId: string
  /** All signing certificates, without duplicates, in document order; never empty. */
  readonly certificates: readonly Certificate[]
  /** The faults of the signing certificates that cannot be read. */
  readonly unreadableCertificates: readonly CertificateFault[]
  /** Where the browser is sent to sign in; at least one of the two is set. */
  readonly sso: SsoEndpoints
  /** Where messages of Single Logout go; null: the IdP offers none that we support. */
  readonly slo: SloEndpoints | null
  /**
   * The earliest validUntil of the IdP's role and of all elements around it; null: there is none.
   */
  readonly validUntil: Instant | null
  /** The shortest cacheDuration of the same elements, in seconds; null: there is none. */
  readonly cacheSeconds: number | null
  readonly wantsSignedRequests: boolean
  readonly nameIdFormats: readonly string[]
}

export interface SsoEndpoints {
  readonly redirect: string | null
  readonly post: string | null
}

/** At least one of the three is set. */
export interface SloEndpoints {
  readonly redirect: SloEndpoint | null
  readonly post: SloEndpoint | null
  readonly soap: { readonly location: string } | null
}

export interface SloEndpoint {
  readonly location: string
  /** For answers: ResponseLocation, or the Location if there is none (Metadata §2.2.2). */
  readonly responseLocation: string
}

/**
 * @param options.entityId the IdP to read; null: the metadata must describe only one. Never throws.
 */
export function parseIdpMetadata(
  xml: Uint8Array | string,
  options: { readonly entityId: string | null; readonly now: Date },
): Result<IdpMetadata, MetadataError> {
  const document = parseXml(typeof xml === 'string' ? utf8(xml) : xml)
  return document.ok
    ? readIdpMetadata(document.value, options)
    : err({ reason: 'malformed-xml', fault: document.error })
}

/** As `parseIdpMetadata`, from the document element. */
export function readIdpMetadata(
  root: XmlElement,
  options: { readonly entityId: string | null; readonly now: Date },
): Result<IdpMetadata, MetadataError> {
  if (!isEntity(root) && !isMetadata(root, 'EntitiesDescriptor')) {
    const [found, namespace] = [brief(root.local), brief(root.namespace)]
    return err({ reason: 'not-metadata', found, namespace })
  }
  const entity = chooseEntity([...entitiesIn(root)], options.entityId)
  if (!entity.ok) return entity
  const role = chooseRole(entity.value)
  if (!role.ok) return role
  const validUntil = readValidUntil(role.value, toInstant(options.now.getTime()))
  return validUntil.ok ? readIdp(entity.value, role.value, validUntil.value) : validUntil
}

interface Entity {
  readonly id: string
  readonly element: XmlElement
}

export const isMetadata = ({ namespace, local }: XmlElement, name: string): boolean =>
  namespace === METADATA && local === name
export const isEntity = (element: XmlElement): boolean => isMetadata(element, 'EntityDescriptor')
const idpRolesOf = ({ element }: Entity): readonly XmlElement[] =>
  childrenNamed(element, METADATA, 'IDPSSODescriptor')

function* entitiesIn(element: XmlElement): Generator<Entity> {
  if (isEntity(element)) yield { id: uriOf(element, 'entityID') ?? '', element }
  if (!isMetadata(element, 'EntitiesDescriptor')) return
  for (const child of childElements(element)) yield* entitiesIn(child)
}

function chooseEntity(
  entities: readonly Entity[],
  wanted: string | null,
): Result<Entity, MetadataError> {
  const idps = entities.filter((entity) => idpRolesOf(entity).length > 0)
  const entityIds = idps.map(({ id }) => id)
  const candidates =
    wanted === null
      ? entities.length === 1
        ? entities
        : idps
      : entities.filter(({ id }) => id === wanted)
  const [entity, ...others] = candidates
  if (!entity) {
    return err(
      wanted === null ? { reason: 'no-idp' } : { reason: 'entity-not-found', wanted, entityIds },
    )
  }
  if (entity.id === '') return err({ reason: 'no-entity-id' })
  if (others.length === 0) return ok(entity)
  return err(
    wanted === null
      ? { reason: 'several-entities', entityIds }
      : { reason: 'entity-repeated', entityId: wanted },
  )
}

/**
 * One entity may be an IdP of an older protocol, an IdP of SAML 2.0, an SP, or all of them
 * (Metadata §2.4.1).
 */
function chooseRole(entity: Entity): Result<XmlElement, MetadataError> {
  const roles = idpRolesOf(entity)
  if (roles.length === 0) return err({ reason: 'not-an-idp', entityId: entity.id })
  const [role, ...others] = roles.filter((each) => protocolsOf(each).includes(SAMLP))
  if (!role) {
    const protocols = roles.flatMap(protocolsOf).slice(0, 5).map(brief)
    return err({ reason: 'not-saml-2', entityId: entity.id, protocols })
  }
  return others.length === 0 ? ok(role) : err({ reason: 'several-roles', entityId: entity.id })
}

const protocolsOf = (role: XmlElement): readonly string[] =>
  (uriOf(role, 'protocolSupportEnumeration') ?? '').split(' ')

/**
 * The earliest validUntil of the role and of all elements around it (Metadata §2.3.1, §2.3.2,
 * §2.4.1).
 */
function readValidUntil(role: XmlElement, now: Instant): Result<Instant | null, MetadataError> {
  let earliest: Instant | null = null
  for (let at: XmlElement | null = role; at; at = at.parent) {
    const time = readTime(at, 'validUntil')
    if (!time.ok) return err(malformedTime(at, 'validUntil'))
    if (time.value !== null && (earliest === null || time.value < earliest)) earliest = time.value
  }
  return earliest !== null && earliest <= now
    ? err({ reason: 'expired', validUntil: toIso(earliest), now: toIso(now) })
    : ok(earliest)
}

/** A malformed duration counts as absent: it is a wish of the publisher, and grants nothing. */
function readCacheSeconds(role: XmlElement): number | null {
  let shortest: number | null = null
  for (let at: XmlElement | null = role; at; at = at.parent) {
    const seconds = secondsIn(attributeOf(at, 'cacheDuration') ?? '')
    if (seconds !== null && (shortest === null || seconds < shortest)) shortest = seconds
  }
  return shortest
}

function readIdp(
  entity: Entity,
  role: XmlElement,
  validUntil: Instant | null,
): Result<IdpMetadata, MetadataError> {
  const { certificates, faults } = readCertificates(role)
  if (certificates.length === 0) {
    return err({ reason: 'no-certificate', entityId: entity.id, faults })
  }
  const services = childrenNamed(role, METADATA, 'SingleSignOnService')
  const sso = {
    redirect: locationOf(services, HTTP_REDIRECT),
    post: locationOf(services, HTTP_POST),
  }
  if (sso.redirect === null && sso.post === null) {
    const offered = services.map((service) => ({
      binding: uriOf(service, 'Binding') ?? '',
      location: uriOf(service, 'Location') ?? '',
    }))
    const isArtifact = offered.length > 0 && offered.every((s) => s.binding === HTTP_ARTIFACT)
    return err(
      isArtifact
        ? { reason: 'artifact-only', entityId: entity.id }
        : { reason: 'no-sso-endpoint', entityId: entity.id, offered: offered.slice(0, 5) },
    )
  }
  return ok({
    entityId: entity.id,
    certificates,
    unreadableCertificates: faults,
    sso,
    slo: readSlo(role),
    validUntil,
    cacheSeconds: readCacheSeconds(role),
    wantsSignedRequests: isTrue(attributeOf(role, 'WantAuthnRequestsSigned')),
    nameIdFormats: childrenNamed(role, METADATA, 'NameIDFormat').flatMap((format) => {
      const text = uriIn(format) ?? ''
      return text === '' ? [] : [text]
    }),
  })
}

/** A KeyDescriptor without `use` is for signing and for encryption (Metadata §2.4.1.1). */
function readCertificates(role: XmlElement): {
  readonly certificates: readonly Certificate[]
  readonly faults: readonly CertificateFault[]
} {
  const parsed = childrenNamed(role, METADATA, 'KeyDescriptor')
    .filter((key) => ['signing', null].includes(attributeOf(key, 'use')))
    .flatMap((key) => childrenNamed(key, DS, 'KeyInfo'))
    .flatMap((info) => childrenNamed(info, DS, 'X509Data'))
    .flatMap((data) => childrenNamed(data, DS, 'X509Certificate'))
    .map((certificate) => parseCertificate(textOf(certificate) ?? ''))
  const certificates = new Map(
    parsed.flatMap((each) => (each.ok ? [[toBase64Der(each.value), each.value] as const] : [])),
  )
  return {
    certificates: [...certificates.values()],
    faults: parsed.flatMap((each) => (each.ok ? [] : [each.error])),
  }
}

/**
 * The first location of this binding. A browser will be sent there, so it must be http or https.
 */
function locationOf(services: readonly XmlElement[], binding: string): string | null {
  const locations = services
    .filter((service) => uriOf(service, 'Binding') === binding)
    .map((service) => uriOf(service, 'Location') ?? '')
  const location = locations.find(isWebUrl)
  return location === undefined ? null : toUri(location)
}

function readSlo(role: XmlElement): SloEndpoints | null {
  const services = childrenNamed(role, METADATA, 'SingleLogoutService')
  const [redirect, post] = [sloOf(services, HTTP_REDIRECT), sloOf(services, HTTP_POST)]
  const location = locationOf(services, SOAP)
  const soap = location === null ? null : { location }
  return redirect || post || soap ? { redirect, post, soap } : null
}

/** The first of this binding whose addresses can be used. */
function sloOf(services: readonly XmlElement[], binding: string): SloEndpoint | null {
  const addresses = services
    .filter((service) => uriOf(service, 'Binding') === binding)
    .map((service) => {
      const location = uriOf(service, 'Location') ?? ''
      return { location, responseLocation: uriOf(service, 'ResponseLocation') ?? location }
    })
  const usable = addresses.find((each) => Object.values(each).every(isWebUrl))
  if (!usable) return null
  return { location: toUri(usable.location), responseLocation: toUri(usable.responseLocation) }
}

const isWebUrl = (url: string): boolean =>
  URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol)
