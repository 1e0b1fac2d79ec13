import { Hono } from 'hono/tiny'
import { ownHeaders } from '../lib/own-headers.ts'
import { HOME_PATH, LOGIN_PATH, ME_PATH, OWN_PREFIX } from '../lib/paths.ts'
import { zoneOf } from '../lib/words/dates.ts'
import { listGrants } from '../oauth/grant-store.ts'
import { readAsks } from '../policy/asks.ts'
import { liveAt } from '../session/session.ts'
import { listSignIns } from '../session/sign-in-store.ts'
import type { Visit } from '../site/visit.ts'
import type { HomeDeps } from './deps.ts'
import { meResponse } from './me.ts'
import { openSites } from './open-sites.ts'
import { homePage } from './page.ts'
import { goesOn } from './sign-ins.ts'

type HomeEnv = { Variables: { visit: Visit } }

export function createHomeApp(deps: HomeDeps): Hono<HomeEnv> {
  const app = new Hono<HomeEnv>()
  // The router finds a path with a slash at its end here too.
  app.get(OWN_PREFIX, (c) =>
    c.var.visit.url.pathname === HOME_PATH
      ? showHome(c.req.raw, c.var.visit, deps)
      : redirect(HOME_PATH),
  )
  // Only a login host without a site leaves this path to us.
  app.get('/', (c) => showHome(c.req.raw, c.var.visit, deps))
  app.get(ME_PATH, (c) => meResponse(c.req.raw, c.var.visit, deps))
  return app
}

/** As many as a person can have. */
const MOST_GRANTS = 100

async function showHome(request: Request, visit: Visit, deps: HomeDeps): Promise<Response> {
  const { host, url, now } = visit
  const { db, readSession, loginHost, sites, hasOauth } = deps
  const live = liveAt(await readSession(request, visit), host.connections)
  if (!live) {
    return redirect(`${LOGIN_PATH}?to=${encodeURIComponent(url.pathname)}`)
  }
  const { userId } = live.session
  const signIns = await listSignIns(db, userId, now)
  const grants = hasOauth
    ? await listGrants(db, { userId, client: null, now, most: MOST_GRANTS })
    : []
  return homePage(visit, {
    path: url.pathname,
    live,
    sites: openSites(sites, { live, asks: readAsks(request, ['GET']), now }),
    grants,
    signIns: signIns.filter((each) => goesOn(each, [loginHost, ...sites], now)),
    nameOf: (authority) =>
      sites.find((site) => site.authority === authority)?.shown.name ??
      (authority === loginHost.authority ? null : authority),
    search: url.searchParams.get('q')?.slice(0, 100).trim() ?? '',
    zone: zoneOf(request),
  })
}

const redirect = (path: string): Response =>
  new Response(null, {
    status: 302,
    headers: { ...ownHeaders, Location: path, Vary: 'Cookie' },
  })
