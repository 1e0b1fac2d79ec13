/** Describes what the service supports (RFC 7643 §5 to §7). */
import type { Attribute } from './attribute.ts'
import { BULK_OPERATIONS, BULK_BYTES } from './limits.ts'
import { DEFAULT_COUNT, MAX_COUNT } from './query.ts'
import { ENTERPRISE_SCHEMA, groupType, userType, type ResourceType } from './schema.ts'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0'

export const serviceProviderConfig = (base: string) => ({
  schemas: [`${CORE}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: true, maxOperations: BULK_OPERATIONS, maxPayloadSize: BULK_BYTES },
  filter: { supported: true, maxResults: MAX_COUNT },
  changePassword: { supported: false },
  sort: { supported: true },
  etag: { supported: true },
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: DEFAULT_COUNT,
    maxPageSize: MAX_COUNT,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token that the operator made for this connection.',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
})

export const resourceTypes = (base: string) =>
  [userType, groupType].map(({ name, endpoint, schema, extension }) => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    endpoint,
    description: descriptions[name],
    schema,
    schemaExtensions: extension ? [{ schema: extension.schema, required: false }] : [],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }))

export const schemas = (base: string) => [
  toSchema(base, userType.schema, 'User', userType.own),
  toSchema(base, ENTERPRISE_SCHEMA, 'EnterpriseUser', userType.extension?.attributes ?? []),
  toSchema(base, groupType.schema, 'Group', groupType.own),
]

const descriptions: Readonly<Record<ResourceType['name'] | 'EnterpriseUser', string>> = {
  User: 'User Account',
  EnterpriseUser: 'Enterprise User',
  Group: 'Group',
}

const toSchema = (
  base: string,
  id: string,
  name: keyof typeof descriptions,
  attributes: readonly Attribute[],
) => ({
  schemas: [`${CORE}:Schema`],
  id,
  name,
  description: descriptions[name],
  attributes: attributes.map(toJson),
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
})

function toJson({ sub, canonicalValues, referenceTypes, ...fields }: Attribute): object {
  return {
    ...fields,
    ...(canonicalValues.length > 0 ? { canonicalValues } : {}),
    ...(referenceTypes.length > 0 ? { referenceTypes } : {}),
    ...(sub.length > 0 ? { subAttributes: sub.map(toJson) } : {}),
  }
}
