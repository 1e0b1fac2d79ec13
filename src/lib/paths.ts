/** Everything below this path is ours on every site; nothing of it reaches an origin. */
export const OWN_PREFIX = '/.gatehouse'

export const LOGIN_PATH = `${OWN_PREFIX}/login`
export const LOGOUT_PATH = `${OWN_PREFIX}/logout`
/** The page that a sign-in in a window of its own ends on. */
export const SIGNED_IN_PATH = `${OWN_PREFIX}/signed-in`
/** Leads a tab on to where it wanted to go, which the tab itself remembers. */
export const BACK_PATH = `${OWN_PREFIX}/back`
/** Takes the answer of a person who was asked whether to become somebody else here. */
export const SWITCH_PATH = `${OWN_PREFIX}/switch`
export const JWKS_PATH = `${OWN_PREFIX}/jwks.json`

export const acsPath = (connection: string): string => `${OWN_PREFIX}/saml/${connection}/acs`
/** The SP metadata of a connection; with the site's URL before it, also its entity ID. */
export const metadataPath = (connection: string): string =>
  `${OWN_PREFIX}/saml/${connection}/metadata`

/** Everything below it speaks SCIM, errors too. */
export const SCIM_PREFIX = `${OWN_PREFIX}/scim`
/** The base URL of a connection's directory, behind the site's. */
export const scimPath = (connection: string): string => `${SCIM_PREFIX}/${connection}/v2`
export const isScimPath = (pathname: string): boolean =>
  pathname === SCIM_PREFIX || pathname.startsWith(`${SCIM_PREFIX}/`)

export const isOwnPath = (pathname: string): boolean =>
  pathname === OWN_PREFIX || pathname.startsWith(`${OWN_PREFIX}/`)

/** Path and query, byte for byte: `search` alone would lose the `?` of an empty query. */
export function targetOf({ href, protocol }: URL): string {
  const fragment = href.indexOf('#')
  const path = href.indexOf('/', protocol.length + '//'.length)
  return href.slice(path, fragment === -1 ? undefined : fragment)
}

/** Of a page to return to after sign-in: several have to fit into a cookie. */
export const MAX_RETURN_LENGTH = 1500
