/** The access to a route. Closed unions: access that no variant grants cannot be granted. */
export type Policy =
  | SettledPolicy
  /** The methods are open to anybody; every other method needs `otherwise`. */
  | {
      readonly kind: 'by-method'
      readonly methods: readonly string[]
      readonly otherwise: SettledPolicy
    }

/** A policy that is the same for every method. */
export type SettledPolicy =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'rule'; readonly rule: Rule }

/**
 * Plain data, so that policies can be compared as JSON. `connection`: the connection whose session
 * is required; null: any connection of the site.
 */
export type Rule = Leaf | Combined

export type Combined =
  | { readonly kind: 'any' | 'all'; readonly of: readonly Rule[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'named'; readonly name: string; readonly rule: Rule }

export type Leaf =
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'group'; readonly name: string; readonly connection: string | null }
  /** By the group's SCIM id, which stays the same when the group is renamed. */
  | { readonly kind: 'group-id'; readonly id: string; readonly connection: string | null }
  | { readonly kind: 'email'; readonly email: string; readonly connection: string | null }
  | { readonly kind: 'email-domain'; readonly domain: string; readonly connection: string | null }
  | {
      readonly kind: 'attribute'
      readonly name: string
      /** One of them is enough. */
      readonly values: readonly string[]
      readonly connection: string | null
    }
  | { readonly kind: 'has-attribute'; readonly name: string; readonly connection: string | null }
  | { readonly kind: 'connection'; readonly connection: string }
  /** A program with the service token of this name. */
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'country'; readonly countries: readonly string[] }
  | { readonly kind: 'ip'; readonly ranges: readonly IpRange[] }
  /** The session is bound to a device. */
  | { readonly kind: 'device-bound' }
  | { readonly kind: 'method'; readonly methods: readonly string[] }
  | { readonly kind: 'authn-context'; readonly classes: readonly string[] }
  /** The person has signed in at the identity provider within so many seconds. */
  | { readonly kind: 'signed-in-within'; readonly seconds: number }
  /** The person has signed in here within so many seconds (`maxSessionSeconds` of a route). */
  | { readonly kind: 'session-within'; readonly seconds: number }
  | Hours

export interface Hours {
  readonly kind: 'hours'
  /** Minutes of the day. The hours end on the next day if `to` is not after `from`. */
  readonly from: number
  readonly to: number
  /** The days on which the hours begin: 0 is Sunday. */
  readonly days: readonly number[]
  /** A name of the IANA time zone database. */
  readonly zone: string
}

export interface IpRange {
  /** As the config has it: `10.0.0.0/8`. */
  readonly text: string
  /** How each address of the range begins; see `Ip`. */
  readonly prefix: string
}
