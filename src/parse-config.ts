import * as v from 'valibot'
import type { Brand } from './lib/brand.ts'
import type { AttemptMode } from './attempt/attempt.ts'
import { isOwnPath } from './lib/paths.ts'
import { options, text } from './lib/options.ts'
import { err, ok, type Result } from './lib/result.ts'
import { headersSchema, toHeaders } from './proxy/header-config.ts'
import type { Policy, Rule, SettledPolicy } from './policy/policy.ts'
import { methods, namedRulesSchema, ruleSchema, type RuleConfig } from './policy/rule-config.ts'
import { nameProblems, toRule, type NamedRules } from './policy/to-rule.ts'
import {
  adminFaults,
  adminRules,
  adminsSchema,
  toAdmins,
  type Admins,
} from './site/admins-config.ts'
import { brandSchema, toBrand } from './site/brand-config.ts'
import { deniedSchema, toDenied } from './site/denied-config.ts'
import { isPathText, PLAIN_SEGMENTS, safeUrl, seconds, withoutStars } from './site/config-values.ts'
import { findFaults, toFault, type ConfigFault } from './site/faults.ts'
import {
  elsewhereSchema,
  hostFields,
  loginHostSchema,
  toHost,
  toHosts,
  type HostsConfig,
} from './site/host-config.ts'
import { signOutSchema, toSignOutTargets, type SignOutTarget } from './site/sign-out-config.ts'
import { oauthFaults, oauthSchema, toOauth, type OauthTerms } from './site/oauth-config.ts'
import { missingIn } from './site/own-text.ts'
import { originSchema, toOrigin, toOriginTerms } from './site/origin-config.ts'
import { shownFields, toShown } from './site/shown-config.ts'
import type { ConfiguredSite } from './site/site.ts'

/** The type of `gatehouse.config.ts`. Times are seconds. */
export type GatehouseConfig = v.InferInput<typeof configSchema>
export type AccessConfig =
  | 'public'
  | RuleConfig
  /** These methods are open to anybody; every other method needs `otherwise`. */
  | { readonly public: string | readonly string[]; readonly otherwise: RuleConfig }

export interface Config extends HostsConfig {
  readonly sites: readonly ConfiguredSite[]
  readonly brand: Brand
  /**
   * The bound that we publish: within so many seconds, a person who lost access is refused
   * everywhere.
   */
  readonly revocationSeconds: number
  /**
   * The names in wrangler.toml: of the KV namespace, the D1 database, the files of the console, the
   * limits, and the dataset of Analytics Engine, which may be missing.
   */
  readonly bindings: {
    readonly sessions: string
    readonly database: string
    readonly assets: string
    readonly limits: string
    readonly metrics: string
  }
  /** null: nobody uses the console, except by a one-time link. */
  readonly admins: Admins | null
  /** How much is kept of each attempt to sign in. */
  readonly attempts: AttemptMode
  /** null: no program gets access by OAuth. */
  readonly oauth: OauthTerms | null
  /** Where people may go on to after sign-out, beside the site itself. */
  readonly signOutTargets: readonly SignOutTarget[]
}

const withoutStar = (path: string): string => path.replace(/\/?\*.*$/s, '') || '/'
const routePath = v.pipe(
  text,
  v.check(
    (path) => !path.includes('*') || isPathText(withoutStars(path)),
    ({ input }) =>
      `may have * only as a whole segment, and ** only at the end. A path covers everything below it, so perhaps you mean '${withoutStar(input)}'`,
  ),
  v.check((path) => path.includes('*') || isPathText(path), PLAIN_SEGMENTS),
  v.check(
    (path) => !isOwnPath(path.toLowerCase()),
    'must not be below /.gatehouse, which Gatehouse uses on every site',
  ),
)

const accessSchema: v.GenericSchema<AccessConfig> = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) {
    return v.picklist(
      ['public', 'signed-in'],
      "must be 'public', 'signed-in' or a rule, such as { group: 'staff' }",
    )
  }
  return 'public' in input ? options({ public: methods, otherwise: ruleSchema }) : ruleSchema
})

