/** The site that a token is for (RFC 8707). */
import { siteAt } from '../site/match.ts'
import type { ConfiguredSite, Site } from '../site/site.ts'
import type { Fault } from './ask.ts'

const MOST_RESOURCE = 500

/**
 * @param resource the URL of a site, or of something at it; null: the client names none, which is
 * enough where only one site can be meant.
 */
export function findResource(
  sites: readonly ConfiguredSite[],
  resource: string | null,
): Site | null {
  if (resource === null) {
    const [only, ...others] = sites.filter(({ oauth }) => oauth)
    return only && others.length === 0 ? siteAt(sites, only.authority) : null
  }
  if (resource.length > MOST_RESOURCE || resource.includes('#')) return null
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(resource) || !URL.canParse(resource)) return null
  const { protocol, host, username, password } = new URL(resource)
  if (username !== '' || password !== '') return null
  const site = siteAt(sites, host)
  return site?.oauth && site.url === `${protocol}//${host}` ? site : null
}

export const noSite: Fault = {
  error: 'invalid_target',
  why: 'resource must be the URL of a site that gives access by OAuth.',
}
