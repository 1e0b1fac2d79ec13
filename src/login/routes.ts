import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { signatureOf, type Connection } from '../connection/connection.ts'
import { findConnection } from '../connection/store.ts'
import { readFields } from '../lib/form-fields.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import {
  acsPath,
  ARRIVE_PATH,
  BACK_PATH,
  CLIENT_PATH,
  LOGIN_PATH,
  metadataPath,
  SIGNED_IN_PATH,
  SWITCH_PATH,
  TEST_PATH,
} from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import { saysInResponseTo } from '../saml/incoming/form.ts'
import { spMetadata } from '../saml/metadata/sp.ts'
import { clientOf } from '../session/device.ts'
import { liveAt } from '../session/session.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { answerLogin } from './answer.ts'
import { answerArrival } from './arrival.ts'
import { seeOther, type ArriveDeps } from './arrive.ts'
import { backPage } from './back-page.ts'
import { beginLogin, type BeginDeps } from './begin.ts'
import { clientResponse } from './client.ts'
import type { LoginError } from './error.ts'
import { sloOf, spOf } from '../connection/expect.ts'
import { readForm } from './form.ts'
import { readFresh } from './fresh.ts'
import { loginUrl, startAgainPage, toIdpPage } from './pages.ts'
import { isGoingRound, isHandle, readPending } from './pending.ts'
import { nobody, refuseLogin } from './refuse.ts'
import { HOME, IN_TAB, isLedOn, parseReturnTo, toUrl, type ReturnTo } from './return-to.ts'
import { decideSwitch } from './switch.ts'
import { answerTest, beginTest, testPage } from './try.ts'
import { isTestHandle } from './try-pending.ts'
import { hostOf, pathTo, readTarget } from './target.ts'
import { signedInPage } from './window-pages.ts'

export type LoginDeps = BeginDeps & ArriveDeps

type LoginEnv = { Variables: { visit: Visit } }

export function createLoginApp(deps: LoginDeps): Hono<LoginEnv> {
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
      const from = await openConnection(c, deps, lost)
      return refuseLogin(
        visit,
        { connection: from, refusal: nobody({ reason: 'unknown-login' }), returnTo: IN_TAB },
        deps,
      )
    }
    return backPage(visit)
  })

  app.post(SWITCH_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    return isFromSite(raw, visit.host.url)
      ? decideSwitch(raw, await readFields(raw), visit, deps)
      : seeOther(toUrl(visit.host.url, HOME))
  })

  app.get(TEST_PATH, (c) =>
    isHere(c.var.visit) ? testPage(c.var.visit, c.req.query('code') ?? '') : c.notFound(),
  )
  app.post(TEST_PATH, async (c) => {
    const { visit } = c.var
    const isOwn = isHere(visit) && isFromSite(c.req.raw, visit.host.url)
    return isOwn
      ? beginTest(visit, (await readFields(c.req.raw)).get('code') ?? '', deps)
      : c.notFound()
  })

  const take = async (request: Request, visit: Visit, given: URLSearchParams) => {
    const logins = await readPending(request.headers, deps.sealer, visit)
    const arrival = { code: given.get('code') ?? '', login: given.get('login') ?? '' }
    return answerArrival(visit, arrival, logins, deps)
  }
  app.get(ARRIVE_PATH, ({ req: { raw }, var: { visit } }) =>
    take(raw, visit, visit.url.searchParams),
  )
  app.post(ARRIVE_PATH, async ({ req: { raw }, var: { visit } }) =>
    take(raw, visit, await readFields(raw)),
  )

  app.get(SIGNED_IN_PATH, (c) => signedInPage(c.var.visit))
  app.get(CLIENT_PATH, (c) => clientResponse(c.req.raw, c.var.visit))

  app.post(acsPath(':connection'), async (c) => {
    const { visit } = c.var
    const connection = await openConnection(c, deps)
    const form = await readForm(c.req.raw)
    const refuse = (error: LoginError) =>
      refuseLogin(visit, { connection, refusal: nobody(error), returnTo: HOME }, deps)
    if (!isHere(visit)) return refuse({ reason: 'not-login-host' })
    if (form.ok && isTestHandle(form.value.relayState ?? '')) {
      const { headers } = c.req.raw
      const handle = form.value.relayState ?? ''
      const id = c.req.param('connection') ?? ''
      return answerTest(visit, { form: form.value, handle, connection: id, headers }, deps)
    }
    if (!connection) return refuse({ reason: 'unknown-connection' })
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
    const connection = await openConnection(c, deps)
    if (!connection || !isHere(visit)) return c.notFound()
    const pending = await readPending(c.req.raw.headers, deps.sealer, visit)
    const latest = pending.find((login) => login.connection === connection.id)
    return startAgainPage(visit, connection.id, latest?.returnTo ?? IN_TAB)
  })

  // Also of a connection that nobody may sign in with yet: its identity provider is set up by this.
  app.get(metadataPath(':connection'), async (c) => {
    const connection = await findConnection(deps.stores.db, c.req.param('connection') ?? '')
    if (!connection || !isHere(c.var.visit)) return c.notFound()
    const { host, now } = c.var.visit
    const { nameIdFormat, signRequests } = connection.settings
    const certificates = await deps.spKeys.certificates(signatureOf(signRequests), now)
    const xml = spMetadata({
      ...spOf(host, connection.id),
      slo: sloOf(host, connection.id),
      nameIdFormat,
      signsRequests: signRequests !== null,
      ...certificates,
    })
    const type = { 'Content-Type': 'application/samlmetadata+xml' }
    return new Response(xml, { headers: { ...ownHeaders, ...type } })
  })
  return app
}

/** The connection in the URL; null: there is none, or people may not sign in with it at any host. */
async function openConnection(
  c: Context<LoginEnv>,
  { stores, hosts }: LoginDeps,
  id = c.req.param('connection') ?? '',
): Promise<Connection | null> {
  const found = await findConnection(stores.db, id)
  return found?.enabled && hosts.take(found.id) ? found : null
}
