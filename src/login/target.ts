/** The host that a person goes on to from the login host, once they are signed in. */
import { LOGIN_PATH } from '../lib/paths.ts'
import { authorityOf, type Host, type Hosts } from '../site/host.ts'
import { isHandle } from './pending.ts'
import { isLedOn, type ReturnTo } from './return-to.ts'

export interface Target {
  readonly host: Host
  /** The handle of the login that the browser has begun at that host. */
  readonly login: string
  /** A form gets past a service worker of that host; a redirect needs no script. */
  readonly by: 'redirect' | 'form'
}

/**
 * The address at the login host that leads on to the target. It is also what the login host
 * remembers as the address to return to.
 */
export const pathTo = ({ host, login, by }: Target): ReturnTo => {
  const query = new URLSearchParams({ go: '1', site: host.authority, login, by })
  return `${LOGIN_PATH}?${query.toString()}` as ReturnTo
}

/** null: the address leads to no host that shares sign-ins with the login host. */
export function readTarget(query: URLSearchParams, hosts: Hosts): Target | null {
  const host = hosts.find(query.get('site') ?? '')
  const login = query.get('login') ?? ''
  const by = query.get('by') === 'form' ? 'form' : 'redirect'
  return host && isHandle(login) ? { host, login, by } : null
}

/** The host of an absolute URL, if people may go on to it from the login host. */
export const hostOf = (url: string | null, hosts: Hosts): Host | null =>
  url !== null && URL.canParse(url) ? hosts.find(authorityOf(new URL(url))) : null

/** The target of an address that `pathTo` made; null: the address is a page of the login host. */
export const targetOf = (returnTo: ReturnTo, hosts: Hosts): Target | null =>
  isLedOn(returnTo)
    ? readTarget(new URLSearchParams(returnTo.slice(LOGIN_PATH.length)), hosts)
    : null
