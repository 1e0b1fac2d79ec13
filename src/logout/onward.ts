/** The address that a site names to go on to after sign-out. */
import { MAX_RETURN_LENGTH } from '../lib/paths.ts'
import type { SignOutTarget } from '../site/sign-out-config.ts'

declare const onward: unique symbol

/** An absolute address that the config allows. */
export type Onward = string & { readonly [onward]: true }

/**
 * The address, if the config allows it; else null. The parser is the one that browsers use, so a
 * backslash or a tab cannot disguise another host, and `/bye/../admin` is `/admin`.
 */
export function parseOnward(text: string | null, allowed: readonly SignOutTarget[]): Onward | null {
  if (text === null || text.length > MAX_RETURN_LENGTH || !URL.canParse(text)) return null
  const { protocol, host, pathname, username, password, href } = new URL(text)
  if (username !== '' || password !== '') return null
  // `origin` of a `blob:` URL is that of the URL inside it, so scheme and host are compared.
  const isAllowed = allowed.some(
    ({ origin, path }) => origin === `${protocol}//${host}` && isBelow(pathname, path),
  )
  return isAllowed ? (href as Onward) : null
}

/** Whole segments are compared: `/bye` allows `/bye` and `/bye/now`, and not `/byes`. */
const isBelow = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
