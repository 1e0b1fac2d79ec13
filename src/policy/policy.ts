/** Who may pass a route. Closed unions: what is not written here cannot be allowed. */
export type Policy =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'rule'; readonly rule: Rule }

/** `connection` is the identity provider that must have said so; null takes any that the site takes. */
export type Rule =
  | { readonly kind: 'group'; readonly name: string; readonly connection: string | null }
  /** The directory's id of a group: it stays when the group is renamed. */
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
