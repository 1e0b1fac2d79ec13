import type { Store } from '../lib/store-error.ts'

/**
 * Events that an operator may want to read later. They hold names and reasons, never a token,
 * cookie, key or assertion.
 */
export type AuditEvent =
  | {
      readonly kind: 'login'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
    }
  /** A person who is signed in came to another host, and got a session there. */
  | {
      readonly kind: 'arrival'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
    }
  /** The IdP left a person's groups out, so rules that need a group refuse the person. */
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
      /** null: the person has no user here. */
      readonly user: string | null
      readonly reason: string
      readonly facts: Facts
    }
  | {
      readonly kind: 'access-denied'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
      readonly path: string
      readonly reason: string
    }
  /**
   * `session-refused`: a request came with a session that was revoked, or whose user or connection was
   * disabled. `session-ended`: a request that was open ended, or got nothing of its answer, because
   * access had ended. `device-refused`: a proof for a session that is, or was to be, bound to a device
   * was not good.
   */
  | {
      readonly kind: 'session-refused' | 'session-ended' | 'device-refused'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
      readonly reason: string
    }
  /**
   * A browser bound its session to its device. Or a session that is bound to a device came from
   * elsewhere, and was ended.
   */
  | {
      readonly kind: 'device-bound' | 'theft-stopped'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly session: string
    }
  | {
      readonly kind: 'logout'
      readonly site: string
      readonly user: string
      readonly session: string
    }
  /** An identity provider ended sign-ins of a person, by single logout. */
  | {
      readonly kind: 'idp-logout'
      readonly connection: string
      /** null: none of its sign-ins went on. */
      readonly user: string | null
      readonly binding: 'redirect' | 'post' | 'soap'
      readonly signIns: readonly string[]
    }
  /** An identity provider answered a LogoutRequest of ours. */
  | {
      readonly kind: 'idp-logout-answered'
      readonly connection: string
      /** `partial`: it could not tell every application. */
      readonly status: 'all' | 'partial' | 'failed'
      readonly codes: readonly string[]
    }
  /** A message of single logout was refused, or one of ours got no answer by SOAP. */
  | {
      readonly kind: 'logout-refused'
      readonly site: string
      readonly connection: string | null
      readonly reason: string
      readonly facts: Facts
    }
  /** A person ended sign-ins of their own in other browsers. */
  | {
      readonly kind: 'sign-ins-ended'
      readonly site: string
      readonly user: string
      /** The session that asked for it. */
      readonly session: string
      readonly signIns: readonly string[]
    }
  /** A directory created, changed or removed a person or a group. */
  | {
      readonly kind: 'directory-changed'
      readonly connection: string
      readonly token: string
      readonly change: string
      readonly id: string
      /** Of a user who was removed. */
      readonly name?: string
      /** The name of a group that was removed. */
      readonly group?: string
      readonly unknownMembers: number
    }
  /**
   * A directory tried to remove more people than its removal guard allows. Recorded once an hour.
   */
  | { readonly kind: 'removals-held'; readonly connection: string; readonly token: string }
  | {
      readonly kind: 'scim-refused'
      readonly connection: string
      /** null: the request had no valid token. */
      readonly token: string | null
      readonly status: number
      readonly reason: string
    }
  /** A request brought a token of ours that does not count. */
  | {
      readonly kind: 'token-refused'
      readonly site: string
      readonly connection: string | null
      /** The id of the service token or of the grant; null: not known. */
      readonly token: string | null
      /** As the audit names the program: `service ci`. */
      readonly name: string | null
      readonly reason: string
    }
  /** The API refused a request of a program. */
  | {
      readonly kind: 'api-refused'
      /** null: the request had no valid token. */
      readonly token: string | null
      /** null: the path or the method leads to none. */
      readonly operation: string | null
      readonly status: number
      readonly reason: string
    }
  | {
      readonly kind: 'origin-failed'
      readonly site: string
      /** The origin as the config names it, so without a path, a query or a password. */
      readonly origin: string
      readonly reason: string
    }
  /** Cron took other certificates or addresses from a connection's metadata. */
  | {
      readonly kind: 'metadata-changed'
      readonly connection: string
      /** Fingerprints. */
      readonly added: readonly string[]
      readonly removed: readonly string[]
      /** null: as before. */
      readonly ssoUrl: string | null
      /** Where messages of logout go now; empty: as before. */
      readonly sloUrls: readonly string[]
    }
  /** A connection's metadata changed in a way that a person has to accept. */
  | {
      readonly kind: 'metadata-waits'
      readonly connection: string
      readonly why: readonly string[]
      readonly digest: string
    }
  /** A connection's metadata cannot be read or used. Recorded when the reason is a new one. */
  | {
      readonly kind: 'metadata-failed'
      readonly connection: string
      readonly reason: string
      readonly explained: string
    }
  /** A certificate ends soon. Recorded 30 days, 7 days and 1 day before, once each. */
  | {
      readonly kind: 'certificate-ends'
      /** null: the certificate is ours. */
      readonly connection: string | null
      readonly certificate: string
      readonly endsAt: string
      readonly days: number
    }
  /**
   * An identity provider, or a transmitter of Shared Signals, said that something has happened to a
   * person. One event for each person that it names here.
   */
  | {
      readonly kind: 'signal'
      readonly connection: string
      /** null: a revocation by the identity provider itself. */
      readonly stream: string | null
      /** null: it names nobody here. */
      readonly user: string | null
      /** Such as `caep/session-revoked`. */
      readonly event: string
      /** How many sign-ins it ended. */
      readonly signIns: number
      readonly facts: Facts
    }
  /** A signal was not taken. No sign-in was ended. */
  | {
      readonly kind: 'signal-refused'
      readonly connection: string
      readonly stream: string | null
      readonly reason: string
    }
  /** A person gave a program access to a site, by OAuth. */
  | {
      readonly kind: 'grant-made'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly client: string
      /** As the person saw it. */
      readonly name: string
      readonly grant: string
      /** `remembered`: the person was not asked again. */
      readonly by: 'consent' | 'device' | 'remembered'
    }
  /** A program lost the access that a person had given. */
  | {
      readonly kind: 'grant-ended'
      readonly site: string
      readonly connection: string
      readonly user: string
      readonly client: string
      readonly grant: string
      /** `code` and `refresh`: a code or refresh token was used again, or by another client. */
      readonly reason: 'person' | 'client' | 'code' | 'refresh'
    }
  /** A program that asked for access got none. */
  | {
      readonly kind: 'grant-refused'
      /** null: nobody is signed in. */
      readonly connection: string | null
      readonly user: string | null
      readonly client: string
      /** An error of OAuth, such as `access_denied`. */
      readonly reason: string
    }
  | { readonly kind: 'store-unavailable'; readonly store: Store; readonly during: string }
  /** A webhook gets nothing more: its receiver wants no more (`gone`), or took nothing for days (`failing`). */
  | {
      readonly kind: 'webhook-off'
      readonly webhook: string
      /** Without path and query. */
      readonly url: string
      readonly reason: string
    }
  /** A webhook did not take messages in time. */
  | {
      readonly kind: 'webhook-gave-up'
      readonly webhook: string
      readonly url: string
      readonly messages: number
    }
  /** An operator changed something: one of the operations in `src/admin`. */
  | {
      readonly kind: 'operator'
      /** The face by which the operator asked. */
      readonly actor: 'cli' | 'console' | 'api'
      /** The name that the operator gave. It is not proven: write access to D1 is enough. */
      readonly operator: string
      /** The operation, as the command line names it. */
      readonly command: string
      readonly connection: string | null
      readonly user: string | null
      readonly facts: Facts
    }

export type Facts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Records an event. The request id in it is the one on the page that the visitor saw. */
export type Audit = (event: AuditEvent) => void
