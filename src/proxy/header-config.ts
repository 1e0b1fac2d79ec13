/** `headers` of a site in the config: a known dialect, or the names that the application reads. */
import * as v from 'valibot'
import { options, text } from '../lib/options.ts'
import type { HeaderProfile, IdentityValue, NamedHeader, Site } from '../site/site.ts'
import { isNameable } from './request-headers.ts'

type NamedValue =
  | IdentityValue
  | { value: IdentityValue; encoding?: NamedHeader['encoding'] }
  | { attribute: string; encoding?: NamedHeader['encoding'] }
export type HeadersConfig = HeaderProfile | Record<string, NamedValue>

const dialect = v.picklist(
  ['gatehouse', 'oauth2-proxy', 'authelia', 'authentik'],
  "must be gatehouse, oauth2-proxy, authelia or authentik, or names of your own: { 'X-WEBAUTH-USER': 'email' }",
)
const noAccess = v.custom<never>(
  () => false,
  'cannot be cloudflare-access: software that checks Access tokens fetches the keys from an address of Cloudflare, where no Worker can answer. Let the site check X-Gatehouse-Jwt-Assertion instead (docs/origin.md)',
)
const identityValue = v.picklist(
  ['id', 'userName', 'email', 'name', 'groups', 'connection', 'token'],
  "must be 'id', 'userName', 'email', 'name', 'groups', 'connection', 'token' or { attribute: '...' }",
)
const encodings = v.exactOptional(v.picklist(['percent', 'raw'], 'must be percent or raw'))
const namedValue = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) return identityValue
  return 'attribute' in input
    ? options({
        attribute: text,
        encoding: encodings,
      })
    : options({ value: identityValue, encoding: encodings })
}) as v.GenericSchema<NamedValue>
const namedHeaders = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.check(
        isNameable,
        'must begin with X- or Remote-, have only letters, digits and dashes, and not be a header for addresses, paths or methods',
      ),
    ),
    namedValue,
  ),
  v.check(
    (names) =>
      new Set(Object.keys(names).map((name) => name.toLowerCase())).size ===
      Object.keys(names).length,
    'has a name twice',
  ),
  v.check((names) => Object.keys(names).length <= 20, 'must have 20 names at most'),
)
export const headersSchema = v.lazy((input) => {
  if (input === 'cloudflare-access') return noAccess
  return typeof input === 'object' && input !== null ? namedHeaders : dialect
}) as v.GenericSchema<HeadersConfig>

export function toHeaders(headers: HeadersConfig): Site['headers'] {
  if (typeof headers === 'string') return headers
  return Object.entries(headers).map(([name, said]) => {
    if (typeof said === 'string') return { name, value: said, encoding: 'percent' }
    const { encoding = 'percent' } = said
    const value = 'attribute' in said ? { attribute: said.attribute } : said.value
    return { name, value, encoding }
  })
}
