import { Hono } from 'hono/tiny'
import { JWKS_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import { JWKS_MAX_AGE_SECONDS, type KeyRing } from './keys.ts'

export interface IdentityDeps {
  readonly keys: KeyRing
}

/**
 * Serves the public keys of our identity tokens. They are public, so every page and cache may read
 * them.
 */
export function createIdentityApp({ keys }: IdentityDeps): Hono<{ Variables: { visit: Visit } }> {
  const app = new Hono<{ Variables: { visit: Visit } }>()
  return app.get(JWKS_PATH, async (c) =>
    c.json({ keys: await keys.publicKeys(c.var.visit.now) }, 200, {
      'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}`,
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
    }),
  )
}
