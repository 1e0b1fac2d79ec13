import { Hono } from 'hono/tiny'
import { LOGOUT_PATH } from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import type { ArriveDeps } from '../login/arrive.ts'
import { readFields } from '../login/form.ts'
import { parseReturnTo } from '../login/return-to.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { signOutPage } from './pages.ts'
import { endOthers, signOut } from './sign-out.ts'

type LogoutEnv = { Variables: { visit: Visit } }

export function createLogoutApp(deps: ArriveDeps): Hono<LogoutEnv> {
  const app = new Hono<LogoutEnv>()
  const isHere = ({ host }: Visit) => isLoginHost(host, deps.hosts)

  const askToSignOut = (visit: Visit) =>
    signOutPage(visit, isHere(visit) ? null : visit.host.authority)
  app.get(LOGOUT_PATH, (c) => askToSignOut(c.var.visit))
  app.post(LOGOUT_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    if (!isFromSite(raw, visit.host.url)) return askToSignOut(visit)
    const form = await readFields(raw)
    const returnTo = parseReturnTo(form.get('to'), visit.host.url)
    const scope = form.get('scope')
    const signIn = form.get('signIn')
    if (signIn !== null || scope === 'person') {
      const shown = await endOthers(raw, visit, signIn, deps)
      if (shown) return shown
    }
    return signOut(raw, visit, { returnTo, isHereOnly: scope === 'site' && !isHere(visit) }, deps)
  })
  return app
}
