/** The input of `connection update` that takes a change of a connection back. Pure. */
import { isDraft, type Connection } from '../connection/connection.ts'
import { toIso, type Instant } from '../lib/instant.ts'
import { frontChannel, isByFields } from '../connection/slo.ts'
import type { Typed } from './field.ts'
import type { Undo } from './operation.ts'

/** @returns null: nothing changed, or the earlier value cannot be restored. */
export function undoUpdate(before: Connection, after: Connection, now: Instant): Undo | null {
  // Only a document at a URL gives a connection its metadata URL, and an exception ends in the future.
  const isGone =
    // A connection that has an identity provider becomes no draft again.
    isDraft(before) !== isDraft(after) ||
    before.metadataUrl !== after.metadataUrl ||
    (JSON.stringify(before.slo) !== JSON.stringify(after.slo) && !isByFields(before.slo)) ||
    isPast(before.settings.allowSha1Until, after.settings.allowSha1Until, now) ||
    isPast(before.settings.allowWeakRsaUntil, after.settings.allowWeakRsaUntil, now)
  if (isGone) return null
  const [old, current] = [textsOf(before), textsOf(after)]
  const changed = Object.entries(old).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(current[field]),
  )
  const lost = before.domains.filter((domain) => !after.domains.includes(domain))
  const won = after.domains.filter((domain) => !before.domains.includes(domain))
  const input: Typed = {
    ...Object.fromEntries(changed),
    ...(lost.length > 0 ? { domain: lost } : {}),
    ...(won.length > 0 ? { 'remove-domain': won } : {}),
    ...certificatesOf(before, after),
  }
  return Object.keys(input).length === 0
    ? null
    : { operation: 'connection update', input: { id: after.id, ...input } }
}

const isPast = (before: Instant | null, after: Instant | null, now: Instant): boolean =>
  before !== after && before !== null && before <= now

/** Each setting as the field of its name takes it. */
function textsOf({ settings, ...own }: Connection): Typed {
  const { attributes, directory, subject, authnContext } = settings
  const orNone = (text: string | null): string => text ?? 'none'
  const until = (at: Instant | null): string => (at === null ? 'none' : toIso(at))
  return {
    'display-name': own.displayName,
    enabled: String(own.enabled),
    'entity-id': own.idpEntityId,
    'sso-url': own.ssoUrl,
    'sso-binding': own.ssoBinding,
    ...sloTexts(own.slo),
    provisioning: own.provisioning,
    join: directory.join,
    'groups-from': directory.groupsFrom,
    'removal-guard':
      directory.removalGuardPercent === null ? 'off' : `${directory.removalGuardPercent}%`,
    'name-id-format': orNone(settings.nameIdFormat),
    'force-authn': String(settings.forceAuthn),
    'login-hint': settings.loginHint ?? 'auto',
    'authn-context': authnContext?.classRefs ?? ['none'],
    ...(authnContext ? { 'authn-context-comparison': authnContext.comparison } : {}),
    'subject-attribute': subject.from === 'name-id' ? 'none' : subject.name,
    'sp-name-qualifier': orNone(settings.spNameQualifier),
    'email-attribute': orNone(attributes.email),
    'user-name-attribute': orNone(attributes.userName),
    'display-name-attribute': orNone(attributes.displayName),
    'groups-attribute': orNone(attributes.groups),
    'clock-skew': String(settings.clockSkewSeconds),
    'sign-requests': orNone(settings.signRequests),
    'require-encryption': String(settings.requireEncryption),
    'allow-sha1-until': until(settings.allowSha1Until),
    'allow-weak-rsa-until': until(settings.allowWeakRsaUntil),
  }
}

/** One endpoint at most can be given by fields: `undoUpdate` offers nothing where there were more. */
function sloTexts(slo: Connection['slo']): Typed {
  const front = frontChannel(slo, 'redirect')
  return front === null
    ? { 'slo-url': 'none' }
    : {
        'slo-url': front.location,
        'slo-binding': front.binding,
        'slo-response-url':
          front.responseLocation === front.location ? 'none' : front.responseLocation,
      }
}

/** Another IdP comes with certificates of its own, which replace all others. */
function certificatesOf(before: Connection, after: Connection): Typed {
  const isOther = before.idpEntityId !== after.idpEntityId
  const has = ({ certificates }: Connection, fingerprint: string): boolean =>
    certificates.some((each) => each.fingerprint === fingerprint)
  const lost = before.certificates.filter((each) => isOther || !has(after, each.fingerprint))
  const won = after.certificates.filter((each) => !has(before, each.fingerprint))
  return {
    ...(lost.length > 0 ? { 'add-certificate': lost.map(({ certificate }) => certificate) } : {}),
    ...(isOther ? { 'replace-certificates': 'true' } : {}),
    ...(won.length > 0 && !isOther
      ? { 'remove-certificate': won.map(({ fingerprint }) => fingerprint) }
      : {}),
  }
}
