/**
 * Parses the fields of a connection as an operator types them; a field has the name of the
 * command's option. Reports every fault at once. The word `none` removes a value that may be
 * absent.
 */
import * as v from 'valibot'
import { groupsFrom } from '../directory/whose-groups.ts'
import { plusSeconds, toInstant, toIso, type Instant } from '../lib/instant.ts'
import { control } from '../lib/pattern.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { requestSignatures } from '../saml/outgoing/sign.ts'
import { parseDayOrTime } from '../lib/time.ts'
import { toUri } from '../saml/values.ts'
import { toDomain } from './discovery.ts'
import { isHintWay } from './hint.ts'

/** A fault of a field. `problem` continues a sentence about the field: `must be …`. */
export interface InputFault {
  readonly field: string
  readonly problem: string
}

/** null or an empty list: the field is not given. */
export type FieldTexts = v.InferInput<ReturnType<typeof fieldsAt>>
export type Fields = v.InferOutput<ReturnType<typeof fieldsAt>>

/** No field is given. */
export const noFields: FieldTexts = {
  'display-name': null,
  enabled: null,
  'entity-id': null,
  'sso-url': null,
  'sso-binding': null,
  'slo-url': null,
  'slo-binding': null,
  'slo-response-url': null,
  provisioning: null,
  join: null,
  'groups-from': null,
  'removal-guard': null,
  'name-id-format': null,
  'force-authn': null,
  'login-hint': null,
  'authn-context': [],
  'authn-context-comparison': null,
  'subject-attribute': null,
  'sp-name-qualifier': null,
  'email-attribute': null,
  'user-name-attribute': null,
  'display-name-attribute': null,
  'groups-attribute': null,
  'clock-skew': null,
  'sign-requests': null,
  'require-encryption': null,
  'allow-sha1-until': null,
  'allow-weak-rsa-until': null,
  domain: [],
  'remove-domain': [],
}

/** A field that was given, and may have no value: null after `none`. */
interface Given<T> {
  readonly value: T | null
}

export function parseFields(
  texts: FieldTexts,
  now: Instant,
): Result<Fields, readonly InputFault[]> {
  const parsed = v.safeParse(fieldsAt(now), texts)
  return parsed.success
    ? ok(parsed.output)
    : err(
        parsed.issues.map(({ path, message }) => ({
          field: fieldOf(path?.[0].key),
          problem: message,
        })),
      )
}

/**
 * @param text the connection's id, which is part of our URLs. Okta, for one, refuses underscores in
 * URLs.
 */
export function judgeConnectionId(text: string): InputFault | null {
  if (text === 'new') {
    return { field: 'id', problem: 'must not be "new": that is the page that adds a connection' }
  }
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && text.length <= 40
    ? null
    : {
        field: 'id',
        problem: `must be at most 40 characters of a-z, 0-9 and inner hyphens, because it is part of URLs; it is "${shorten(text)}"`,
      }
}

/**
 * These URLs get messages with people's names, so plain http is refused. @returns the problem;
 * null: none.
 */
export function judgeMessageUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'must be a URL, such as https://idp.example.com/sso'
  const url = new URL(text)
  const { hash, username, password } = url
  if (hash || username || password) return 'must be a URL without a fragment, user name or password'
  return isHttpsOrLocal(url) ? null : 'must begin with https:// (plain http is for localhost only)'
}

/** Plain http never leaves this machine. */
export const isHttpsOrLocal = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  (protocol === 'http:' && /^((.+\.)?localhost|127\.0\.0\.1)$/.test(hostname))

const NAME_ID = 'nameid-format:'
export const nameIdFormats: Readonly<Record<string, string>> = {
  email: `urn:oasis:names:tc:SAML:1.1:${NAME_ID}emailAddress`,
  unspecified: `urn:oasis:names:tc:SAML:1.1:${NAME_ID}unspecified`,
  persistent: `urn:oasis:names:tc:SAML:2.0:${NAME_ID}persistent`,
  transient: `urn:oasis:names:tc:SAML:2.0:${NAME_ID}transient`,
  encrypted: `urn:oasis:names:tc:SAML:2.0:${NAME_ID}encrypted`,
}

const AUTHN_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'
/** The classes of Authentication Context §3.4 that are in use. */
const authnContexts = [
  'Kerberos',
  'MobileTwoFactorContract',
  'MobileTwoFactorUnregistered',
  'Password',
  'PasswordProtectedTransport',
  'Smartcard',
  'SmartcardPKI',
  'TimeSyncToken',
  'TLSClient',
  'X509',
  'unspecified',
]
const isUri = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text)

const line = (most: number) => {
  const problem = `must be one line of 1 to ${most} characters`
  return v.pipe(
    v.string(problem),
    v.trim(),
    v.check((text) => text !== '' && text.length <= most && !control.test(text), problem),
  )
}

const oneOf = <const T extends readonly string[]>(words: T, problem: string) =>
  v.pipe(v.string(problem), v.picklist(words, problem))

const none = v.pipe(
  v.literal('none'),
  v.transform((): Given<never> => ({ value: null })),
)
const orNone = <T>(schema: v.GenericSchema<string, T>) => {
  const some = v.pipe(
    schema,
    v.transform((value): Given<T> => ({ value })),
  )
  return v.lazy((input): v.GenericSchema<string, Given<T>> => (input === 'none' ? none : some))
}

