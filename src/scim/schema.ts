/** The two resource types and their attributes. */
import { attribute, reference, type Attribute } from './attribute.ts'
import { groupAttributes } from './group-schema.ts'
import { enterpriseAttributes, userAttributes } from './user-schema.ts'

export interface ResourceType {
  readonly name: 'User' | 'Group'
  readonly endpoint: '/Users' | '/Groups'
  readonly schema: string
  readonly extension: Extension | null
  /** The attributes of its own schema. */
  readonly own: readonly Attribute[]
  /** The common attributes, followed by its own. */
  readonly attributes: readonly Attribute[]
}

export interface Extension {
  readonly schema: string
  readonly attributes: readonly Attribute[]
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'

const fixed = { mutability: 'readOnly' } as const
const exact = { caseExact: true } as const

/** Every resource has these; they belong to no schema (RFC 7643 §3.1). */
const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'The schemas of the resource.', {
    ...fixed,
    ...exact,
    multiValued: true,
    returned: 'always',
  }),
  attribute('id', 'The id that this service gave the resource.', {
    ...fixed,
    ...exact,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'The id that the client gave the resource.', exact),
  attribute('meta', 'Facts about the resource itself.', {
    ...fixed,
    type: 'complex',
    sub: [
      attribute('resourceType', 'User or Group.', { ...fixed, ...exact }),
      attribute('created', 'When the resource was created.', { ...fixed, type: 'dateTime' }),
      attribute('lastModified', 'When the resource was last changed.', {
        ...fixed,
        type: 'dateTime',
      }),
      { ...reference('location', 'The URL of the resource.', ['uri']), ...fixed },
      attribute('version', 'The entity tag of the resource.', { ...fixed, ...exact }),
    ],
  }),
]

export const userType: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  schema: USER_SCHEMA,
  extension: { schema: ENTERPRISE_SCHEMA, attributes: enterpriseAttributes },
  own: userAttributes,
  attributes: [...commonAttributes, ...userAttributes],
}

export const groupType: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  schema: GROUP_SCHEMA,
  extension: null,
  own: groupAttributes,
  attributes: [...commonAttributes, ...groupAttributes],
}
