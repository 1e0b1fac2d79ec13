/** The hosts in gatehouse.config.ts. */
import * as v from 'valibot'
import { options, text } from '../lib/options.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { safeUrl, seconds, siteUrl } from './config-values.ts'
import type { ConfigFault } from './faults.ts'
import { authorityOf, type Host } from './host.ts'

export interface HostsConfig {
  /**
   * The host where people sign in: the only one that identity providers and directories know. With
   * one site it is the site's.
   */
  readonly loginHost: Host
  /** Whether another Worker, with the same database, answers on the login host. */
  readonly isLoginElsewhere: boolean
  /** The sites that other Workers guard, with the same database and this login host. */
  readonly sitesElsewhere: readonly Host[]
}

const ownFields = {
  session: v.optional(
    options({
      absoluteSeconds: v.optional(seconds(5, 31 * 86_400), 8 * 3600),
      idleSeconds: v.optional(v.nullable(seconds(5, 31 * 86_400)), 3600),
    }),
    {},
  ),
  connections: v.optional(v.nullable(v.array(text)), null),
  choice: v.optional(v.picklist(['list', 'email'], 'must be list or email'), 'list'),
  signOutClears: v.optional(v.picklist(['cache', 'storage'], 'must be cache or storage'), 'cache'),
  deviceBinding: v.optional(
    v.picklist(['off', 'offer', 'require'], 'must be off, offer or require'),
    'off',
  ),
}
export const hostFields = { url: siteUrl, ...ownFields }
export const elsewhereSchema = options(hostFields)

const hostAlone = options({ url: safeUrl, ...ownFields, elsewhere: v.optional(v.boolean(), false) })
export const loginHostSchema = v.lazy((input) =>
  typeof input === 'string' ? safeUrl : hostAlone,
) as v.GenericSchema<
  string | v.InferInput<typeof hostAlone>,
  string | v.InferOutput<typeof hostAlone>
>

type HostOptions = v.InferOutput<typeof elsewhereSchema>

export const toHost = (host: HostOptions): Host => {
  const url = new URL(host.url)
  const { session, connections, choice, signOutClears, deviceBinding } = host
  return {
    authority: authorityOf(url),
    url: url.origin,
    session,
    connections,
    choice,
    signOutClears,
    deviceBinding,
    corsOrigins: [],
  }
}

export interface HostsInput {
  readonly loginHost: v.InferOutput<typeof loginHostSchema> | undefined
  readonly sites: readonly Host[]
  readonly sitesElsewhere: readonly HostOptions[]
}

export function toHosts(input: HostsInput): Result<HostsConfig, readonly ConfigFault[]> {
  const { loginHost: named, sites } = input
  const sitesElsewhere = input.sitesElsewhere.map(toHost)
  const isLoginElsewhere = typeof named === 'object' && named.elsewhere
  const login = toLoginHost(named, sites)
  const taken = new Set([...sites, ...(login.ok ? [login.value] : [])].map((s) => s.authority))
  const faults = sitesElsewhere.flatMap(({ authority }, i) => {
    const isTwice = taken.has(authority)
    taken.add(authority)
    return isTwice
      ? [{ at: `sitesElsewhere[${i}].url`, problem: 'is the host of another site' }]
      : []
  })
  if (isLoginElsewhere && sitesElsewhere.length > 0) {
    const problem = 'belong in the config of the Worker that has the login host'
    faults.push({ at: 'sitesElsewhere', problem })
  }
  if (!login.ok) return err([login.error, ...faults])
  const binds = [...sites, ...sitesElsewhere].find(({ deviceBinding }) => deviceBinding !== 'off')
  if (binds && login.value.deviceBinding === 'off') {
    const problem = `binds no sessions, but ${binds.url} does. A thief with its cookie would get a session there, and bind it to another device. Give it deviceBinding: 'offer' too`
    faults.push({ at: 'loginHost', problem })
  }
  return faults.length > 0
    ? err(faults)
    : ok({ loginHost: login.value, isLoginElsewhere, sitesElsewhere })
}

function toLoginHost(
  named: HostsInput['loginHost'],
  sites: readonly Host[],
): Result<Host, ConfigFault> {
  const fault = (problem: string) => err({ at: 'loginHost', problem })
  const single = sites.find(({ url }) => !url.includes('*'))
  if (named === undefined) {
    return single && sites.length === 1
      ? ok(single)
      : fault(
          `is missing. With several sites, one host speaks to your identity providers. Name one of the sites (loginHost: '${single?.url ?? 'https://…'}'), or a host without a site (loginHost: { url: 'https://login.example.com' })`,
        )
  }
  const { origin } = new URL(typeof named === 'string' ? named : named.url)
  const site = sites.find(({ url }) => url === origin)
  if (typeof named === 'string') {
    return site
      ? ok(site)
      : fault(`is not the url of a site. If nothing stands behind it, write { url: '${origin}' }`)
  }
  return site ? fault(`is the url of a site. Write it as text: '${origin}'`) : ok(toHost(named))
}
