/**
 * The demo's site. It has no sign-in of its own, and relies on the token that comes with each
 * request.
 */
import type { IncomingMessage } from 'node:http'
import { Hono, type Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { noIcon } from '../page.ts'
import { listen, type Server } from '../server.ts'
import { createReadIdentity, hostOf, type Identity, type ReadIdentity } from './identity.ts'
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
import { otherSitePage, type OtherSite } from './others.ts'
import { toReceived } from './received.ts'

export interface SiteUrls {
  readonly siteUrl: string
  readonly moreSites: readonly OtherSite[]
  readonly idpUrl: string
}

export async function startSite(port: number, urls: SiteUrls): Promise<Server> {
  const others = urls.moreSites.map(({ url }) => url)
  const app = createSite(urls, createReadIdentity(urls.siteUrl, others))
  return listen(port, () => (request, incoming) => app.fetch(request, { incoming }))
}

type SiteEnv = {
  Bindings: { incoming: IncomingMessage }
  Variables: { identity: Identity }
}

const VISITS = 'northwind-visits'

function createSite(
  { siteUrl, moreSites, idpUrl }: SiteUrls,
  readIdentity: ReadIdentity,
): Hono<SiteEnv> {
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
    const other = moreSites.find(({ url }) => new URL(url).host === hostOf(c.req.raw))
    if (other) return otherSitePage(other, siteUrl, c.var.identity, received(c))
    // A cookie of the site itself, to show that it arrives while Gatehouse's cookie does not.
    const visits = (Number(getCookie(c, VISITS)) || 0) + 1
    const cookie = `${VISITS}=${visits}; Path=/; HttpOnly; SameSite=Lax`
    return homePage(c.var.identity, received(c), { idpUrl, moreSites }, { 'Set-Cookie': cookie })
  })
  app.get('/notes', (c) => notesPage(c.var.identity, received(c)))
  app.get('/engineering', (c) => engineeringPage(c.var.identity, received(c)))
  app.get('/live', (c) => livePage(c.var.identity))
  app.get('/live/events', (c) => liveEvents(c, nameIn(c.var.identity)))
  app.get('/me', (c) => c.json(c.var.identity.claims))
  app.notFound((c) => notFoundPage(c.var.identity ?? null))
  return app
}
