import type { LiveSession } from '../session/session.ts'
import type { HeaderProfile, Site } from '../site/site.ts'
import { valueOf } from './named.ts'
import { clientIdOf } from './token.ts'
import { encodeText, groupsToTell } from './told.ts'

export type HeaderPair = readonly [name: string, value: string]

/**
 * Sent in every profile. Origins should verify this token; the other headers are for origins that
 * cannot.
 */
const TOKEN_HEADER = 'X-Gatehouse-Jwt-Assertion'

/**
 * The identity headers for the origin: the token, then the headers of a dialect or the operator's
 * own.
 */
export function identityHeaders(
  headers: Site['headers'],
  token: string,
  live: LiveSession,
): readonly HeaderPair[] {
  const told =
    typeof headers === 'string'
      ? dialect(headers, token, live)
      : present(headers.map((header) => [header.name, valueOf(header, token, live)]))
  return [[TOKEN_HEADER, token], ...told]
}

/**
 * Identity headers of our dialects and of other gateways: Azure, AWS, Google, Kong, SiteMinder,
 * WebSEAL …
 */
const identity = new RegExp(
  [
    /^(x-gatehouse|x-forwarded|x-auth-request|x-authentik|x-pomerium|x-remote|remote|cf-access)(-|$)/,
    /^(x-vouch|tailscale|x-ms-client-principal|x-ms-token|x-amzn-oidc|x-goog-iap)(-|$)/,
    /^(x-goog-authenticated-user|x-consumer-(id|custom-id|username|groups)|x-anonymous-consumer)(-|$)/,
    /^(x-credential-(identifier|username)|sm-?user(dn)?|iv-(user|groups?|creds))(-|$)/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

/**
 * Whether an origin could take a client's header of this name for an identity header of any
 * dialect.
 */
export const couldBeIdentity = (name: string): boolean => identity.test(plainName(name))

/** Whether an origin could take a client's header of this name for one that the site configures. */
export const couldBeNamed = (name: string, headers: Site['headers']): boolean =>
  typeof headers !== 'string' && headers.some((named) => plainName(named.name) === plainName(name))

/**
 * The name as CGI-like origins see it, when they turn headers into variables: without case, with
 * dash, underscore and dot being the same, and without any of them at its ends.
 */
export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

function dialect(profile: HeaderProfile, token: string, live: LiveSession): HeaderPair[] {
  const { session } = live
  const email = session.email && encodeText(session.email)
  const displayName = session.displayName && encodeText(session.displayName)
  const userName = encodeText(session.userName)
  switch (profile) {
    case 'gatehouse': {
      const { via } = live
      const said = via && `${via.kind} ${encodeText(clientIdOf(via))}`
      return [...forwarded('X-Forwarded-', live), ...present([['X-Gatehouse-Via', said]])]
    }
    case 'oauth2-proxy':
      return [...forwarded('X-Forwarded-', live), ...forwarded('X-Auth-Request-', live)]
    case 'authelia':
      return present([
        ['Remote-User', userName],
        ['Remote-Name', displayName],
        ['Remote-Email', email],
        ['Remote-Groups', joinGroups(live, ',')],
      ])
    case 'authentik':
      return present([
        ['X-authentik-username', userName],
        ['X-authentik-uid', encodeText(session.userId)],
        ['X-authentik-name', displayName],
        ['X-authentik-email', email],
        ['X-authentik-groups', joinGroups(live, '|')],
        ['X-authentik-jwt', token],
      ])
  }
}

const forwarded = (prefix: string, live: LiveSession): HeaderPair[] =>
  present([
    // Two connections may have the same user name, but an id is never used twice.
    [`${prefix}User`, encodeText(live.session.userId)],
    [`${prefix}Preferred-Username`, encodeText(live.session.userName)],
    [`${prefix}Email`, live.session.email && encodeText(live.session.email)],
    [`${prefix}Groups`, joinGroups(live, ',')],
  ])

const joinGroups = ({ groups }: LiveSession, separator: string): string | null =>
  groupsToTell(groups)
    ?.filter((group) => group !== '')
    .map((group) => encodeText(group).replaceAll(separator, encodeURIComponent(separator)))
    .join(separator) ?? null

const present = (pairs: readonly (readonly [string, string | null])[]): HeaderPair[] =>
  pairs.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]))