const routeSchema = options({
  path: routePath,
  access: accessSchema,
  maxSessionSeconds: v.exactOptional(seconds(300, 31 * 86_400)),
})

const siteSchema = options({
  ...hostFields,
  origin: originSchema,
  originHost: v.optional(v.picklist(['origin', 'public'], 'must be origin or public'), 'origin'),
  routes: v.pipe(
    v.array(routeSchema, 'must be a list of routes'),
    v.minLength(1, 'must have at least one route: a path without a route is refused'),
  ),
  tokenSeconds: v.optional(seconds(30, 3600), 300),
  headers: v.optional(headersSchema, 'gatehouse'),
  corsOrigins: v.optional(v.array(safeUrl), []),
  preflights: v.optional(v.picklist(['answer', 'pass'], 'must be answer or pass'), 'answer'),
  announceSessionEnd: v.optional(v.boolean('must be true or false'), false),
  oauth: v.optional(v.boolean('must be true or false'), false),
  denied: v.optional(deniedSchema, {}),
  ...shownFields,
  downloads: v.optional(v.picklist(['watch', 'finish'], 'must be watch or finish'), 'watch'),
  trust: v.optional(
    v.picklist(
      ['one-connection', 'every-connection'],
      'must be one-connection or every-connection',
    ),
    'one-connection',
  ),
})

const configSchema = options({
  revocationSeconds: v.optional(seconds(1, 300), 15),
  bindings: v.optional(
    options({
      sessions: v.optional(text, 'SESSIONS'),
      database: v.optional(text, 'DB'),
      assets: v.optional(text, 'ASSETS'),
      limits: v.optional(text, 'LIMITS'),
      metrics: v.optional(text, 'METRICS'),
    }),
    {},
  ),
  rules: v.optional(namedRulesSchema, {}),
  admins: v.exactOptional(adminsSchema),
  brand: v.optional(brandSchema, {}),
  attempts: v.optional(
    v.picklist(['off', 'facts', 'whole'], 'must be off, facts or whole'),
    'facts',
  ),
  signOut: v.optional(signOutSchema, {}),
  oauth: v.exactOptional(oauthSchema),
  loginHost: v.optional(loginHostSchema),
  sites: v.pipe(v.array(siteSchema, 'must be a list of sites'), v.minLength(1, 'must have a site')),
  sitesElsewhere: v.optional(v.array(elsewhereSchema, 'must be a list of sites'), []),
})

/** Reports every fault at once, so that the operator can correct them all at once. */
export function parseConfig(input: unknown): Result<Config, readonly ConfigFault[]> {
  const parsed = v.safeParse(configSchema, input)
  if (!parsed.success) {
    return err([...parsed.issues.map(toFault), ...findFaults(wellFormedSites(input))])
  }
  const { revocationSeconds, bindings, attempts, rules, loginHost, sitesElsewhere } = parsed.output
  const sites = parsed.output.sites.map((site) => toSite(site, rules))
  const brand = toBrand(parsed.output.brand)
  const hosts = toHosts({ loginHost, sites, sitesElsewhere })
  const admins = toAdmins(parsed.output.admins, rules)
  const oauth = toOauth(parsed.output.oauth)
  const faults = [
    ...nameFaults(parsed.output),
    ...textFaults(brand, sites),
    ...findFaults(sites),
    ...(hosts.ok
      ? [
          ...adminFaults(admins, hosts.value.loginHost, sites),
          ...oauthFaults(oauth, sites, hosts.value),
        ]
      : hosts.error),
  ]
  const signOutTargets = toSignOutTargets(parsed.output.signOut)
  const rest = { brand, revocationSeconds, bindings, admins, attempts, signOutTargets, oauth }
  return hosts.ok && faults.length === 0 ? ok({ ...hosts.value, sites, ...rest }) : err(faults)
}

