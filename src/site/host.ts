declare const authority: unique symbol

/** A host as browsers send it: lower case, with the port where it is not the scheme's own. */
export type Authority = string & { readonly [authority]: true }

export const authorityOf = (url: URL): Authority => url.host.toLowerCase() as Authority

/**
 * An address that the Worker answers on. Own paths, sign-in among them, live on hosts; what stands
 * behind one is a site.
 */
export interface Host {
  readonly authority: Authority
  /** Scheme and host, no trailing slash: `https://app.example.com`. */
  readonly url: string
  /** How long a session that is opened here lasts. */
  readonly session: SessionLength
  /** The connections that people may sign in with here; null: every enabled one. */
  readonly connections: readonly string[] | null
  /** How people choose among several: from a list of all, or by their email address alone. */
  readonly choice: 'list' | 'email'
  /** What browsers drop at sign-out; with `storage`, the cache as well. */
  readonly signOutClears: 'cache' | 'storage'
}

export interface SessionLength {
  /** From sign-in, whatever happens. */
  readonly absoluteSeconds: number
  /** Without a request; null: no idle limit. */
  readonly idleSeconds: number | null
}
