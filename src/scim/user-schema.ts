/** The User schema (RFC 7643 §4.1) and its enterprise extension (§4.3). */
import { attribute, reference, type Attribute } from './attribute.ts'

const primary = attribute(
  'primary',
  'Whether this value is the preferred one; true for at most one value.',
  {
    type: 'boolean',
  },
)

/**
 * A multi-valued attribute with the sub-attributes value, display, type and primary (RFC 7643
 * §2.4).
 */
const several = (
  name: string,
  description: string,
  value: Attribute,
  canonicalValues: readonly string[],
): Attribute =>
  attribute(name, description, {
    type: 'complex',
    multiValued: true,
    sub: [
      value,
      attribute('display', 'A name for people to read.'),
      attribute('type', 'The purpose of the value.', { canonicalValues }),
      primary,
    ],
  })

const text = (description: string): Attribute => attribute('value', description)

export const userAttributes: readonly Attribute[] = [
  attribute('userName', 'The name that identifies the user at this service; unique.', {
    required: true,
    uniqueness: 'server',
  }),
  attribute('name', 'The parts of the person’s name.', {
    type: 'complex',
    sub: [
      attribute('formatted', 'The whole name, as it is shown.'),
      attribute('familyName', 'The family name.'),
      attribute('givenName', 'The given name.'),
      attribute('middleName', 'The middle names.'),
      attribute('honorificPrefix', 'A title before the name.'),
      attribute('honorificSuffix', 'A suffix after the name.'),
    ],
  }),
  attribute('displayName', 'The name for people to read.'),
  attribute('nickName', 'The casual name of the person.'),
  reference('profileUrl', 'A page about the person.', ['external']),
  attribute('title', 'The person’s title, such as Vice President.'),
  attribute('userType', 'The relation to the organization, such as Employee.'),
  attribute('preferredLanguage', 'The language the person prefers, as in Accept-Language.'),
  attribute('locale', 'How to write dates, numbers and currencies for the person.'),
  attribute('timezone', 'The person’s time zone, as in the IANA database.'),
  attribute('active', 'Whether the user may sign in.', { type: 'boolean' }),
  several('emails', 'Email addresses.', text('An address.'), ['work', 'home', 'other']),
  several('phoneNumbers', 'Telephone numbers.', text('A number.'), [
    'work',
    'home',
    'mobile',
    'fax',
    'pager',
    'other',
  ]),
  several('ims', 'Instant messaging addresses.', text('An address.'), [
    'aim',
    'gtalk',
    'icq',
    'xmpp',
    'msn',
    'skype',
    'qq',
    'yahoo',
  ]),
  several('photos', 'Pictures.', reference('value', 'The URL of the picture.', ['external']), [
    'photo',
    'thumbnail',
  ]),
  attribute('addresses', 'Postal addresses.', {
    type: 'complex',
    multiValued: true,
    sub: [
      attribute('formatted', 'The whole address, as it is shown.'),
      attribute('streetAddress', 'Street and number.'),
      attribute('locality', 'City or locality.'),
      attribute('region', 'State or region.'),
      attribute('postalCode', 'Postal code.'),
      attribute('country', 'Country.'),
      attribute('type', 'The purpose of the value.', {
        canonicalValues: ['work', 'home', 'other'],
      }),
      primary,
    ],
  }),
  attribute('groups', 'The groups of the user; to change them, change the group.', {
    type: 'complex',
    multiValued: true,
    mutability: 'readOnly',
    sub: [
      attribute('value', 'The id of the group.', { mutability: 'readOnly' }),
      { ...reference('$ref', 'The address of the group.', ['Group']), mutability: 'readOnly' },
      attribute('display', 'The name of the group.', { mutability: 'readOnly' }),
      attribute('type', 'The kind of membership: direct.', {
        mutability: 'readOnly',
        canonicalValues: ['direct'],
      }),
    ],
  }),
  several('entitlements', 'Entitlements.', text('An entitlement.'), []),
  several('roles', 'Roles.', text('A role.'), []),
  several(
    'x509Certificates',
    'Certificates.',
    attribute('value', 'A certificate, base64.', { type: 'binary', caseExact: true }),
    [],
  ),
]

export const enterpriseAttributes: readonly Attribute[] = [
  attribute('employeeNumber', 'The number that the organization gave the person.'),
  attribute('costCenter', 'The cost centre.'),
  attribute('organization', 'The organization.'),
  attribute('division', 'The division.'),
  attribute('department', 'The department.'),
  attribute('manager', 'The person’s manager.', {
    type: 'complex',
    sub: [
      attribute('value', 'The id of the manager.'),
      reference('$ref', 'The address of the manager.', ['User']),
      attribute('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
    ],
  }),
]
