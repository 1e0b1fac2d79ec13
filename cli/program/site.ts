/** The site that a person names, and the login host that gives tokens for it (RFC 9728, RFC 8414). */
import { isLoopback } from '../../src/site/address.ts'
import { RESOURCE_METADATA_PATH, SERVER_METADATA_PATH } from '../../src/lib/paths.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, usage, type Failure } from '../command.ts'
import { plain } from '../text.ts'
import { askFor, textField } from './ask.ts'

export interface Server {
  readonly issuer: string
  readonly authorize: string
  readonly token: string
  readonly revoke: string
  /** null: programs may not register themselves. */
  readonly register: string | null
  /** null: there is no device flow. */
  readonly device: string | null
}

/** @returns the origin. A name without a scheme is a site by https. */
export function parseSite(text: string): Result<string, Failure> {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  const url = URL.canParse(given) ? new URL(given) : null
  if (!url || !isSafe(url) || url.username !== '' || url.password !== '') {
    return usage(
      `"${plain(text)}" is no address of a site. Give one such as https://app.example.com.`,
    )
  }
  return ok(url.origin)
}

export async function findServer(site: string): Promise<Result<Server, Failure>> {
  const about = await askFor(site + RESOURCE_METADATA_PATH)
  if (!about.ok) return about
  const { status, fields } = about.value
  const servers: unknown = fields?.['authorization_servers']
  const [issuer]: readonly unknown[] = Array.isArray(servers) ? servers : []
  if (status !== 200 || typeof issuer !== 'string') {
    return refused(
      `${site} gives no tokens to programs: it is not behind Gatehouse, or oauth is off there. Its operator turns it on in gatehouse.config.ts (docs/oauth.md).`,
    )
  }
  // RFC 9728 §3.3: another resource would get the token.
  if (textField(fields, 'resource') !== site) {
    return refused(`${site} says that it is another site. Nothing was sent; tell its operator.`)
  }
  if (!isOrigin(issuer)) return refused(`${site} names no login host that can be used.`)
  return readServer(issuer)
}

/** RFC 8414 §3.3: the issuer must be the one that was asked for. */
async function readServer(issuer: string): Promise<Result<Server, Failure>> {
  const answer = await askFor(issuer + SERVER_METADATA_PATH)
  if (!answer.ok) return answer
  const { status, fields } = answer.value
  const at = (name: string): string | null => {
    const url = textField(fields, name)
    return url !== null && URL.canParse(url) && new URL(url).origin === issuer ? url : null
  }
  const authorize = at('authorization_endpoint')
  const token = at('token_endpoint')
  const revoke = at('revocation_endpoint')
  const isOwn = textField(fields, 'issuer') === issuer
  if (status !== 200 || !isOwn || authorize === null || token === null || revoke === null) {
    return refused(`${issuer} does not describe itself as the login host. Tell its operator.`)
  }
  return ok({
    issuer,
    authorize,
    token,
    revoke,
    register: at('registration_endpoint'),
    device: at('device_authorization_endpoint'),
  })
}

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && isSafe(new URL(text))

const isSafe = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
