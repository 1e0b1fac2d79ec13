import type { OwnText } from '../lib/brand.ts'
import type { Policy } from '../policy/policy.ts'
import type { Host } from './host.ts'

/** The application behind a host, and the policy in front of it. */
export interface Site extends Host {
  readonly origin: Origin
  readonly originTerms: OriginTerms
  readonly routes: readonly Route[]
  /** How long a token to the origin lives. */
  readonly tokenSeconds: number
  readonly headers: HeaderProfile | readonly NamedHeader[]
  /**
   * The answer to a preflight for a protected path: the gate gives it, or (`pass`) the site behind.
   */
  readonly preflights: 'answer' | 'pass'
  /** Whether answers on protected routes say when the visitor's session ends. */
  readonly announceSessionEnd: boolean
  /** Whether people may grant programs access to the site by OAuth. */
  readonly oauth: boolean
  /**
   * Whether a download of stated length ends with the session (`watch`), or may finish (`finish`).
   */
  readonly downloads: 'watch' | 'finish'
  readonly denied: Denied
  readonly shown: Shown
  /**
   * `one-connection`: a rule or header that relies on what an identity provider says must be about
   * one known connection. `every-connection`: each connection of the site is believed.
   */
  readonly trust: 'one-connection' | 'every-connection'
}

/** A site as the config has it. `*.example.com` stands for a site at each label of that domain. */
export type ConfiguredSite = Omit<Site, 'origin'> & { readonly origin: Origin | OriginByLabel }

/** How the home page shows the site. */
export interface Shown {
  readonly name: string
  /** null: none. */
  readonly description: string | null
  /** A letter or an emoji, or the image itself as a `data:` URL: the page loads nothing. */
  readonly icon: string
}

/** What a person without access is told. */
export interface Denied {
  /** The operator's own words; null: ours. */
  readonly words: OwnText | null
  /** Whether the page says which part of the rule is not met. */
  readonly rule: 'hidden' | 'shown'
}

export interface Route {
  /**
   * Normalised, begins with `/`. It covers the path itself and everything below it, by whole
   * segments. A segment `*` is any one name.
   */
  readonly path: string
  readonly policy: Policy
}

export type Origin =
  | {
      readonly kind: 'url'
      /** Scheme and host, no path. */
      readonly url: string
      /**
       * Whether the Host header has the origin's own name, or the site's public one. The runtime
       * takes it from the URL that is fetched. So for `public` the site's own URL is fetched, and
       * `url` says which server to connect to.
       */
      readonly host: 'origin' | 'public'
    }
  /** A Worker, which gets requests with the public URL. */
  | { readonly kind: 'service'; readonly binding: string }

/** The origin of each site that a `*.` stands for. */
export interface OriginByLabel {
  readonly kind: 'by-label'
  /** Scheme and host for a label; null: there is no such site. */
  readonly url: (label: string) => unknown
  readonly host: 'origin' | 'public'
}

export interface OriginTerms {
  /** What the origin has in front of each path of the site: `/wiki`, or nothing. */
  readonly path: string
  readonly headers: readonly OriginHeader[]
  /**
   * How long a request without a body may wait for the head of the answer. null: the config says
   * nothing.
   */
  readonly timeoutSeconds: number | null
}

/** A header that each request to the origin has. A secret is named as the Worker has it. */
export type OriginHeader =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly secret: string }

/** The origin's name in the log and in the command line. */
export const nameOfOrigin = ({ origin, url }: Site): string => {
  if (origin.kind === 'service') return `service ${origin.binding}`
  return origin.host === 'public' ? `${origin.url} as ${url}` : origin.url
}

/** Scheme, host and path of the site's root as the origin knows it. No slash at the end. */
export const originUrl = ({ origin, originTerms, url }: Site): string =>
  (origin.kind === 'url' && origin.host === 'origin' ? origin.url : url) + originTerms.path

/** Which dialect of identity headers the origin reads. */
export type HeaderProfile = 'gatehouse' | 'oauth2-proxy' | 'authelia' | 'authentik'

/** A header that the origin wants by a name of its own. */
export interface NamedHeader {
  readonly name: string
  readonly value: IdentityValue | { readonly attribute: string }
  readonly encoding: 'percent' | 'raw'
}

export type IdentityValue = 'id' | 'userName' | 'email' | 'name' | 'groups' | 'connection' | 'token'
