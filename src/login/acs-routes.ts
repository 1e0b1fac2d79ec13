/** What an IdP sends a browser with, or reads itself; and the test of a sign-in. */
import { Hono } from 'hono/tiny'
import { findConnection } from '../connection/store.ts'
import { readFields } from '../lib/form-fields.ts'
import { onDemand } from '../lib/part.ts'
import { acsPath, metadataPath, TEST_PATH } from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import { saysInResponseTo } from '../saml/incoming/form.ts'
import { clientOf } from '../session/device.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { answerLogin, type AnswerDeps } from './answer.ts'
import type { LoginError } from './error.ts'
import { readForm } from './form.ts'
import { cameFrom, openConnection } from './open-connection.ts'
import { loginUrl, toIdpPage } from './pages.ts'
import { isGoingRound, isHandle, readPending } from './pending.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { startAgainPage } from './refused-page.ts'
import { HOME, IN_TAB, parseReturnTo } from './return-to.ts'
import { seeOther } from './see-other.ts'
import { hostOf } from './target.ts'
import { isTestHandle } from './try-pending.ts'

const findMetadata = onDemand('metadata', () => import('./metadata.ts'))
const findTry = onDemand('try', () => import('./try.ts'))

type AcsEnv = { Variables: { visit: Visit } }

export function createAcsApp(deps: AnswerDeps): Hono<AcsEnv> {
  const app = new Hono<AcsEnv>()
  const isHere = ({ host }: Visit) => isLoginHost(host, deps.hosts)

  app.post(acsPath(':connection'), async (c) => {
    const { visit } = c.var
    const id = c.req.param('connection') ?? ''
    const opened = await openConnection(id, deps)
    const form = await readForm(c.req.raw)
    const refuse = (error: LoginError) => {
      const connection = cameFrom(opened)
      return refuseLogin(visit, { connection, refusal: nobody(error), returnTo: HOME }, deps)
    }
    if (!isHere(visit)) return refuse({ reason: 'not-login-host' })
    if (form.ok && isTestHandle(form.value.relayState ?? '')) {
      const { headers } = c.req.raw
      const handle = form.value.relayState ?? ''
      const { answerTest } = await findTry()
      return answerTest(visit, { form: form.value, handle, connection: id, headers }, deps)
    }
    if (!opened.ok) return refuse({ reason: 'unknown-connection' })
    const connection = opened.value
    if (!form.ok) return refuse({ reason: form.error })
    const pending = await readPending(c.req.raw.headers, deps.sealer, visit)
    const { relayState } = form.value
    if (relayState !== null && isHandle(relayState)) {
      return answerLogin(
        visit,
        { form: form.value, connection, logins: pending, client: clientOf(c.req.raw) },
        deps,
      )
    }
    // Without login cookies there are no rounds to count. Then an answer that names a request
    // (InResponseTo) is enough to know that the RelayState is lost.
    const isLost =
      pending.length === 0
        ? saysInResponseTo(form.value)
        : isGoingRound(pending, connection.id, visit.now)
    if (isLost) return refuse({ reason: 'relay-state-lost' })
    // An unsolicited response signs nobody in. The browser makes a request of its own, which the
    // IdP answers. It begins at the site that the RelayState names.
    const host = hostOf(relayState, deps.hosts)
    const { url } = host ?? visit.host
    const path = loginUrl(connection.id, parseReturnTo(relayState, url))
    return host ? toIdpPage(visit, url + path, IN_TAB) : seeOther(path)
  })

  // A reload, after the browser has forgotten the form that it posted.
  app.get(acsPath(':connection'), async (c) => {
    const { visit } = c.var
    const opened = await openConnection(c.req.param('connection') ?? '', deps)
    if (!opened.ok || !isHere(visit)) return c.notFound()
    const { id } = opened.value
    const pending = await readPending(c.req.raw.headers, deps.sealer, visit)
    const latest = pending.find((login) => login.connection === id)
    return startAgainPage(visit, id, latest?.returnTo ?? IN_TAB)
  })

  // Also of a connection that nobody may sign in with yet: its identity provider is set up by this.
  app.get(metadataPath(':connection'), async (c) => {
    const connection = await findConnection(deps.stores.db, c.req.param('connection') ?? '')
    if (!connection || !isHere(c.var.visit)) return c.notFound()
    const { showMetadata } = await findMetadata()
    return showMetadata(c.var.visit, connection, deps)
  })

  app.get(TEST_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    const { testPage } = await findTry()
    return testPage(visit, c.req.query('code') ?? '')
  })
  app.post(TEST_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit) || !isFromSite(c.req.raw, visit.host.url)) return c.notFound()
    const { beginTest } = await findTry()
    return beginTest(visit, (await readFields(c.req.raw)).get('code') ?? '', deps)
  })
  return app
}
