/** The pages of a sign-in before the IdP. */
import { Hono } from 'hono/tiny'
import { readFields } from '../lib/form-fields.ts'
import { BACK_PATH, CLIENT_PATH, LOGIN_PATH, SIGNED_IN_PATH } from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import { liveAt } from '../session/session.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { backPage } from './back-page.ts'
import { beginLogin, type BeginDeps } from './begin.ts'
import { clientResponse } from './client.ts'
import { readFresh } from './fresh.ts'
import { cameFrom, openConnection } from './open-connection.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { HOME, IN_TAB, isLedOn, parseReturnTo, type ReturnTo } from './return-to.ts'
import { pathTo, readTarget } from './target.ts'
import { signedInPage } from './window-pages.ts'

type LoginEnv = { Variables: { visit: Visit } }

export function createLoginApp(deps: BeginDeps): Hono<LoginEnv> {
  const app = new Hono<LoginEnv>()
  const isHere = ({ host }: Visit) => isLoginHost(host, deps.hosts)

  /** Only the login host leads on to another host: from a site that would be an endless round. */
  const returnToOf = (visit: Visit, text: string | null, tooLong?: ReturnTo): ReturnTo => {
    const returnTo = parseReturnTo(text, visit.host.url, tooLong)
    return isLedOn(returnTo) && !isHere(visit) ? HOME : returnTo
  }

  app.get(LOGIN_PATH, (c) => {
    const { visit } = c.var
    const target = isHere(visit) ? readTarget(visit.url.searchParams, deps.hosts) : null
    const isLink = c.req.header('Sec-Fetch-Mode') === 'navigate' && !c.req.query('go')
    const begin = {
      returnTo: target ? pathTo(target) : returnToOf(visit, c.req.query('to') ?? null, IN_TAB),
      connection: c.req.query('connection') ?? null,
      email: c.req.query('login_hint') ?? null,
      fresh: readFresh(visit.url.searchParams),
      isConfirmed: false,
      by: isLink ? 'link' : 'onward',
    } as const
    return beginLogin(c.req.raw, visit, begin, deps)
  })

  // Sign-in can begin with a POST: a service worker that answers the site's navigations does not
  // answer a POST, and the email address in it stays out of logs.
  app.post(LOGIN_PATH, async (c) => {
    const { visit } = c.var
    const form = await readFields(c.req.raw)
    const isOwn = isFromSite(c.req.raw, visit.host.url)
    const begin = {
      returnTo: returnToOf(visit, form.get('to') ?? c.req.query('to') ?? null),
      connection: form.get('connection'),
      email: form.get('email'),
      fresh: readFresh(form),
      isConfirmed: isOwn && form.get('confirmed') === '1',
      // A browser sends no session cookie with another site's form, so a page of ours sends it on
      // first.
      by: isOwn ? 'form' : 'link',
    } as const
    return beginLogin(c.req.raw, visit, begin, deps)
  })

  app.get(BACK_PATH, async (c) => {
    const { visit } = c.var
    const lost = c.req.query('lost')
    const { connections } = visit.host
    if (lost !== undefined && !liveAt(await deps.readSession(c.req.raw, visit), connections)) {
      const connection = cameFrom(await openConnection(lost, deps))
      return refuseLogin(
        visit,
        { connection, refusal: nobody({ reason: 'unknown-login' }), returnTo: IN_TAB },
        deps,
      )
    }
    return backPage(visit)
  })

  app.get(SIGNED_IN_PATH, (c) => signedInPage(c.var.visit))
  app.get(CLIENT_PATH, (c) => clientResponse(c.req.raw, c.var.visit))

  return app
}
