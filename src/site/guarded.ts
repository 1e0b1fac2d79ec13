/** The hosts behind the gate. The Worker must ask them only for visitors that it has judged. */
import type { HostsConfig } from './host-config.ts'
import type { ConfiguredSite } from './site.ts'

/** Names of hosts; `*.example.com` stands for every name below it. */
export function guardedNames({
  loginHost,
  sites,
  sitesElsewhere,
}: HostsConfig & { readonly sites: readonly ConfiguredSite[] }): readonly string[] {
  const origins = sites.flatMap(({ origin }) => (origin.kind === 'url' ? [origin] : []))
  return [loginHost, ...sites, ...sitesElsewhere, ...origins].map(
    ({ url }) => new URL(url).hostname,
  )
}
