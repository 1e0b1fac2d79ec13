import { BACK_PATH, isOwnPath, MAX_RETURN_LENGTH, SIGNED_IN_PATH, targetOf } from '../lib/paths.ts'

declare const returnTo: unique symbol

/** A page of the site to go to after sign-in: path, query and fragment. Never another host. */
export type ReturnTo = string & { readonly [returnTo]: true }

export const HOME = '/' as ReturnTo
/** For a sign-in in a window of its own: no page of the site, but one that closes the window. */
export const SIGNED_IN = SIGNED_IN_PATH as ReturnTo

/** Where the tab itself remembers to go: an address may be too long for a cookie. */
export const IN_TAB = BACK_PATH as ReturnTo

/**
 * What was asked for, where it is a page of this site, else the home page. Judged by the parser
 * that browsers use, after which a backslash or a tab has no meaning left.
 *
 * @param text an absolute URL or a path.
 * @param siteUrl scheme and host.
 * @param tooLong for an address that no cookie takes.
 */
export function parseReturnTo(
  text: string | null,
  siteUrl: string,
  tooLong: ReturnTo = HOME,
): ReturnTo {
  if (text !== null && text.length > MAX_RETURN_LENGTH) return tooLong
  if (text === null || !URL.canParse(text, siteUrl)) return HOME
  const url = new URL(text, siteUrl)
  // By scheme and host: the `origin` of a `blob:` address is that of another address in it.
  if (`${url.protocol}//${url.host}` !== siteUrl || url.username || url.password) return HOME
  if (url.pathname === SIGNED_IN) return SIGNED_IN
  if (url.pathname === IN_TAB) return IN_TAB
  // Two slashes at the beginning would be another host to whoever resolves it once more.
  if (isOwnPath(url.pathname) || url.pathname.startsWith('//')) return HOME
  const path = targetOf(url) + url.hash
  // As in JSON, which is how a cookie keeps it: a backslash is two characters there.
  return JSON.stringify(path).length - '""'.length > MAX_RETURN_LENGTH
    ? tooLong
    : (path as ReturnTo)
}

export const toUrl = (siteUrl: string, path: ReturnTo): string => siteUrl + path