/** The sites of a config that has a fault; null: this site is not well-formed. */
function wellFormedSites(input: unknown): readonly (ConfiguredSite | null)[] {
  const listed = v.safeParse(v.object({ sites: v.array(v.unknown()) }), input)
  const rules = v.safeParse(v.object({ rules: namedRulesSchema }), input)
  const named = rules.success ? rules.output.rules : {}
  return (listed.success ? listed.output.sites : []).map((site) => {
    const parsed = v.safeParse(siteSchema, site)
    return parsed.success ? toSite(parsed.output, named) : null
  })
}

/** No visitor should miss what the operator tells everybody else. */
function textFaults(brand: Brand, sites: readonly ConfiguredSite[]): readonly ConfigFault[] {
  const texts = [
    ...Object.entries(brand.words).map(([name, own]) => [`brand.words.${name}`, own] as const),
    ...sites.map(({ denied }, s) => [`sites[${s}].denied.words`, denied.words] as const),
  ]
  return texts.flatMap(([at, own]) =>
    missingIn(own, brand).map((language) => ({
      at,
      problem: `has no text for ${language}: add it, or name the languages of your visitors in brand.languages`,
    })),
  )
}

function nameFaults({
  rules,
  sites,
  admins,
}: v.InferOutput<typeof configSchema>): readonly ConfigFault[] {
  const faultsOf = (at: string, rule: RuleConfig, within: readonly string[] = []) =>
    nameProblems(rule, rules, within).map((each) => ({ at: at + each.at, problem: each.problem }))
  return [
    ...Object.entries(rules).flatMap(([name, rule]) => faultsOf(`rules.${name}`, rule, [name])),
    ...adminRules(admins).flatMap(({ at, rule }) => faultsOf(at, rule)),
    ...sites.flatMap(({ routes }, s) =>
      routes.flatMap(({ access, maxSessionSeconds }, r) => {
        const route = `sites[${s}].routes[${r}]`
        const at = `${route}.access`
        if (access === 'public') {
          const problem = 'has no meaning on a public route, where nobody is signed in'
          return maxSessionSeconds === undefined
            ? []
            : [{ at: `${route}.maxSessionSeconds`, problem }]
        }
        return typeof access === 'object' && 'public' in access
          ? faultsOf(`${at}.otherwise`, access.otherwise)
          : faultsOf(at, access)
      }),
    ),
  ]
}

function toSite(site: v.InferOutput<typeof siteSchema>, named: NamedRules): ConfiguredSite {
  return {
    ...toHost(site),
    origin: toOrigin(site.origin, site.originHost),
    originTerms: toOriginTerms(site.origin),
    routes: site.routes.map((route) => ({
      path: withoutStars(route.path),
      policy: toPolicy(route, named),
    })),
    tokenSeconds: site.tokenSeconds,
    headers: toHeaders(site.headers),
    corsOrigins: site.corsOrigins.map((origin) => new URL(origin).origin),
    preflights: site.preflights,
    announceSessionEnd: site.announceSessionEnd,
    oauth: site.oauth,
    denied: toDenied(site.denied),
    shown: toShown(site),
    downloads: site.downloads,
    trust: site.trust,
  }
}

function toPolicy(
  { access, maxSessionSeconds }: v.InferOutput<typeof routeSchema>,
  named: NamedRules,
): Policy {
  const settle = (rule: RuleConfig): SettledPolicy => {
    const young: readonly Rule[] =
      maxSessionSeconds === undefined
        ? []
        : [{ kind: 'session-within', seconds: maxSessionSeconds }]
    if (rule === 'signed-in' && young.length === 0) return { kind: rule }
    const needs = toRule(rule, named)
    return { kind: 'rule', rule: young.length > 0 ? { kind: 'all', of: [needs, ...young] } : needs }
  }
  if (access === 'public') return { kind: 'public' }
  if (typeof access === 'string' || !('public' in access)) return settle(access)
  const { public: open, otherwise } = access
  const listed = typeof open === 'string' ? [open] : open
  return { kind: 'by-method', methods: listed, otherwise: settle(otherwise) }
}
