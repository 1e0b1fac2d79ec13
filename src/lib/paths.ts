/** Every path below this one is ours on every site; no origin ever receives it. */
export const OWN_PREFIX = '/.gatehouse'

/** The home page of a person: the sites that are open to them, and where they are signed in. */
export const HOME_PATH = `${OWN_PREFIX}/`
export const LOGIN_PATH = `${OWN_PREFIX}/login`
export const LOGOUT_PATH = `${OWN_PREFIX}/logout`
/** At the login host: goes on to sign out at the identity provider. */
export const LOGOUT_AT_IDP_PATH = `${LOGOUT_PATH}/idp`
/** At the login host: says what has ended, and what still holds. */
export const LOGOUT_DONE_PATH = `${LOGOUT_PATH}/done`
/** The last page of a sign-in that happens in a window of its own. */
export const SIGNED_IN_PATH = `${OWN_PREFIX}/signed-in`
/** Sends a tab to the URL that it wanted before sign-in. The tab itself remembers that URL. */
export const BACK_PATH = `${OWN_PREFIX}/back`
/** Takes over a sign-in that the login host passes on. */
export const ARRIVE_PATH = `${OWN_PREFIX}/arrive`
/** Begins a test of a connection. */
export const TEST_PATH = `${OWN_PREFIX}/test-sign-in`
/** The console's page of an attempt to sign in. */
export const signInPath = (id: string): string => `${OWN_PREFIX}/admin/sign-ins/${id}`
/** Receives the user's answer to "sign in as another user?". */
export const SWITCH_PATH = `${OWN_PREFIX}/switch`
/** The script for single-page apps (docs/single-page-apps.md). */
export const CLIENT_PATH = `${OWN_PREFIX}/client.js`
/** Says who is signed in, as JSON. */
export const ME_PATH = `${OWN_PREFIX}/me`
/** Shows a form that was kept during sign-in, and asks whether to send it. */
export const FORM_PATH = `${OWN_PREFIX}/form`
/** The console for operators, on the login host. */
export const CONSOLE_PATH = `${OWN_PREFIX}/admin`
export const isConsolePath = (pathname: string): boolean =>
  pathname === CONSOLE_PATH || pathname.startsWith(`${CONSOLE_PATH}/`)
/** The pages of a hand-over link, on the login host. */
export const HANDOVER_PATH = `${OWN_PREFIX}/hand-over`
/** Styles and scripts of the console. */
export const ASSETS_PATH = `${OWN_PREFIX}/assets`
/** Says whether the Worker runs. */
export const HEALTH_PATH = `${OWN_PREFIX}/health`
/** Says whether the Worker reaches KV and D1. */
export const READY_PATH = `${HEALTH_PATH}/ready`
export const JWKS_PATH = `${OWN_PREFIX}/jwks.json`

const SAML_PREFIX = `${OWN_PREFIX}/saml/`
export const acsPath = (connection: string): string => `${SAML_PREFIX}${connection}/acs`
/** Takes Single Logout by HTTP-Redirect and HTTP-POST. */
export const sloPath = (connection: string): string => `${SAML_PREFIX}${connection}/slo`
/** Takes Single Logout by SOAP. */
export const sloSoapPath = (connection: string): string => `${sloPath(connection)}/soap`
/** What browsers carry from an identity provider, and our metadata. */
export const isSamlPath = (pathname: string): boolean =>
  pathname.startsWith(SAML_PREFIX) && !pathname.endsWith('/soap')
/**
 * Serves our SP metadata for a connection. The login host's URL followed by this path is also our
 * entity ID.
 */
export const metadataPath = (connection: string): string => `${SAML_PREFIX}${connection}/metadata`

/** Where an identity provider ends all sign-ins of a person (Global Token Revocation). */
export const revocationPath = (connection: string): string =>
  `${OWN_PREFIX}/revocation/${connection}`
/** Where a transmitter of Shared Signals pushes events. */
export const signalsPath = (stream: string): string => `${OWN_PREFIX}/signals/${stream}`
export const isSignalPath = (pathname: string): boolean =>
  pathname.startsWith(revocationPath('')) || pathname.startsWith(signalsPath(''))

/** Below this path every response is SCIM, errors too. */
export const SCIM_PREFIX = `${OWN_PREFIX}/scim`
/** The path of a connection's SCIM base URL, on the login host. */
export const scimPath = (connection: string): string => `${SCIM_PREFIX}/${connection}/v2`
export const isScimPath = (pathname: string): boolean =>
  pathname === SCIM_PREFIX || pathname.startsWith(`${SCIM_PREFIX}/`)

/** Below this path every response is JSON of the API, errors too. */
export const API_PREFIX = `${OWN_PREFIX}/api/v1`
export const isApiPath = (pathname: string): boolean =>
  pathname === API_PREFIX || pathname.startsWith(`${API_PREFIX}/`)

/** Whether clients send tokens there, and no cookie. */
export const bearsToken = (pathname: string): boolean =>
  isScimPath(pathname) || isApiPath(pathname) || isSignalPath(pathname)
/** Whether a request there may disable people or revoke tokens. */
export const mayEndPrograms = (pathname: string): boolean =>
  bearsToken(pathname) || isConsolePath(pathname)
export const isOwnPath = (pathname: string): boolean =>
  pathname === OWN_PREFIX || pathname.startsWith(`${OWN_PREFIX}/`)

/** Path and query, byte for byte. `url.search` would lose the `?` of an empty query. */
export function targetOf({ href, protocol }: URL): string {
  const fragment = href.indexOf('#')
  const path = href.indexOf('/', protocol.length + '//'.length)
  return href.slice(path, fragment === -1 ? undefined : fragment)
}

/** The longest URL, in characters, to return to after sign-in: several must fit into one cookie. */
export const MAX_RETURN_LENGTH = 1500
