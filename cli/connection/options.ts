/** The options that say what a connection is, and how they become its fields. */
import type { FieldTexts } from '../../src/connection/fields.ts'
import { listOf, listOption, switchOption, textOf, textOption } from '../command.ts'
import type { Input, Option } from '../command.ts'

export const idpOptions: readonly Option[] = [
  textOption('metadata', '<url|file>', "the IdP's metadata: all that is below comes out of it"),
  textOption('entity', '<id>', 'with --metadata of several: the entity ID of the one meant'),
  textOption('entity-id', '<id>', "without --metadata: the IdP's entity ID (Issuer)"),
  textOption('sso-url', '<url>', 'without --metadata: where people sign in'),
  textOption('sso-binding', '<how>', 'redirect (preferred) or post'),
]

export const settingOptions: readonly Option[] = [
  textOption('display-name', '<name>', 'what people read on the page of choices'),
  listOption('domain', '<domain>', 'an email domain whose people sign in here, and nowhere else'),
  textOption(
    'provisioning',
    '<rule>',
    'jit: whoever the IdP vouches for (default); scim: only who is provisioned; jit+scim: both',
  ),
  textOption(
    'join',
    '<what>',
    'what of a provisioned person the subject is: user-name (default), external-id or email',
  ),
  textOption(
    'groups-from',
    '<where>',
    "directory, assertion, or auto: the directory's for who is provisioned (default)",
  ),
  textOption(
    'removal-guard',
    '<share>',
    'hold what would deactivate or remove more of the people in an hour: 20%; off (default)',
  ),
  textOption(
    'name-id-format',
    '<format>',
    'to ask for: email, persistent, unspecified, transient, encrypted, a URN; none asks for nothing (default)',
  ),
  switchOption('force-authn', 'ask the IdP to sign people in anew each time'),
  switchOption('no-force-authn', 'take that back'),
  textOption(
    'login-hint',
    '<how>',
    'how the IdP is told the address that somebody typed here: the name of a parameter, such as login_hint; subject; none; auto: as Okta, Entra ID, Google and Keycloak document it (default)',
  ),
  listOption(
    'authn-context',
    '<class>',
    'how people have to sign in: PasswordProtectedTransport, X509, …, a URN; none asks for nothing (default)',
  ),
  textOption('authn-context-comparison', '<how>', 'exact (default), minimum, maximum or better'),
  textOption(
    'subject-attribute',
    '<name>',
    'the attribute that people are known by; none: the NameID (default)',
  ),
  textOption(
    'sp-name-qualifier',
    '<id>',
    'an affiliation of ours, whose NameIDs are taken too; none (default)',
  ),
  textOption(
    'email-attribute',
    '<name>',
    'none: the usual names are tried (default), here and below',
  ),
  textOption('user-name-attribute', '<name>', 'what the origin is told as the user name'),
  textOption('display-name-attribute', '<name>', "the person's name"),
  textOption('groups-attribute', '<name>', 'the groups, one value each'),
  textOption('clock-skew', '<seconds>', 'how far the clock of the IdP may be off (default 60)'),
  textOption(
    'sign-requests',
    '<how>',
    'rsa-sha256 or ecdsa-sha256; none: unsigned (default, unless the metadata of a new one wants it)',
  ),
  switchOption('require-encryption', 'refuse an assertion that is not encrypted for us'),
  switchOption('no-require-encryption', 'take that back'),
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
