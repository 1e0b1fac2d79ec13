/**
 * How an identity provider is told who is about to sign in, so that it does not ask for the address
 * again. SAML's own way is a Subject in the request (Core §3.4.1), but most providers ignore it, and
 * Entra ID refuses it (AADSTS900236). They have a parameter of their own on the SSO URL.
 */
import type { Connection } from './connection.ts'

/** `none`, `subject`, or the name of a parameter. */
export type HintWay = string

/** Names that SAML itself uses there (Bindings §3.4.4.1) are no hint. */
export const isHintWay = (text: string): boolean =>
  /^[A-Za-z][\w.-]{0,39}$/.test(text) &&
  !/^(SAML(Request|Response|Encoding|art)|RelayState|SigAlg|Signature)$/i.test(text)

/** What the connection says, or else what its provider documents. */
export function hintWayOf({ ssoUrl, settings }: Connection): HintWay {
  if (settings.loginHint !== null) return settings.loginHint
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
  // Keycloak prefills its form with the Subject.
  { host: any, path: /\/realms\/[^/]+\/protocol\/saml$/, way: 'subject' },
]
