/** `admins` in gatehouse.config.ts: the people who may use the console, by role. */
import * as v from 'valibot'
import { options } from '../lib/options.ts'
import { unpinnedParts } from '../policy/pin.ts'
import type { Rule } from '../policy/policy.ts'
import { ruleSchema, type RuleConfig } from '../policy/rule-config.ts'
import { toRule, type NamedRules } from '../policy/to-rule.ts'
import type { ConfigFault } from './faults.ts'
import type { Host } from './host.ts'

/** In the order in which they are tried: the first whose rule is met counts. */
export const roles = ['owner', 'operator', 'auditor'] as const
/** An owner may do all; an operator all that concerns connections and people; an auditor reads. */
export type Role = (typeof roles)[number]

export interface Admins {
  readonly rules: readonly { readonly role: Role; readonly rule: Rule }[]
  /** Whether the console may be at a host where a site is too. */
  readonly isBesideSite: boolean
}

const role = v.pipe(
  ruleSchema,
  v.check(
    (rule) => rule !== 'signed-in',
    "must be a rule, such as { group: 'IT', connection: 'okta' }: everybody who signs in would have this role",
  ),
)

export const adminsSchema = options({
  owner: role,
  operator: v.exactOptional(role),
  auditor: v.exactOptional(role),
  besideSite: v.optional(v.boolean('must be true or false'), false),
})

type AdminsConfig = v.InferOutput<typeof adminsSchema>

/** The rules of the config, each with where it is. */
export const adminRules = (
  admins: AdminsConfig | undefined,
): readonly { readonly role: Role; readonly at: string; readonly rule: RuleConfig }[] =>
  roles.flatMap((each) => {
    const rule = admins?.[each]
    return rule === undefined ? [] : [{ role: each, at: `admins.${each}`, rule }]
  })

export const toAdmins = (admins: AdminsConfig | undefined, named: NamedRules): Admins | null =>
  admins === undefined
    ? null
    : {
        rules: adminRules(admins).map((each) => ({
          role: each.role,
          rule: toRule(each.rule, named),
        })),
        isBesideSite: admins.besideSite,
      }

/**
 * Whether a console is safe at the login host. A script of a site at the same host could use it
 * with the rights of an administrator who opens the site.
 */
export const isConsoleSafe = (
  admins: Admins | null,
  loginHost: Host,
  sites: readonly Host[],
): boolean =>
  admins?.isBesideSite === true || sites.every(({ authority }) => authority !== loginHost.authority)

/** As in any rule, an identity provider speaks for its own people only. */
export function adminFaults(
  admins: Admins | null,
  loginHost: Host,
  sites: readonly Host[],
): readonly ConfigFault[] {
  if (!admins) return []
  const beside = isConsoleSafe(admins, loginHost, sites)
    ? []
    : [
        {
          at: 'admins',
          problem: `needs a login host without a site: at ${loginHost.url} a script of the site could use the console as the administrator who looks at the site. Give the console a host of its own (loginHost: { url: 'https://login.example.com' }), or say besideSite: true if nobody else can change the scripts of the site`,
        },
      ]
  if (loginHost.connections?.length === 0) {
    const problem = `needs people who sign in at ${loginHost.url}, whose connections are an empty list. Name the connections that may sign in there, or leave the list out if all may`
    return [...beside, { at: 'admins', problem }]
  }
  if (new Set(loginHost.connections).size === 1) return beside
  return [
    ...beside,
    ...admins.rules.flatMap((each) => {
      const [part] = unpinnedParts({ kind: 'rule', rule: each.rule })
      if (part === undefined) return []
      const problem = `asks for ${part}, but does not name a connection, so any identity provider could claim it. Add connection: 'okta' to the rule (the id of yours)`
      return [{ at: `admins.${each.role}`, problem }]
    }),
  ]
}
