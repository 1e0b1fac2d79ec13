/** The authorization server, at the login host; and what each site says of it. */
import { Hono } from 'hono/tiny'
import {
  AUTHORIZE_PATH,
  DEVICE_ASK_PATH,
  DEVICE_PATH,
  GRANTS_PATH,
  HOME_PATH,
  REGISTER_PATH,
  RESOURCE_METADATA_PATH,
  REVOKE_PATH,
  SERVER_METADATA_PATH,
  TOKEN_PATH,
} from '../lib/paths.ts'
import { readFields } from '../lib/form-fields.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { isSameOrigin } from '../lib/same-origin.ts'
import { liveAt } from '../session/session.ts'
import { siteAt } from '../site/match.ts'
import type { Visit } from '../site/visit.ts'
import { preflight } from './answer.ts'
import { readAsked } from './ask.ts'
import { authorize } from './authorize.ts'
import { readCall, tooMany } from './call.ts'
import type { OauthDeps } from './deps.ts'
import { askForDevice, createEnterCode, type Entered } from './device.ts'
import { exchange, revoke } from './exchange.ts'
import { endGrant } from './grant-store.ts'
import { auditEnd } from './grants.ts'
import { resourceMetadata, serverMetadata } from './metadata.ts'
import { faultPage } from './pages.ts'
import { register } from './registration.ts'

type OauthEnv = { Variables: { visit: Visit } }

export function createOauthApp(deps: OauthDeps): Hono<OauthEnv> {
  const app = new Hono<OauthEnv>()
  const { terms, loginHost, audit } = deps
  const enterCode = createEnterCode()
  const isHere = ({ host }: Visit) => host.authority === loginHost.authority

  app.get(AUTHORIZE_PATH, (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    const asked = readAsked(visit.url.searchParams)
    return authorize(c.req.raw, visit, { asked, choice: null }, deps)
  })

  // The form of our own page has the whole request again, so nothing of it is kept in between.
  app.post(AUTHORIZE_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    if (!isSameOrigin(c.req.raw, loginHost.url)) return faultPage(visit, 'frame')
    const form = await readFields(c.req.raw)
    const choice = { isAllowed: form.get('choice') === 'allow', userId: form.get('user') ?? '' }
    return authorize(c.req.raw, visit, { asked: readAsked(form), choice }, deps)
  })

  app.on(['GET', 'POST'], DEVICE_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    if (!isHere(visit) || terms.device === 'off') return c.notFound()
    if (raw.method === 'GET') return enterCode(raw, visit, null, deps)
    if (!isSameOrigin(raw, loginHost.url)) return faultPage(visit, 'frame')
    const form = await readFields(raw)
    const choice = form.get('choice')
    const entered: Entered = {
      userCode: form.get('user_code') ?? '',
      choice: choice === 'allow' || choice === 'refuse' ? choice : null,
      userId: form.get('user') ?? '',
    }
    return enterCode(raw, visit, entered, deps)
  })

  app.post(TOKEN_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    const call = await readCall(c.req.raw, visit.now, deps)
    if (!call.ok) return call.error
    return exchange({ ...call.value, now: visit.now, audit: audit(visit) }, deps)
  })

  app.post(REVOKE_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit)) return c.notFound()
    const call = await readCall(c.req.raw, visit.now, deps)
    if (!call.ok) return call.error
    return revoke({ ...call.value, now: visit.now, audit: audit(visit) }, deps)
  })

  app.post(DEVICE_ASK_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit) || terms.device === 'off') return c.notFound()
    const call = await readCall(c.req.raw, visit.now, deps)
    return call.ok ? askForDevice(call.value, visit, deps) : call.error
  })

  app.post(REGISTER_PATH, async (c) => {
    const { visit } = c.var
    if (!isHere(visit) || terms.registration === 'off') return c.notFound()
    if (await deps.limits('oauth', c.req.raw, visit.now)) return tooMany()
    return register(c.req.raw, visit.now)
  })

  for (const path of [TOKEN_PATH, REVOKE_PATH, REGISTER_PATH]) {
    app.options(path, (c) => (isHere(c.var.visit) ? preflight('POST') : c.notFound()))
  }

  app.get(SERVER_METADATA_PATH, (c) =>
    isHere(c.var.visit) ? serverMetadata(loginHost, terms) : c.notFound(),
  )
  app.options(SERVER_METADATA_PATH, () => preflight('GET'))

  for (const path of [RESOURCE_METADATA_PATH, `${RESOURCE_METADATA_PATH}/*`]) {
    app.get(path, (c) => {
      const { host, url } = c.var.visit
      const resource = url.pathname.slice(RESOURCE_METADATA_PATH.length)
      return siteAt(deps.sites, host.authority)?.oauth
        ? resourceMetadata(host, resource, loginHost.url)
        : c.notFound()
    })
    app.options(path, () => preflight('GET'))
  }

  // On the home page of each host: a person takes back what they granted.
  app.post(GRANTS_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    const home = new Response(null, {
      status: 303,
      headers: { ...ownHeaders, Location: HOME_PATH },
    })
    if (!isSameOrigin(raw, visit.host.url)) return home
    const live = liveAt(await deps.readSession(raw, visit), visit.host.connections)
    const id = (await readFields(raw)).get('grant') ?? ''
    if (!live || id === '') return home
    const ended = await endGrant(deps.db, id, live.session.userId)
    for (const each of ended) auditEnd(each, 'person', audit(visit))
    return home
  })
  return app
}
