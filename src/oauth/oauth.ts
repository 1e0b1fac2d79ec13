import type { Hono } from 'hono/tiny'
import type { Instant } from '../lib/instant.ts'
import type { OauthTerms } from '../site/oauth-config.ts'
import type { Visit } from '../site/visit.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import type { OauthDeps } from './deps.ts'
import { createFindDocument } from './document.ts'
import { removeOldGrants } from './grant-store.ts'
import { createOauthApp } from './routes.ts'

export interface OauthParts extends Pick<
  OauthDeps,
  'db' | 'readSession' | 'audit' | 'limits' | 'newId'
> {
  readonly reach: MetadataReach
  readonly config: Pick<OauthDeps, 'loginHost' | 'sites'> & { readonly oauth: OauthTerms | null }
}

export interface Oauth {
  readonly app: Hono<{ Variables: { visit: Visit } }>
  /** For cron. */
  readonly tidy: (now: Instant) => Promise<void>
}

/** null: it is off. */
export function createOauth({ reach, config, ...parts }: OauthParts): Oauth | null {
  const { oauth: terms, loginHost, sites } = config
  if (!terms) return null
  const findDocument = createFindDocument(reach)
  const deps = { ...parts, terms, loginHost, sites, findDocument }
  return {
    app: createOauthApp(deps),
    tidy: (now) => removeOldGrants(deps.db, now, terms.idleSeconds),
  }
}
