/** What a schema says of an attribute (RFC 7643 §2.2, §7), and how one is found by its name. */

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

/** With everything at its usual value (RFC 7643 §2.2) but what is given. */
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

/** Names are compared without regard to case (RFC 7643 §2.1). */
export const findAttribute = (attributes: readonly Attribute[], name: string): Attribute | null =>
  attributes.find((candidate) => sameName(candidate.name, name)) ?? null

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
