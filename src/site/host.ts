declare const authority: unique symbol

/** A host as browsers send it: lower case, with the port unless it is the default of the scheme. */
export type Authority = string & { readonly [authority]: true }

export const authorityOf = (url: URL): Authority => url.host.toLowerCase() as Authority

/**
 * A host that the Worker answers on. Our own paths, sign-in among them, belong to the host. A site
 * is the application behind the host.
 */
export interface Host {
  readonly authority: Authority
  /** Scheme and host, no trailing slash: `https://app.example.com`. */
  readonly url: string
  /** How long a session lasts that is opened at this host. */
  readonly session: SessionLength
  /** The connections that people may sign in with here; null: every enabled one. */
  readonly connections: readonly string[] | null
  /**
   * How people choose a connection, if there are several: from a list of all, or by their email
   * address alone.
   */
  readonly choice: 'list' | 'email'
  /**
   * Origins whose pages may call this site with its visitors' cookies, as far as the gate decides
   * it: their preflights are answered, and their pages may read our refusals. The site's own origin
   * always may.
   */
  readonly corsOrigins: readonly string[]
  /** What browsers clear at sign-out. With `storage` they clear the cache as well. */
  readonly signOutClears: 'cache' | 'storage'
  /**
   * Whether sessions of this host are bound to the browser's device: wherever the browser can
   * (`offer`), or without exception (`require`).
   */
  readonly deviceBinding: 'off' | 'offer' | 'require'
}

/** The hosts that share sign-ins. */
export interface Hosts {
  /** Where people sign in. */
  readonly login: Host
  /** A host that people may go on to from the login host; null: there is none at this address. */
  readonly find: (authority: string) => Host | null
  /** Whether people may sign in with this connection at one host at least. */
  readonly take: (connection: string) => boolean
  /** The longest session that any host opens. A sign-in lasts as long. */
  readonly longestSeconds: number
  /** The shortest idle limit of any host; null: none has one. */
  readonly shortestIdleSeconds: number | null
}

export interface HostFound<H extends Host> {
  readonly host: H
  /** What the `*` of the host stands for; null: the host is named as it is. */
  readonly label: string | null
}

/**
 * The host at an address: by its own name, or else by a `*` in place of its first label.
 *
 * @param at as browsers send it. A host with a trailing dot is another host, with other cookies.
 */
export function hostAt<H extends Host>(hosts: readonly H[], at: string): HostFound<H> | null {
  if (at.includes('*')) return null
  const named = hosts.find((host) => host.authority === at)
  if (named) return { host: named, label: null }
  const [, label, rest] = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(\..+)$/.exec(at) ?? []
  const family =
    rest === undefined ? undefined : hosts.find((host) => host.authority === `*${rest}`)
  if (!family || label === undefined) return null
  const url = family.url.replace('*', label)
  return { host: { ...family, url, authority: authorityOf(new URL(url)) }, label }
}

/** Whether people sign in at this host. Every other host leaves that to it. */
export const isLoginHost = ({ authority: own }: Host, { login }: Pick<Hosts, 'login'>): boolean =>
  own === login.authority

export const takesConnection = ({ connections }: Pick<Host, 'connections'>, id: string): boolean =>
  connections === null || connections.includes(id)

export interface SessionLength {
  /** Seconds from sign-in until the session ends, even if it is used. */
  readonly absoluteSeconds: number
  /** Seconds without a request until the session ends; null: no idle limit. */
  readonly idleSeconds: number | null
}
