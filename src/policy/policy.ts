/** Who may use a route. Closed unions: access that no variant grants cannot be granted. */
export type Policy =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'rule'; readonly rule: Rule }

/** `connection`: the connection whose session is required; null: any connection of the site. */
export type Rule =
  | { readonly kind: 'group'; readonly name: string; readonly connection: string | null }
  /** By the group's SCIM id, which stays the same when the group is renamed. */
  | { readonly kind: 'group-id'; readonly id: string; readonly connection: string | null }
  | { readonly kind: 'email'; readonly email: string; readonly connection: string | null }
  | {
      readonly kind: 'email-domain'
      readonly domain: string
      readonly connection: string | null
    }
  | {
      readonly kind: 'attribute'
      readonly name: string
      readonly value: string
      readonly connection: string | null
    }
  | { readonly kind: 'connection'; readonly connection: string }
  | { readonly kind: 'any'; readonly of: readonly Rule[] }
  | { readonly kind: 'all'; readonly of: readonly Rule[] }
