/** The fields of a connection, as operators give them, and the input that they make. */
import { isHttpsOrLocal, noFields } from '../connection/fields.ts'
import type { ConnectionInput } from '../connection/input.ts'
import { utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Context } from './context.ts'
import { onOffOrKept, oneValue, optionalText, texts, type Field, type InputOf } from './field.ts'

const MOST_METADATA = 1_000_000
const MOST_CERTIFICATE = 20_000
const MOST_ITEMS = 100

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)

const metadata: Field<string | null> = oneValue(
  {
    meaning: "the IdP's metadata, by URL or as it is: entity ID, URL, binding and certificates",
    placeholder: 'url',
    isRequired: false,
    schema: { type: 'string', minLength: 1, maxLength: MOST_METADATA },
  },
  (given) => {
    if (given === null) return ok(null)
    if (given.length > MOST_METADATA) return err('has more than 1 MB')
    return isUrl(given) && !(URL.canParse(given) && isHttpsOrLocal(new URL(given)))
      ? err('is fetched over https only (http for localhost)')
      : ok(given)
  },
)

export const idpFields = {
  metadata,
  entity: optionalText('id', 'which IdP, if the metadata has several: its entity ID'),
  'entity-id': optionalText('id', "without metadata: the IdP's entity ID (Issuer)"),
  'sso-url': optionalText('url', 'without metadata: where people sign in'),
  'sso-binding': optionalText('how', 'redirect (preferred) or post'),
}

/** @param meaning what the certificates are for. */
export const certificates = (meaning: string): Field<readonly string[]> =>
  texts('pem', meaning, { most: MOST_ITEMS, each: MOST_CERTIFICATE })

const list = (placeholder: string, meaning: string) =>
  texts(placeholder, meaning, { most: MOST_ITEMS })

export const settingFields = {
  'slo-url': optionalText(
    'url',
    'where the IdP takes logout messages (Single Logout URL), if its metadata does not say; none: no single logout',
  ),
  'slo-binding': optionalText('how', 'redirect or post; as people are sent to sign in (default)'),
  'slo-response-url': optionalText(
    'url',
    'where the answer to a LogoutRequest goes; none: to the slo-url (default)',
  ),
  'display-name': optionalText('name', 'the name that people see when they choose how to sign in'),
  domain: list('domain', 'an email domain whose people sign in only with this connection'),
  provisioning: optionalText(
    'rule',
    'who may sign in. jit: everybody the IdP signs in (default); scim: only provisioned people; jit+scim: both',
  ),
  join: optionalText(
    'what',
    'which value of a provisioned person the subject equals: user-name (default), external-id or email',
  ),
  'groups-from': optionalText(
    'where',
    'directory, assertion, or auto: the directory for provisioned people, else the assertion (default)',
  ),
  'removal-guard': optionalText(
    'share',
    'refuse to deactivate or remove more than this share of the people in an hour: 20%; off (default)',
  ),
  'name-id-format': optionalText(
    'format',
    'the Name ID format to ask for: email, persistent, unspecified, transient, encrypted or a URN; none (default)',
  ),
  'force-authn': onOffOrKept('ask the IdP to sign people in anew each time'),
  'login-hint': optionalText(
    'how',
    'how to tell the IdP the address that a person typed: the name of a parameter, such as login_hint; subject; none; auto: as Okta, Entra ID, Google and Keycloak document it (default)',
  ),
  'authn-context': list(
    'class',
    'how people have to sign in: PasswordProtectedTransport, X509, … or a URN; none (default)',
  ),
  'authn-context-comparison': optionalText('how', 'exact (default), minimum, maximum or better'),
  'subject-attribute': optionalText(
    'name',
    'the attribute that identifies a person; none: the NameID (default)',
  ),
  'sp-name-qualifier': optionalText(
    'id',
    'an affiliation whose NameIDs are accepted too; none (default)',
  ),
  'email-attribute': optionalText(
    'name',
    'the attribute with the email address; none: the usual names (default), here and below',
  ),
  'user-name-attribute': optionalText(
    'name',
    'the attribute with the user name, as the origin is told it',
  ),
  'display-name-attribute': optionalText('name', "the attribute with the person's name"),
  'groups-attribute': optionalText('name', 'the attribute with the groups, one value for each'),
  'clock-skew': optionalText('seconds', 'how far the clock of the IdP may be off (default 60)'),
  'sign-requests': optionalText(
    'how',
    'rsa-sha256 or ecdsa-sha256; none: not signed (default, unless the metadata of a new connection asks for it)',
  ),
  'require-encryption': onOffOrKept('refuse an assertion that is not encrypted for us'),
  'allow-sha1-until': optionalText(
    'date',
    'accept SHA-1 signatures for a while: 2027-03-31; none: never (default)',
  ),
  'allow-weak-rsa-until': optionalText(
    'date',
    'accept RSA keys of 1024 to 2047 bits for a while; none: never (default)',
  ),
}

type Given = InputOf<typeof idpFields & typeof settingFields>

/** What changes beyond the fields that a new connection has. */
interface Changes {
  readonly enabled: boolean | null
  readonly certificates: readonly string[]
  readonly replace: boolean
  readonly removeCertificates: readonly string[]
  readonly removeDomains: readonly string[]
}

export const noChanges: Changes = {
  enabled: null,
  certificates: [],
  replace: false,
  removeCertificates: [],
  removeDomains: [],
}

export interface MetadataRefusal {
  readonly reason: 'metadata-not-fetched'
  /** A sentence. */
  readonly why: string
}

export const judgeIdp = ({ metadata: given, entity }: Given): string | null =>
  given === null && entity !== null ? 'entity chooses within metadata: give both.' : null

/** Fetches the metadata, if a URL is given. */
export async function readInput(
  { fetchMetadata }: Pick<Context, 'fetchMetadata'>,
  given: Given,
  changes: Changes,
): Promise<Result<ConnectionInput, MetadataRefusal>> {
  const xml = await readXml(fetchMetadata, given)
  if (!xml.ok) return xml
  return ok({
    fields: {
      ...noFields,
      ...given,
      'authn-context': [...given['authn-context']],
      domain: [...given.domain],
      enabled: changes.enabled,
      'remove-domain': [...changes.removeDomains],
    },
    metadata: xml.value && {
      xml: xml.value,
      url: isUrl(given.metadata ?? '') ? given.metadata : null,
      entityId: given.entity,
    },
    certificates: changes.certificates.map((text, i) => ({ name: `number ${i + 1}`, text })),
    replaceCertificates: changes.replace,
    removeCertificates: changes.removeCertificates,
  })
}

async function readXml(
  fetchMetadata: Context['fetchMetadata'],
  { metadata: given, entity }: Pick<Given, 'metadata' | 'entity'>,
): Promise<Result<Uint8Array | null, MetadataRefusal>> {
  if (given === null) return ok(null)
  if (!isUrl(given)) return ok(utf8(given))
  const reason = 'metadata-not-fetched'
  if (!fetchMetadata) {
    return err({ reason, why: 'Metadata is not fetched here. Give the document itself.' })
  }
  const fetched = await fetchMetadata(given, entity)
  return fetched.ok ? fetched : err({ reason, why: fetched.error })
}
