/** Every path below this one is ours on every site; no origin ever receives it. */
export const OWN_PREFIX = '/.gatehouse'

/** The home page of a person: the sites that are open to them, and where they are signed in. */
export const HOME_PATH = `${OWN_PREFIX}/`
export const LOGIN_PATH = `${OWN_PREFIX}/login`
/** Its parameter by which a policy asks for another sign-in. */
export const ANEW = 'anew'
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
/** Binds a session to the browser's device. */
export const DEVICE_REGISTER_PATH = `${OWN_PREFIX}/device/register`
/** Gives a bound session its next cookie. */
export const DEVICE_REFRESH_PATH = `${OWN_PREFIX}/device/refresh`
/** The script for single-page apps (docs/single-page-apps.md). */
export const CLIENT_PATH = `${OWN_PREFIX}/client.js`
/** The signed-in person, as JSON. */
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
/** Whether messages of Single Logout come there, by any binding. */
export const isSloPath = (pathname: string): boolean =>
  pathname.startsWith(SAML_PREFIX) && /\/slo(\/soap)?$/.test(pathname)
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

const OAUTH_PREFIX = `${OWN_PREFIX}/oauth`
/** At the login host: asks a person whether a program may act for them. */
export const AUTHORIZE_PATH = `${OAUTH_PREFIX}/authorize`
/** At the login host: a person enters the code that a device shows. */
export const DEVICE_PATH = `${OAUTH_PREFIX}/device`
/** At the login host: asks for a device code (RFC 8628). */
export const DEVICE_ASK_PATH = `${OAUTH_PREFIX}/device-authorization`
export const TOKEN_PATH = `${OAUTH_PREFIX}/token`
export const REVOKE_PATH = `${OAUTH_PREFIX}/revoke`
export const REGISTER_PATH = `${OAUTH_PREFIX}/register`
/** At the login host or a site: a person takes back what they granted. */
export const GRANTS_PATH = `${OAUTH_PREFIX}/grants`
/** At the login host: what the authorization server can do (RFC 8414). */
export const SERVER_METADATA_PATH = '/.well-known/oauth-authorization-server'
/** At a site: who gives access to it (RFC 9728). The path of a resource may follow. */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource'
/** Pages that a person opens, so sign-in may lead back to them. */
export const isOauthPage = (pathname: string): boolean =>
  pathname === AUTHORIZE_PATH || pathname === DEVICE_PATH
/** Whether programs send secrets there. */
export const isOauthPath = (pathname: string): boolean =>
  pathname.startsWith(`${OAUTH_PREFIX}/`) && !isOauthPage(pathname)

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
  isScimPath(pathname) || isApiPath(pathname) || isSignalPath(pathname) || isOauthPath(pathname)

/** Whether a request there may disable people or revoke tokens. */
export const mayEndPrograms = (pathname: string): boolean =>
  (bearsToken(pathname) && pathname !== TOKEN_PATH) || isConsolePath(pathname)

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
