import { hostAt, takesConnection, type Host, type Hosts } from './host.ts'
import type { HostsConfig } from './host-config.ts'
import { siteAt } from './match.ts'
import type { ConfiguredSite } from './site.ts'

/** @param elsewhere the sites that other Workers guard. */
export function hostsOf(
  login: Host,
  sites: readonly ConfiguredSite[],
  elsewhere: readonly Host[],
): Hosts {
  const all = [login, ...sites, ...elsewhere]
  const idle = all.flatMap(({ session }) => session.idleSeconds ?? [])
  return {
    login,
    find: (authority) =>
      authority === login.authority
        ? null
        : (siteAt(sites, authority) ?? hostAt(elsewhere, authority)?.host ?? null),
    take: (connection) => all.some((host) => takesConnection(host, connection)),
    longestSeconds: Math.max(...all.map(({ session }) => session.absoluteSeconds)),
    shortestIdleSeconds: idle.length > 0 ? Math.min(...idle) : null,
  }
}

/** The login host, if this Worker answers on it and no site stands behind it. */
export const loginHostAlone = (
  { loginHost, isLoginElsewhere }: HostsConfig,
  sites: readonly ConfiguredSite[],
): Host | null =>
  isLoginElsewhere || sites.some(({ authority }) => authority === loginHost.authority)
    ? null
    : loginHost
