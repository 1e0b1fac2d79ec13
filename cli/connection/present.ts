/** How a connection looks to an operator, as text and as JSON. */
import { hintWayOf, type HintWay } from '../../src/connection/hint.ts'
import { describeKey, keyOf } from '../../src/connection/certificates.ts'
import type {
  Connection,
  ConnectionCertificate,
  DirectorySettings,
} from '../../src/connection/connection.ts'
import type { JoinRule } from '../../src/directory/join.ts'
import { labelsFor, type KnownIdp } from '../../src/connection/labels.ts'
import { warningsOf, type Warning } from '../../src/connection/warnings.ts'
import { toIso, type Instant } from '../../src/lib/instant.ts'
import { spOf } from '../../src/connection/expect.ts'
import type { Host } from '../../src/site/host.ts'
import { day, fields, plain } from '../text.ts'

export function connectionText(connection: Connection, now: Instant): string {
  const { settings } = connection
  const { authnContext, subject, attributes } = settings
  const named = Object.entries({
    email: attributes.email,
    'user name': attributes.userName,
    'display name': attributes.displayName,
    groups: attributes.groups,
  }).flatMap(([what, name]) => (name === null ? [] : [`${what} from ${name}`]))
  return fields([
    ['id', connection.id],
    ['name', connection.displayName],
    ['state', connection.enabled ? 'enabled' : 'disabled'],
    ['IdP', connection.idpEntityId],
    ['SSO URL', `${connection.ssoUrl} (${connection.ssoBinding})`],
    ['metadata', connection.metadataUrl ?? 'not by URL'],
    ['provisioning', connection.provisioning],
    ['domains', connection.domains.join(', ') || 'none'],
    ['people are known by', subject.from === 'name-id' ? 'NameID' : subject.name],
    ['joined to', joinWords(settings.directory.join)],
    ['groups from', groupsWords(settings.directory.groupsFrom)],
    [
      'removal guard',
      settings.directory.removalGuardPercent === null
        ? 'off'
        : `${settings.directory.removalGuardPercent}% of the people in an hour`,
    ],
    ['attributes', named.join(', ') || 'by their usual names'],
    ['Name ID format', settings.nameIdFormat ?? 'not asked for'],
    ...(settings.spNameQualifier === null
      ? []
      : [['NameIDs also for', settings.spNameQualifier] as const]),
    [
      'authentication',
      authnContext
        ? `${authnContext.comparison} ${authnContext.classRefs.join(', ')}`
        : 'as the IdP decides',
    ],
    ['each sign-in anew', settings.forceAuthn ? 'yes' : 'no'],
    ['typed address', hintWords(hintWayOf(connection))],
    ['requests', settings.signRequests ? `signed, ${settings.signRequests}` : 'not signed'],
    ['encryption', settings.requireEncryption ? 'required' : 'accepted, not required'],
    ['clock skew', `${settings.clockSkewSeconds} seconds`],
    ...connection.certificates.map((each) => ['certificate', certificateLines(each, now)] as const),
  ])
}

const hintWords = (way: HintWay): string =>
  way === 'none'
    ? 'not sent to the IdP'
    : way === 'subject'
      ? 'sent to the IdP as the Subject'
      : `sent to the IdP as ${way}`

export const joinWords = (join: JoinRule): string =>
  ({
    'user-name': 'userName of the directory, in any case',
    'external-id': 'externalId of the directory, exactly',
    email: 'an email address of the directory, in any case',
  })[join]

const groupsWords = (from: DirectorySettings['groupsFrom']): string =>
  ({
    auto: 'the directory for provisioned people, else the assertion',
    directory: 'the directory only',
    assertion: 'the assertion only',
  })[from]

const certificateLines = (certificate: ConnectionCertificate, now: Instant): readonly string[] => {
  const { fingerprint, notAfter } = certificate
  const key = keyOf(certificate)
  const end = `${notAfter <= now ? 'expired' : 'expires'} ${day(notAfter)}`
  return [fingerprint, `${key ? describeKey(key) : 'unreadable'}, ${end}`]
}

export const warningLines = (warnings: readonly Warning[]): readonly string[] =>
  warnings.map(({ text }) => `Warning: ${plain(text)}`)

/** The warning, and the command that helps. */
export function withCommand(id: string, { kind, text }: Warning): Warning {
  const command = commands[kind]?.(id)
  return { kind, text: command === undefined ? text : `${text} ${command}` }
}

const commands: Partial<Record<Warning['kind'], (id: string) => string>> = {
  'removals-held': (id) => `If it is meant: \`npx gatehouse scim allow-removals ${id} --for 1h\``,
  'directory-unused': (id) =>
    `Let them: \`npx gatehouse connection update ${id} --provisioning jit+scim\`, or scim.`,
}

export const connectionJson = (connection: Connection, now: Instant) => {
  const { settings, certificates, ...rest } = connection
  return {
    ...rest,
    certificates: certificates.map((certificate) => {
      const key = keyOf(certificate)
      return {
        fingerprint: certificate.fingerprint,
        key: key ? describeKey(key) : null,
        notBefore: toIso(certificate.notBefore),
        notAfter: toIso(certificate.notAfter),
      }
    }),
    settings: {
      ...settings,
      allowSha1Until: isoOrNull(settings.allowSha1Until),
      allowWeakRsaUntil: isoOrNull(settings.allowWeakRsaUntil),
    },
    warnings: warningsOf(connection, now),
  }
}

const isoOrNull = (at: Instant | null): string | null => (at === null ? null : toIso(at))

/** What to enter at the IdP, for each site that the connection serves. */
export const pasteText = (
  connection: Connection,
  sites: readonly Host[],
  idp: KnownIdp,
): readonly string[] =>
  sites.flatMap((site) => {
    const { place, paste, choose } = labelsOf(connection, site, idp)
    const width = Math.max(...[...paste, ...choose].map(({ label }) => label.length)) + 2
    const rows = (list: typeof paste) =>
      list.map(({ label, value }) => `  ${`${label}:`.padEnd(width)}${plain(value)}`)
    return ['', `For ${site.url}. ${place}`, ...rows(paste), '  and choose:', ...rows(choose)]
  })

export const pasteJson = (connection: Connection, sites: readonly Host[], idp: KnownIdp) =>
  sites.map((site) => {
    const { paste, choose } = labelsOf(connection, site, idp)
    return { site: site.url, ...spOf(site, connection.id), for: idp, paste, choose }
  })

const labelsOf = (connection: Connection, site: Host, idp: KnownIdp) =>
  labelsFor(idp, {
    ...spOf(site, connection.id),
    siteUrl: site.url,
    nameIdFormat: connection.settings.nameIdFormat,
    requireEncryption: connection.settings.requireEncryption,
    signRequests: connection.settings.signRequests,
    certificateFile: (kind) => `the file that \`npx gatehouse keys certificate ${kind}\` prints`,
  })
