/** An attribute as schemas define it (RFC 7643 §2.2, §7), and how to find it by name. */

export interface Attribute {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex'
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readWrite' | 'readOnly' | 'immutable'
  readonly returned: 'always' | 'default'
  readonly uniqueness: 'none' | 'server'
  readonly canonicalValues: readonly string[]
  readonly referenceTypes: readonly string[]
  readonly sub: readonly Attribute[]
}

/** An attribute with the default characteristics of RFC 7643 §2.2, except those in `fields`. */
export const attribute = (
  name: string,
  description: string,
  fields: Partial<Attribute> = {},
): Attribute => ({
  name,
  description,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  canonicalValues: [],
  referenceTypes: [],
  sub: [],
  ...fields,
})

export const reference = (
  name: string,
  description: string,
  referenceTypes: readonly string[],
): Attribute => attribute(name, description, { type: 'reference', caseExact: true, referenceTypes })

/** Attribute names are case-insensitive (RFC 7643 §2.1). */
export const findAttribute = (attributes: readonly Attribute[], name: string): Attribute | null =>
  attributes.find((candidate) => sameName(candidate.name, name)) ?? null

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