const entityIdOf = (whose: string) =>
  v.pipe(line(1024), v.regex(/^\S+$/, `must be the entity ID of ${whose}, without spaces`))

const messageUrl = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? judgeMessageUrl(dataset.value) : null
    if (problem) addIssue({ message: problem })
  }),
  v.transform(toUri),
)
const binding = oneOf(['redirect', 'post'], 'must be redirect or post')

const attributeName = v.nullable(orNone(line(256)))

const nameIdFormat = v.pipe(
  v.string(),
  v.transform((text) => nameIdFormats[text] ?? text),
  v.check(isUri, 'must be email, persistent, unspecified, transient, encrypted, none, or a URN'),
)

const authnContext = v.pipe(
  v.string(),
  v.transform((text) => (authnContexts.includes(text) ? AUTHN_CONTEXT + text : text)),
  v.check(isUri, `must be one of ${authnContexts.join(', ')}, none, or a URN`),
)

const domain = v.pipe(
  v.string(),
  v.transform((text) => toDomain(text.trim()) ?? ''),
  v.nonEmpty('must be an email domain, such as example.com'),
)

const removalGuard = v.lazy((input): v.GenericSchema<string, Given<number>> =>
  input === 'off'
    ? v.pipe(
        v.literal('off'),
        v.transform(() => ({ value: null })),
      )
    : v.pipe(
        v.string(),
        v.regex(/^[1-9]\d?%$/, 'must be a share of the people, 1% to 99%, or off'),
        v.transform((text) => ({ value: Number(text.slice(0, -1)) })),
      ),
)

const loginHint = v.pipe(
  v.string(),
  v.check(
    isHintWay,
    'must be auto, none, subject, or the name of a parameter of the SSO URL, such as login_hint',
  ),
  v.transform((text): Given<string> => ({ value: text === 'auto' ? null : text })),
)

const YEAR_SECONDS = 366 * 86_400
const exceptionEndAt = (now: Instant) =>
  v.pipe(
    v.string(),
    v.transform(parseDayOrTime),
    v.check((end) => end !== null, 'must be a date, such as 2027-03-31, or none'),
    // `??` is unreachable: a pipe stops at a failed check.
    v.transform((end) => end ?? toInstant(0)),
    v.check(
      (end) => end > now,
      `must be later than today, ${toIso(now).slice(0, 10)}; none removes the exception`,
    ),
    v.check(
      (end) => end <= plusSeconds(now, YEAR_SECONDS),
      'must be within a year. You can renew an exception when it ends',
    ),
  )

const fieldsAt = (now: Instant) => {
  const exceptionEnd = v.nullable(orNone(exceptionEndAt(now)))
  return v.object({
    'display-name': v.nullable(line(100)),
    enabled: v.nullable(v.boolean()),
    'entity-id': v.nullable(entityIdOf('the IdP')),
    'sso-url': v.nullable(messageUrl),
    'sso-binding': v.nullable(binding),
    'slo-url': v.nullable(orNone(messageUrl)),
    'slo-binding': v.nullable(binding),
    'slo-response-url': v.nullable(orNone(messageUrl)),
    provisioning: v.nullable(
      oneOf(
        ['jit', 'scim', 'jit+scim'],
        'must be jit (everybody the IdP vouches for), scim (only people the directory has provisioned) or jit+scim (both)',
      ),
    ),
    join: v.nullable(
      oneOf(
        ['user-name', 'external-id', 'email'],
        'must be user-name, external-id or email: the field of a provisioned person that equals the subject',
      ),
    ),
    'groups-from': v.nullable(oneOf(groupsFrom, 'must be directory, assertion or auto')),
    'removal-guard': v.nullable(removalGuard),
    'name-id-format': v.nullable(orNone(nameIdFormat)),
    'force-authn': v.nullable(v.boolean()),
    'login-hint': v.nullable(loginHint),
    'authn-context': v.array(orNone(authnContext)),
    'authn-context-comparison': v.nullable(
      oneOf(['exact', 'minimum', 'maximum', 'better'], 'must be exact, minimum, maximum or better'),
    ),
    'subject-attribute': attributeName,
    'sp-name-qualifier': v.nullable(orNone(entityIdOf('an affiliation'))),
    'email-attribute': attributeName,
    'user-name-attribute': attributeName,
    'display-name-attribute': attributeName,
    'groups-attribute': attributeName,
    'clock-skew': v.nullable(
      v.pipe(
        v.string(),
        v.regex(/^\d{1,3}$/, 'must be 0 to 300 seconds'),
        v.transform(Number),
        v.maxValue(300, 'must be 0 to 300 seconds'),
      ),
    ),
    'sign-requests': v.nullable(
      orNone(oneOf(requestSignatures, 'must be rsa-sha256, ecdsa-sha256 or none')),
    ),
    'require-encryption': v.nullable(v.boolean()),
    'allow-sha1-until': exceptionEnd,
    'allow-weak-rsa-until': exceptionEnd,
    domain: v.array(domain),
    'remove-domain': v.array(domain),
  })
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

const fieldOf = (key: unknown): string => (typeof key === 'string' ? key : '')
