/** How a connection looks to an operator, and what is entered at its identity provider. */
import * as v from 'valibot'
import { describeKey, keyOf } from '../connection/certificates.ts'
import {
  isDraft,
  type Connection,
  type ConnectionCertificate,
  type DirectorySettings,
} from '../connection/connection.ts'
import { sloOf, spOf } from '../connection/sp.ts'
import { hintWayOf, type HintWay } from '../connection/hint.ts'
import { labelsFor, type KnownIdp } from '../connection/labels.ts'
import { describeSlo } from '../connection/slo.ts'
import { storedSlo } from '../connection/stored.ts'
import type { Warning } from '../connection/warnings.ts'
import type { JoinRule } from '../directory/join.ts'
import { toIso, type Instant } from '../lib/instant.ts'
import { takesConnection, type Host } from '../site/host.ts'
import type { DeployedConfig } from './context.ts'
import { dayOf, isoOrNull, time } from './shape.ts'
import { sentence, type Block, type See } from './view.ts'

const text = v.nullable(v.string())
const warningShape = v.object({ kind: v.string(), text: v.string() })

export const connectionShape = v.object({
  id: v.string(),
  displayName: v.string(),
  enabled: v.boolean(),
  idpEntityId: v.string(),
  ssoUrl: v.string(),
  ssoBinding: v.picklist(['redirect', 'post']),
  slo: v.nullable(storedSlo),
  metadataUrl: text,
  provisioning: v.picklist(['jit', 'scim', 'jit+scim']),
  domains: v.array(v.string()),
  certificates: v.array(
    v.object({ fingerprint: v.string(), key: text, notBefore: time, notAfter: time }),
  ),
  settings: v.object({
    nameIdFormat: text,
    forceAuthn: v.boolean(),
    loginHint: text,
    authnContext: v.nullable(v.object({ comparison: v.string(), classRefs: v.array(v.string()) })),
    subject: v.object({
      from: v.picklist(['name-id', 'attribute']),
      name: v.optional(v.string()),
    }),
    attributes: v.object({ email: text, userName: text, displayName: text, groups: text }),
    directory: v.object({
      join: v.string(),
      groupsFrom: v.string(),
      removalGuardPercent: v.nullable(v.number()),
    }),
    spNameQualifier: text,
    clockSkewSeconds: v.number(),
    signRequests: text,
    requireEncryption: v.boolean(),
    allowSha1Until: v.nullable(time),
    allowWeakRsaUntil: v.nullable(time),
  }),
  warnings: v.array(warningShape),
})

const labelled = v.array(v.object({ label: v.string(), value: v.string() }))
export const pasteShape = v.array(
  v.object({
    site: v.string(),
    entityId: v.string(),
    acsUrl: v.string(),
    for: v.string(),
    paste: labelled,
    choose: labelled,
  }),
)

export function connectionFacts(connection: Connection, warnings: readonly Warning[]) {
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
    warnings,
  }
}

export function connectionBlock(connection: Connection, now: Instant): Block {
  const { settings } = connection
  const { authnContext, subject, attributes } = settings
  const named = Object.entries({
    email: attributes.email,
    'user name': attributes.userName,
    'display name': attributes.displayName,
    groups: attributes.groups,
  }).flatMap(([what, name]) => (name === null ? [] : [`${what} from ${name}`]))
  const guard = settings.directory.removalGuardPercent
  return {
    kind: 'values',
    rows: [
      ['id', connection.id],
      ['name', connection.displayName],
      ['state', stateWords(connection)],
      ['IdP', connection.idpEntityId],
      ['SSO URL', `${connection.ssoUrl} (${connection.ssoBinding})`],
      ['single logout', describeSlo(connection.slo, connection.ssoBinding)],
      ['metadata', connection.metadataUrl ?? 'not by URL'],
      ['provisioning', connection.provisioning],
      ['domains', connection.domains.join(', ') || null],
      ['people are known by', subject.from === 'name-id' ? 'NameID' : subject.name],
      ['joined to', joinWords[settings.directory.join]],
      ['groups from', groupsWords[settings.directory.groupsFrom]],
      ['removal guard', guard === null ? 'off' : `${guard}% of the people in an hour`],
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
      ...connection.certificates.map(
        (each) => ['certificate', certificateWords(each, now)] as const,
      ),
    ],
  }
}

