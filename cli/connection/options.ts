/** The options of a connection, and how they become its fields. */
import type { FieldTexts } from '../../src/connection/fields.ts'
import { listOf, listOption, switchOption, textOf, textOption } from '../command.ts'
import type { Input, Option } from '../command.ts'

export const idpOptions: readonly Option[] = [
  textOption(
    'metadata',
    '<url|file>',
    "the IdP's metadata: entity ID, URL, binding and certificates",
  ),
  textOption('entity', '<id>', 'which IdP, if --metadata has several: its entity ID'),
  textOption('entity-id', '<id>', "without --metadata: the IdP's entity ID (Issuer)"),
  textOption('sso-url', '<url>', 'without --metadata: where people sign in'),
  textOption('sso-binding', '<how>', 'redirect (preferred) or post'),
]

export const settingOptions: readonly Option[] = [
  textOption('display-name', '<name>', 'the name that people see when they choose how to sign in'),
  listOption(
    'domain',
    '<domain>',
    'an email domain whose people sign in only with this connection',
  ),
  textOption(
    'provisioning',
    '<rule>',
    'who may sign in. jit: everybody the IdP signs in (default); scim: only provisioned people; jit+scim: both',
  ),
  textOption(
    'join',
    '<what>',
    'which value of a provisioned person the subject equals: user-name (default), external-id or email',
  ),
  textOption(
    'groups-from',
    '<where>',
    'directory, assertion, or auto: the directory for provisioned people, else the assertion (default)',
  ),
  textOption(
    'removal-guard',
    '<share>',
    'refuse to deactivate or remove more than this share of the people in an hour: 20%; off (default)',
  ),
  textOption(
    'name-id-format',
    '<format>',
    'the Name ID format to ask for: email, persistent, unspecified, transient, encrypted or a URN; none (default)',
  ),
  switchOption('force-authn', 'ask the IdP to sign people in anew each time'),
  switchOption('no-force-authn', 'undo --force-authn'),
  textOption(
    'login-hint',
    '<how>',
    'how to tell the IdP the address that a person typed: the name of a parameter, such as login_hint; subject; none; auto: as Okta, Entra ID, Google and Keycloak document it (default)',
  ),
  listOption(
    'authn-context',
    '<class>',
    'how people have to sign in: PasswordProtectedTransport, X509, … or a URN; none (default)',
  ),
  textOption('authn-context-comparison', '<how>', 'exact (default), minimum, maximum or better'),
  textOption(
    'subject-attribute',
    '<name>',
    'the attribute that identifies a person; none: the NameID (default)',
  ),
  textOption(
    'sp-name-qualifier',
    '<id>',
    'an affiliation whose NameIDs are accepted too; none (default)',
  ),
  textOption(
    'email-attribute',
    '<name>',
    'the attribute with the email address; none: the usual names (default), here and below',
  ),
  textOption(
    'user-name-attribute',
    '<name>',
    'the attribute with the user name, as the origin is told it',
  ),
  textOption('display-name-attribute', '<name>', "the attribute with the person's name"),
  textOption('groups-attribute', '<name>', 'the attribute with the groups, one value for each'),
  textOption('clock-skew', '<seconds>', 'how far the clock of the IdP may be off (default 60)'),
  textOption(
    'sign-requests',
    '<how>',
    'rsa-sha256 or ecdsa-sha256; none: not signed (default, unless the metadata of a new connection asks for it)',
  ),
  switchOption('require-encryption', 'refuse an assertion that is not encrypted for us'),
  switchOption('no-require-encryption', 'undo --require-encryption'),
  textOption(
    'allow-sha1-until',
    '<date>',
    'accept SHA-1 signatures for a while: 2027-03-31; none: never (default)',
  ),
  textOption(
    'allow-weak-rsa-until',
    '<date>',
    'accept RSA keys of 1024 to 2047 bits for a while; none: never (default)',
  ),
]

export function toFieldTexts(input: Input): FieldTexts {
  const text = (name: string): string | null => textOf(input, name)
  return {
    'display-name': text('display-name'),
    enabled: switchOf(input, 'enable', 'disable'),
    'entity-id': text('entity-id'),
    'sso-url': text('sso-url'),
    'sso-binding': text('sso-binding'),
    provisioning: text('provisioning'),
    join: text('join'),
    'groups-from': text('groups-from'),
    'removal-guard': text('removal-guard'),
    'name-id-format': text('name-id-format'),
    'force-authn': switchOf(input, 'force-authn', 'no-force-authn'),
    'login-hint': text('login-hint'),
    'authn-context': [...listOf(input, 'authn-context')],
    'authn-context-comparison': text('authn-context-comparison'),
    'subject-attribute': text('subject-attribute'),
    'sp-name-qualifier': text('sp-name-qualifier'),
    'email-attribute': text('email-attribute'),
    'user-name-attribute': text('user-name-attribute'),
    'display-name-attribute': text('display-name-attribute'),
    'groups-attribute': text('groups-attribute'),
    'clock-skew': text('clock-skew'),
    'sign-requests': text('sign-requests'),
    'require-encryption': switchOf(input, 'require-encryption', 'no-require-encryption'),
    'allow-sha1-until': text('allow-sha1-until'),
    'allow-weak-rsa-until': text('allow-weak-rsa-until'),
    domain: [...listOf(input, 'domain')],
    'remove-domain': [...listOf(input, 'remove-domain')],
  }
}

/** Pairs of switches that say the opposite. */
export const oppositeSwitches: readonly (readonly [string, string])[] = [
  ['enable', 'disable'],
  ['force-authn', 'no-force-authn'],
  ['require-encryption', 'no-require-encryption'],
]

const switchOf = ({ switches }: Input, on: string, off: string): boolean | null =>
  switches.has(on) ? true : switches.has(off) ? false : null
