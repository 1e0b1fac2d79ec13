/**
 * The demo's site. It has no sign-in of its own, and relies on the token that comes with each
 * request.
 */
import type { IncomingMessage } from 'node:http'
import { Hono, type Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { noIcon } from '../page.ts'
import { listen, type Server } from '../server.ts'
import { createReadIdentity, type Identity, type ReadIdentity } from './identity.ts'
import { nameIn } from './layout.ts'
import { liveEvents } from './live.ts'
import {
  engineeringPage,
  homePage,
  livePage,
  notesPage,
  notFoundPage,
  notThroughGatePage,
  publicPage,
} from './pages.ts'
import { toReceived } from './received.ts'

export async function startSite(port: number, siteUrl: string, idpUrl: string): Promise<Server> {
  const app = createSite(siteUrl, idpUrl, createReadIdentity(siteUrl))
  return listen(port, () => (request, incoming) => app.fetch(request, { incoming }))
}

type SiteEnv = {
  Bindings: { incoming: IncomingMessage }
  Variables: { identity: Identity }
}

const VISITS = 'northwind-visits'

function createSite(siteUrl: string, idpUrl: string, readIdentity: ReadIdentity): Hono<SiteEnv> {
  const app = new Hono<SiteEnv>()
  const received = (c: Context<SiteEnv>) => toReceived(c.env.incoming)

  app.get('/favicon.ico', noIcon)
  app.get('/public', (c) => publicPage(received(c)))

  app.use(async (c, next) => {
    const identity = await readIdentity(c.req.raw)
    if (!identity) return notThroughGatePage(siteUrl)
    c.set('identity', identity)
    return next()
  })

  app.get('/', (c) => {
    // A cookie of the site itself, to show that it arrives while Gatehouse's cookie does not.
    const visits = (Number(getCookie(c, VISITS)) || 0) + 1
    const cookie = `${VISITS}=${visits}; Path=/; HttpOnly; SameSite=Lax`
    return homePage(c.var.identity, received(c), idpUrl, { 'Set-Cookie': cookie })
  })
  app.get('/notes', (c) => notesPage(c.var.identity, received(c)))
  app.get('/engineering', (c) => engineeringPage(c.var.identity, received(c)))
  app.get('/live', (c) => livePage(c.var.identity))
  app.get('/live/events', (c) => liveEvents(c, nameIn(c.var.identity)))
  app.get('/me', (c) => c.json(c.var.identity.claims))
  app.notFound((c) => notFoundPage(c.var.identity ?? null))
  return app
}
