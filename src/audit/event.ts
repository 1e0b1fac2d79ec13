/** What an operator may want to know later. Names and reasons; never a token, cookie, key or assertion. */
export type AuditEvent =
  | {
      readonly kind: 'login'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
    }
  /** The IdP left the groups of somebody out, so what needs one is closed to them. */
  | {
      readonly kind: 'groups-omitted'
      readonly site: string
      readonly connection: string
      readonly user: string
    }
  | {
      readonly kind: 'login-refused'
      readonly site: string
      readonly connection: string | null
      /** null: nobody whom the directory knows. */
      readonly user: string | null
      readonly reason: string
      readonly facts: Facts
    }
  | {
      readonly kind: 'access-denied'
      readonly site: string
      readonly user: string
      readonly session: string
      readonly path: string
      readonly reason: string
    }
  /** Asked with a session that somebody has put an end to. */
  | {
      readonly kind: 'session-refused'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
      readonly reason: string
    }
  /** What was open for them (a WebSocket, an event stream) was closed. */
  | {
      readonly kind: 'session-ended'
      readonly site: string
      readonly user: string
      readonly session: string
      readonly reason: string
    }
  | {
      readonly kind: 'logout'
      readonly site: string
      readonly user: string
      readonly session: string
    }
  /** A directory created, changed or removed somebody, or a group. */
  | {
      readonly kind: 'directory-changed'
      readonly connection: string
      readonly token: string
      readonly change: string
      readonly id: string
      readonly unknownMembers: number
    }
  /** A directory would remove more people than its guard lets through; once an hour. */
  | { readonly kind: 'removals-held'; readonly connection: string; readonly token: string }
  | {
      readonly kind: 'scim-refused'
      readonly connection: string
      /** null: none that counts. */
      readonly token: string | null
      readonly status: number
      readonly reason: string
    }
  | {
      readonly kind: 'origin-failed'
      readonly site: string
      /** What was tried: as the config has it, so without a path, a query or a password. */
      readonly origin: string
      readonly reason: string
    }
  | { readonly kind: 'store-unavailable'; readonly store: 'KV' | 'D1'; readonly during: string }
  /** An operator changed something: one of the operations in `src/admin`. */
  | {
      readonly kind: 'operator'
      /** The face by which the operator asked. */
      readonly actor: 'cli' | 'console' | 'api'
      /** The name that the operator gave. Nothing proves it: anybody who may write D1 may ask. */
      readonly operator: string
      /** The operation, as the command line names it. */
      readonly command: string
      readonly connection: string | null
      readonly user: string | null
      readonly facts: Facts
    }

export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Where events go; the request id joins them to the page the user saw. */
export type Audit = (event: AuditEvent) => void
