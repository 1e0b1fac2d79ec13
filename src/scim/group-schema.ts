/** The Group schema (RFC 7643 §4.2). */
import { attribute, reference, type Attribute } from './attribute.ts'

export const groupAttributes: readonly Attribute[] = [
  attribute('displayName', 'The name of the group; unique.', {
    required: true,
    uniqueness: 'server',
  }),
  attribute('members', 'The members of the group.', {
    type: 'complex',
    multiValued: true,
    sub: [
      attribute('value', 'The id of the member.', { mutability: 'immutable' }),
      { ...reference('$ref', 'The address of the member.', ['User']), mutability: 'immutable' },
      attribute('display', 'The name of the member.', { mutability: 'readOnly' }),
      attribute('type', 'The type of the member.', {
        mutability: 'immutable',
        canonicalValues: ['User'],
      }),
    ],
  }),
]
