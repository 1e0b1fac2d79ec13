import type { Policy } from '../policy/policy.ts'
import type { Host } from './host.ts'

/** What stands behind a host, and the policy in front of it. */
export interface Site extends Host {
  readonly origin: Origin
  readonly routes: readonly Route[]
  /** How long a token to the origin lives. */
  readonly tokenSeconds: number
  readonly headers: HeaderProfile | readonly NamedHeader[]
  /**
   * Origins whose pages may call this site with its visitors' cookies, as far as the gate goes:
   * their preflights are answered, and they may read our refusals. The site itself always may.
   */
  readonly corsOrigins: readonly string[]
  /** Whether a download of stated length that is under way ends with the session, or goes on. */
  readonly downloads: 'watch' | 'finish'
  /**
   * Where a rule or a header goes by what an identity provider says: whether it must be known which
   * one, or each that the site takes may say it.
   */
  readonly trust: 'one-connection' | 'every-connection'
}

export interface Route {
  /** Normalised, begins with `/`; covers itself and all below it, segment by segment. */
  readonly path: string
  readonly policy: Policy
}

export type Origin =
  | {
      readonly kind: 'url'
      /** Scheme and host, no path. */
      readonly url: string
      /**
       * Whose name is in the Host header. The runtime takes it from the URL that is fetched, so for
       * the public one the site's own URL is fetched, and `url` says where it is found.
       */
      readonly host: 'origin' | 'public'
    }
  /** A Worker. It sees the public URL. */
  | { readonly kind: 'service'; readonly binding: string }

/** For the log and for operators. */
export const nameOfOrigin = ({ origin, url }: Site): string => {
  if (origin.kind === 'service') return `service ${origin.binding}`
  return origin.host === 'public' ? `${origin.url} as ${url}` : origin.url
}

/** Scheme and host of the addresses that the origin knows its own resources by. */
export const originUrl = ({ origin, url }: Site): string =>
  origin.kind === 'url' && origin.host === 'origin' ? origin.url : url

/** Which dialect of identity headers the origin reads. */
export type HeaderProfile = 'gatehouse' | 'oauth2-proxy' | 'authelia' | 'authentik'

/** A header that the origin wants by a name of its own. */
export interface NamedHeader {
  readonly name: string
  readonly value: IdentityValue | { readonly attribute: string }
  readonly encoding: 'percent' | 'raw'
}

export type IdentityValue = 'id' | 'userName' | 'email' | 'name' | 'groups' | 'connection' | 'token'
