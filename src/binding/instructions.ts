/** What a browser is told of a session that it has bound (DBSC, session instructions). */
import { DEVICE_REFRESH_PATH } from '../lib/paths.ts'
import { BOUND_COOKIE } from '../session/bound-cookie.ts'
import type { Host } from '../site/host.ts'
import type { Route } from '../site/site.ts'

export const instructionsOf = (session: string, host: Host, routes: readonly Route[]) => ({
  session_identifier: session,
  refresh_url: DEVICE_REFRESH_PATH,
  scope: {
    origin: host.url,
    include_site: false,
    scope_specification: publicPaths(routes).map((path) => ({
      type: 'exclude',
      domain: '*',
      path,
    })),
  },
  // A link of another site, in a mail or a chat, waits for the next cookie as any other request does.
  allowed_refresh_initiators: ['*'],
  credentials: [
    {
      type: 'cookie',
      name: BOUND_COOKIE,
      attributes: 'Path=/; Secure; HttpOnly; SameSite=None',
    },
  ],
})

/**
 * Paths for which the browser need not wait for the next cookie, because all below them is public.
 * A path that is left out costs a public page that wait, and nothing else.
 */
const publicPaths = (routes: readonly Route[]): readonly string[] =>
  routes
    .filter(
      ({ path, policy }) =>
        policy.kind === 'public' &&
        path !== '/' &&
        !path.includes('*') &&
        !routes.some((other) => other.policy.kind !== 'public' && mayBeBelow(other.path, path)),
    )
    .map(({ path }) => path)

const mayBeBelow = (path: string, above: string): boolean =>
  path.startsWith(`${above}/`) || path.includes('*')
