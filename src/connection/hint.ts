/**
 * Tells the IdP the email address of the person who is about to sign in, so that it does not ask
 * again. SAML's own way is a Subject in the request (Core §3.4.1), but most IdPs ignore it, and
 * Entra ID refuses it (AADSTS900236). They read a parameter of the SSO URL instead.
 */
import type { Connection } from './connection.ts'

/** `none`, `subject`, or the name of a URL parameter. */
export type HintWay = string

/** Names of parameters that SAML itself uses (Bindings §3.4.4.1) cannot be a hint. */
export const isHintWay = (text: string): boolean =>
  /^[A-Za-z][\w.-]{0,39}$/.test(text) &&
  !/^(SAML(Request|Response|Encoding|art)|RelayState|SigAlg|Signature)$/i.test(text)

/** The connection's setting; if there is none, what the IdP's documentation says. */
export function hintWayOf({ ssoUrl, settings }: Connection): HintWay {
  if (settings.loginHint !== null) return settings.loginHint
  if (!URL.canParse(ssoUrl)) return 'none'
  const { hostname, pathname } = new URL(ssoUrl)
  return known.find(({ host, path }) => host.test(hostname) && path.test(pathname))?.way ?? 'none'
}

const any = /^/
const known: readonly { readonly host: RegExp; readonly path: RegExp; readonly way: HintWay }[] = [
  {
    host: /^login\.(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)$/,
    path: any,
    way: 'login_hint',
  },
  { host: /^accounts\.google\.com$/, path: any, way: 'login_hint' },
  { host: /\.(okta|oktapreview|okta-emea|okta-gov)\.com$/, path: any, way: 'LoginHint' },
  // Keycloak fills the Subject into its sign-in form.
  { host: any, path: /\/realms\/[^/]+\/protocol\/saml$/, way: 'subject' },
]