const hintWords = (way: HintWay): string => {
  if (way === 'none') return 'not sent to the IdP'
  return way === 'subject' ? 'sent to the IdP as the Subject' : `sent to the IdP as ${way}`
}

export const joinWords: Readonly<Record<JoinRule, string>> = {
  'user-name': 'userName of the directory, in any case',
  'external-id': 'externalId of the directory, exactly',
  email: 'an email address of the directory, in any case',
}

const groupsWords: Readonly<Record<DirectorySettings['groupsFrom'], string>> = {
  auto: 'the directory for provisioned people, else the assertion',
  directory: 'the directory only',
  assertion: 'the assertion only',
}

function certificateWords(certificate: ConnectionCertificate, now: Instant): string {
  const { fingerprint, notAfter } = certificate
  const key = keyOf(certificate)
  const end = `${notAfter <= now ? 'expired' : 'expires'} ${dayOf(notAfter)}`
  return `${fingerprint}: ${key ? describeKey(key) : 'unreadable'}, ${end}`
}

export const warningBlocks = (id: string, warnings: readonly Warning[]): readonly Block[] =>
  warnings.map(({ kind, text: words }) => sentence(`Warning: ${words}`, helps[kind]?.(id) ?? null))

/** What helps against what a warning says. */
const helps: Partial<Record<Warning['kind'], (id: string) => See>> = {
  'removals-held': (connection) => ({
    operation: 'scim allow-removals',
    asks: null,
    input: { connection, for: '1h' },
  }),
  'directory-unused': (id) => ({
    operation: 'connection update',
    asks: null,
    input: { id, provisioning: 'jit+scim' },
  }),
}

/** A draft has no identity provider yet. */
export function stateWords(connection: Connection): string {
  if (isDraft(connection)) return 'not set up'
  return connection.enabled ? 'enabled' : 'disabled'
}

/** The login host, if people may sign in with the connection at any host. */
export function hostsFor(config: DeployedConfig | null, connection: string): readonly Host[] {
  if (!config) return []
  const { loginHost, sites, sitesElsewhere } = config
  const isTaken = [loginHost, ...sites, ...sitesElsewhere].some((host) =>
    takesConnection(host, connection),
  )
  return isTaken ? [loginHost] : []
}

/** What to enter at the IdP, under its own labels. */
export const pasteFacts = (connection: Connection, hosts: readonly Host[], idp: KnownIdp) =>
  hosts.map((host) => {
    const { paste, choose } = labelsOf(connection, host, idp)
    return { site: host.url, ...spOf(host, connection.id), for: idp, paste, choose }
  })

export const pasteBlocks = (
  connection: Connection,
  hosts: readonly Host[],
  idp: KnownIdp,
): readonly Block[] =>
  hosts.flatMap((host): readonly Block[] => {
    const { place, paste, choose } = labelsOf(connection, host, idp)
    const rows = (list: typeof paste): Block => ({
      kind: 'values',
      rows: list.map(({ label, value }) => [label, value] as const),
    })
    return [
      sentence(`For ${host.url}. ${place}`),
      rows(paste),
      sentence('and choose:'),
      rows(choose),
    ]
  })

export const labelsOf = (connection: Connection, host: Host, idp: KnownIdp) =>
  labelsFor(idp, {
    ...spOf(host, connection.id),
    sloUrl: sloOf(host, connection.id).url,
    siteUrl: host.url,
    nameIdFormat: connection.settings.nameIdFormat,
    requireEncryption: connection.settings.requireEncryption,
    signRequests: connection.settings.signRequests,
    certificateFile: (kind) => `the certificate that "keys certificate ${kind}" gives`,
  })
