/** The answers that a project is made from, checked before a file is written. */

/** As `--for` of the command line knows them. */
export const idps = ['okta', 'onelogin', 'entra', 'google', 'keycloak', 'generic'] as const
export type Idp = (typeof idps)[number]

export interface Answers {
  /** The address that people type. */
  readonly site: URL
  /** Where Gatehouse reaches the site itself. */
  readonly origin: URL
  readonly idp: Idp
}

/** A value, or one sentence that says what is wrong with the text. */
export type Judged<T> = { readonly value: T } | { readonly problem: string }

export function parseSite(text: string): Judged<URL> {
  const url = toUrl(text, 'The address of the site', 'https://wiki.example.com')
  if ('problem' in url || url.value.protocol === 'https:' || isLocal(url.value)) return url
  return {
    problem: `The address of the site must begin with https:// (plain http is for localhost only); it is "${text}".`,
  }
}

export const parseOrigin = (text: string): Judged<URL> =>
  toUrl(text, 'The origin', 'https://wiki-origin.example.com')

export function parseIdp(text: string): Judged<Idp> {
  const value = idps.find((each) => each === text.toLowerCase())
  return value
    ? { value }
    : { problem: `The identity provider must be one of ${idps.join(', ')}; it is "${text}".` }
}

/** @returns what is wrong with two answers that are right one by one; null: nothing. */
export function judgeTogether({ site, origin }: Pick<Answers, 'site' | 'origin'>): string | null {
  const isSame = isLocal(site) ? site.origin === origin.origin : site.hostname === origin.hostname
  return isSame
    ? `The site and its origin are both at ${site.host}, which will be the address of Gatehouse. Give the address at which Gatehouse reaches the site itself.`
    : null
}

/** Browsers take these for this machine (RFC 6761 §6.3). */
export const isLocal = ({ hostname }: URL): boolean =>
  /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

function toUrl(text: string, what: string, example: string): Judged<URL> {
  const value = URL.canParse(text) ? new URL(text) : null
  const isBare =
    value !== null &&
    /^https?:$/.test(value.protocol) &&
    value.href === `${value.origin}/` &&
    value.hostname !== ''
  return isBare
    ? { value }
    : {
        problem: `${what} must be a URL of scheme and host only, such as ${example}; it is "${text}".`,
      }
}
