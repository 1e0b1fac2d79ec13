import {
  BACK_PATH,
  HOME_PATH,
  isConsolePath,
  isOauthPage,
  isOwnPath,
  LOGIN_PATH,
  MAX_RETURN_LENGTH,
  SIGNED_IN_PATH,
  targetOf,
} from '../lib/paths.ts'

declare const returnTo: unique symbol

/** A page of the site to go to after sign-in: path, query and fragment. Never another host. */
export type ReturnTo = string & { readonly [returnTo]: true }

export const HOME = '/' as ReturnTo
/** For a sign-in in a separate window: our page that closes the window, not a page of the site. */
export const SIGNED_IN = SIGNED_IN_PATH as ReturnTo

/** The tab remembers the address itself, because it may be too long for a cookie. */
export const IN_TAB = BACK_PATH as ReturnTo

/**
 * The address that was asked for, if it is a page of this site; else the home page. At the login host
 * it may lead on to another host (`target.ts`). The parser is the one that browsers use, so a
 * backslash or a tab cannot disguise another host.
 *
 * @param text an absolute URL or a path.
 * @param siteUrl scheme and host.
 * @param tooLong the result for an address that is too long for a cookie.
 */
export function parseReturnTo(
  text: string | null,
  siteUrl: string,
  tooLong: ReturnTo = HOME,
): ReturnTo {
  if (text !== null && text.length > MAX_RETURN_LENGTH) return tooLong
  if (text === null || !URL.canParse(text, siteUrl)) return HOME
  const url = new URL(text, siteUrl)
  // Scheme and host are compared: `origin` of a `blob:` URL is that of the URL inside it.
  if (`${url.protocol}//${url.host}` !== siteUrl || url.username || url.password) return HOME
  if (url.pathname === SIGNED_IN) return SIGNED_IN
  if (url.pathname === IN_TAB) return IN_TAB
  if (url.pathname === HOME_PATH) return HOME_PATH as ReturnTo
  const leadsOn = url.pathname === LOGIN_PATH && url.searchParams.has('site')
  // A program that resolves a path with two slashes at the beginning reads a host there.
  const isPage = isConsolePath(url.pathname) || isOauthPage(url.pathname)
  const isOurs = isOwnPath(url.pathname) && !isPage
  if ((isOurs && !leadsOn) || url.pathname.startsWith('//')) return HOME
  const path = targetOf(url) + url.hash
  // The cookie keeps the path as JSON, where a backslash takes two characters.
  return JSON.stringify(path).length - '""'.length > MAX_RETURN_LENGTH
    ? tooLong
    : (path as ReturnTo)
}

/** Whether the address leads on from the login host to another host (`target.ts`). */
export const isLedOn = (path: ReturnTo): boolean => path.startsWith(`${LOGIN_PATH}?`)

export const toUrl = (siteUrl: string, path: ReturnTo): string => siteUrl + path
