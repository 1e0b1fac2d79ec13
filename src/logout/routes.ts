import { Hono } from 'hono/tiny'
import { takesLogout } from '../connection/slo.ts'
import { findConnection } from '../connection/store.ts'
import { readFields } from '../lib/form-fields.ts'
import { readText } from '../lib/body.ts'
import {
  LOGOUT_AT_IDP_PATH,
  LOGOUT_DONE_PATH,
  LOGOUT_PATH,
  sloPath,
  sloSoapPath,
} from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import { seeOther } from '../login/arrive.ts'
import { readPostedBody } from '../login/form.ts'
import { parseReturnTo } from '../login/return-to.ts'
import { liveAt } from '../session/session.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { goOnToIdp, isSignedIn } from './at-idp.ts'
import { MAX_SOAP_BYTES } from './by-soap.ts'
import type { LogoutDeps } from './deps.ts'
import { takeMessage, takeSoap } from './from-idp.ts'
import { donePage } from './idp-pages.ts'
import { readLeaving } from './kept.ts'
import { parseOnward } from './onward.ts'
import { signOutPage } from './pages.ts'
import { refuseLogout, refuseSoap } from './refuse.ts'
import { endOthers, signOut } from './sign-out.ts'

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

  app.get(LOGOUT_AT_IDP_PATH, (c) =>
    isHere(c.var.visit) ? goOnToIdp(c.req.raw, c.var.visit, deps) : c.notFound(),
  )
  app.get(LOGOUT_DONE_PATH, async (c) => {
    const { visit } = c.var
    const leaving = await readLeaving(c.req.raw.headers, deps.logoutSealer, visit)
    // Whoever has signed in again since is not told that they are signed out.
    return leaving && !(await isSignedIn(c.req.raw.headers, visit, deps))
      ? donePage(visit, leaving)
      : seeOther(LOGOUT_PATH)
  })

  const path = sloPath(':connection')
  app.on(['GET', 'POST'], path, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    const connection = await findConnection(db, c.req.param('connection') ?? '')
    if (!isHere(visit)) return refuseLogout(visit, connection, { reason: 'not-login-host' }, deps)
    if (!connection) return refuseLogout(visit, null, { reason: 'unknown-connection' }, deps)
    if (raw.method === 'GET') {
      const message = { binding: 'redirect', query: visit.url.search.slice(1) } as const
      return takeMessage(raw, visit, { message, connection }, deps)
    }
    const body = await readPostedBody(raw)
    if (!body.ok) return refuseLogout(visit, connection, { reason: body.error }, deps)
    const message = { binding: 'post', body: body.value } as const
    return takeMessage(raw, visit, { message, connection }, deps)
  })
  app.post(sloSoapPath(':connection'), async (c) => {
    const { visit } = c.var
    const connection = await findConnection(db, c.req.param('connection') ?? '')
    if (!isHere(visit)) return refuseSoap(visit, connection, { reason: 'not-login-host' }, deps)
    if (!connection) return refuseSoap(visit, null, { reason: 'unknown-connection' }, deps)
    const xml = await readText(c.req.raw, MAX_SOAP_BYTES)
    return xml.ok
      ? takeSoap(visit, xml.value, connection, deps)
      : refuseSoap(visit, connection, { reason: xml.error }, deps)
  })
  return app
}
