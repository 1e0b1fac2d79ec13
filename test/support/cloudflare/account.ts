/** What an account at Cloudflare holds, for the stand-in of Cloudflare's API. */

export interface Namespace {
  readonly id: string
  readonly title: string
  readonly values: Map<string, string>
}

export interface Database {
  readonly uuid: string
  readonly name: string
}

/** As metadata of an upload has it. */
export interface Binding {
  readonly type: string
  readonly name: string
  readonly text?: string | undefined
  readonly namespace_id?: string | undefined
  readonly id?: string | undefined
  readonly simple?: { readonly limit: number; readonly period: 10 | 60 } | undefined
}

export interface Module {
  readonly name: string
  readonly type: string
  readonly text: string
}

export interface Version {
  readonly id: string
  readonly bindings: readonly Binding[]
  readonly modules: readonly Module[]
}

export interface Worker {
  readonly name: string
  /** Oldest first. */
  readonly versions: Version[]
  /** Id of the version that answers. */
  live: string | null
  routes: readonly { readonly pattern: string }[]
  domains: readonly { readonly hostname: string }[]
  crons: readonly string[]
}

export interface Zone {
  readonly id: string
  readonly name: string
  /** Hosts with a DNS record of their own. */
  readonly records: readonly string[]
}

export interface Account {
  readonly namespaces: Namespace[]
  readonly databases: Database[]
  readonly workers: Map<string, Worker>
  readonly zones: readonly Zone[]
}

export const liveVersion = (worker: Worker): Version | null =>
  worker.versions.find(({ id }) => id === worker.live) ?? null

/** The Worker behind a host: by a custom domain, or by a route over the whole host. */
export const workerAt = ({ workers }: Account, host: string): Worker | null =>
  [...workers.values()].find(
    ({ domains, routes }) =>
      domains.some(({ hostname }) => hostname === host) ||
      routes.some(({ pattern }) => pattern === `${host}/*`),
  ) ?? null
