/** Faults of a config that would show only once it is deployed, found in config and wrangler.toml. */
import type { Config } from '../../src/config.ts'
import { isLoopback, isPrivate } from '../../src/site/address.ts'
import { wranglerFileName } from '../project.ts'

/** Names of bindings in wrangler.toml. */
export interface Bound {
  readonly kv: readonly string[]
  readonly d1: readonly string[]
  /** Every binding that has a `fetch`. */
  readonly services: readonly string[]
}

export function faultsOfDeploy(config: Config, bound: Bound): readonly string[] {
  return [
    ...lacking('KV namespace', [config.bindings.sessions], bound.kv),
    ...lacking('D1 database', [config.bindings.database], bound.d1),
    ...(config.admins ? lacking('[assets] binding', [config.bindings.assets], bound.services) : []),
    ...config.sites.flatMap(({ url, origin }) => [
      ...(url.startsWith('https:') && !isLoopback(new URL(url))
        ? []
        : [`${url} is an address of this machine: put the site's public https address there.`]),
      ...(origin.kind === 'service'
        ? lacking('service binding', [origin.binding], bound.services)
        : origin.kind === 'url' && isUnreachable(new URL(origin.url))
          ? [
              `The origin ${origin.url} of ${url} is on this machine or its network, where a deployed Worker cannot reach it. Give the address that it has on the internet, a tunnel or a service binding (docs/deploying.md).`,
            ]
          : []),
    ]),
  ]
}

const lacking = (
  what: string,
  names: readonly string[],
  bound: readonly string[],
): readonly string[] =>
  names
    .filter((name) => !bound.includes(name))
    .map((name) => `${wranglerFileName} has no ${what} "${name}" (docs/deploying.md).`)

/** Addresses and names that cannot be reached from the internet. */
export function isUnreachable(url: URL): boolean {
  // RFC 6890: this host, and IPv4 addresses in IPv6 form.
  if (isPrivate(url) || /^0\.[\d.]+$|^\[::(ffff:.*)?\]$/.test(url.hostname)) return true
  const name = url.hostname.replace(/\.$/, '')
  // RFC 6762, RFC 8375, and the name that ICANN reserves for private use.
  return /^[^.:]+$|\.(local|internal|home\.arpa)$/.test(name)
}
