import { Hono } from 'hono/tiny'
import { takesLogout } from '../connection/slo.ts'
import { findConnection } from '../connection/store.ts'
import { readFields } from '../lib/form-fields.ts'
import { onDemand } from '../lib/part.ts'
import { LOGOUT_AT_IDP_PATH, LOGOUT_DONE_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import { parseReturnTo } from '../login/return-to.ts'
import { seeOther } from '../login/see-other.ts'
import { liveAt } from '../session/session.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import type { LogoutDeps } from './deps.ts'
import { donePage } from './idp-pages.ts'
import { readLeaving } from './kept.ts'
import { parseOnward } from './onward.ts'
import { signOutPage } from './pages.ts'
import { endOthers, signOut } from './sign-out.ts'
import { isSignedIn } from './signed-in.ts'

/** It writes SAML, which a sign-out here does not need. */
const findAtIdp = onDemand('at-idp', () => import('./at-idp.ts'))

type LogoutEnv = { Variables: { visit: Visit } }

export function createLogoutApp(deps: LogoutDeps): Hono<LogoutEnv> {
  const app = new Hono<LogoutEnv>()
  const { db } = deps.stores
  const isHere = ({ host }: Visit) => isLoginHost(host, deps.hosts)

  const askToSignOut = async (request: Request, visit: Visit) => {
    const { host, url } = visit
    const live = liveAt(await deps.readSession(request, visit), host.connections)
    const found = live && (await findConnection(db, live.session.connection))
    const isPart = found && live.session.nameId !== null && takesLogout(found.slo)
    return signOutPage(visit, {
      site: isHere(visit) ? null : host.authority,
      provider: isPart ? found.displayName : null,
      onward: parseOnward(url.searchParams.get('returnTo'), deps.targets),
    })
  }
  app.get(LOGOUT_PATH, (c) => askToSignOut(c.req.raw, c.var.visit))
  app.post(LOGOUT_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    if (!isFromSite(raw, visit.host.url)) return askToSignOut(raw, visit)
    const form = await readFields(raw)
    const scope = form.get('scope')
    const signIn = form.get('signIn')
    if (signIn !== null || scope === 'person') {
      const shown = await endOthers(raw, visit, signIn, deps)
      if (shown) return shown
    }
    const asked = {
      returnTo: parseReturnTo(form.get('to'), visit.host.url),
      onward: parseOnward(form.get('returnTo'), deps.targets),
      isHereOnly: scope === 'site' && !isHere(visit),
      isAtIdp: scope === 'idp',
    }
    return signOut(raw, visit, asked, deps)
  })

  app.get(LOGOUT_AT_IDP_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    const { goOnToIdp } = await findAtIdp()
    return goOnToIdp(c.req.raw, visit, deps)
  })
  app.get(LOGOUT_DONE_PATH, async (c) => {
    const { visit } = c.var
    const leaving = await readLeaving(c.req.raw.headers, deps.logoutSealer, visit)
    // If the person has signed in again since, the page must not say that they are signed out.
    return leaving && !(await isSignedIn(c.req.raw.headers, visit, deps))
      ? donePage(visit, leaving)
      : seeOther(LOGOUT_PATH)
  })
  return app
}
