/** The shape of a connection as D1 has it. */
import * as v from 'valibot'
import { groupsFrom } from '../directory/whose-groups.ts'
import { flag, instant, jsonOf } from '../lib/row.ts'
import { requestSignatures } from '../saml/outgoing/sign.ts'
import { defaultDirectory } from './connection.ts'

const text = v.nullable(v.string())

const settings = v.object({
  nameIdFormat: text,
  forceAuthn: v.boolean(),
  // Connections that were stored before this setting existed do not have it.
  loginHint: v.optional(text, null),
  authnContext: v.nullable(
    v.object({
      comparison: v.picklist(['exact', 'minimum', 'maximum', 'better']),
      classRefs: v.array(v.string()),
    }),
  ),
  subject: v.variant('from', [
    v.object({ from: v.literal('name-id') }),
    v.object({ from: v.literal('attribute'), name: v.string() }),
  ]),
  attributes: v.object({ email: text, userName: text, displayName: text, groups: text }),
  // Connections that were stored before there was a directory have no such settings.
  directory: v.optional(
    v.object({
      join: v.picklist(['user-name', 'external-id', 'email']),
      groupsFrom: v.picklist(groupsFrom),
      removalGuardPercent: v.nullable(v.number()),
    }),
    defaultDirectory,
  ),
  clockSkewSeconds: v.number(),
  // Connections that were stored before this setting existed do not have it.
  spNameQualifier: v.optional(text, null),
  signRequests: v.optional(v.nullable(v.picklist(requestSignatures)), null),
  requireEncryption: v.optional(v.boolean(), false),
  allowSha1Until: v.nullable(instant),
  allowWeakRsaUntil: v.nullable(instant),
})
export const storedCertificates = v.array(
  v.object({
    fingerprint: v.string(),
    certificate: v.string(),
    notBefore: instant,
    notAfter: instant,
  }),
)
const endpoint = v.object({ location: v.string(), responseLocation: v.string() })
export const storedSlo = v.object({
  redirect: v.nullable(endpoint),
  post: v.nullable(endpoint),
  soap: v.nullable(v.object({ location: v.string() })),
})
export const connectionRow = v.object({
  id: v.string(),
  displayName: v.string(),
  enabled: flag,
  idpEntityId: v.string(),
  ssoUrl: v.string(),
  ssoBinding: v.picklist(['redirect', 'post']),
  slo: v.nullable(jsonOf(storedSlo)),
  metadataUrl: text,
  provisioning: v.picklist(['jit', 'scim', 'jit+scim']),
  settings: jsonOf(settings),
  certificates: jsonOf(storedCertificates),
  domains: jsonOf(v.array(v.string())),
})
