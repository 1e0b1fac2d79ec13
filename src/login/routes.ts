import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import type { Audit } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import { offered } from '../connection/discovery.ts'
import { findConnection } from '../connection/store.ts'
import { readText } from '../lib/body.ts'
import { ownHeaders } from '../lib/page.ts'
import { acsPath, LOGIN_PATH, LOGOUT_PATH, metadataPath, SIGNED_IN_PATH } from '../lib/paths.ts'
import { err, type Result } from '../lib/result.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import { readPostedForm, type FormFault, type PostedResponse } from '../saml/binding.ts'
import { spMetadata } from '../saml/metadata-sp.ts'
import { sessionCookie } from '../session/cookie.ts'
import type { SessionReader } from '../session/reader.ts'
import { removeSession } from '../session/store.ts'
import { hashToken, type TokenHash } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import { beginLogin, type BeginDeps } from './begin.ts'
import { toAudit, toPublic, type BodyFault, type Refusal } from './error.ts'
import { spOf } from './expect.ts'
import { finishLogin, type Login } from './finish.ts'
import { isFromSite, signOut } from './logout.ts'
import { loginUrl, refusedPage, signedInPage, signOutPage, startAgainPage } from './pages.ts'
import {
  isGoingRound,
  isHandle,
  keepLogin,
  readPending,
  withOutcome,
  type PendingLogin,
} from './pending.ts'
import { HOME, parseReturnTo, SIGNED_IN, toUrl, type ReturnTo } from './return-to.ts'

export interface LoginDeps extends BeginDeps {
  readonly forgetSession: SessionReader['forget']
  readonly audit: (visit: Visit) => Audit
}

type LoginEnv = { Variables: { visit: Visit } }

const MAX_POST_BYTES = 512 * 1024
const MAX_FIELDS_BYTES = 16 * 1024
/** Two are the binding's; an IdP may add some of its own. To take thousands apart costs time. */
const MAX_FIELDS = 10

export function createLoginApp(deps: LoginDeps): Hono<LoginEnv> {
  const app = new Hono<LoginEnv>()

  app.get(LOGIN_PATH, (c) => {
    const { visit } = c.var
    const isLink = c.req.header('Sec-Fetch-Mode') === 'navigate' && !c.req.query('go')
    const begin = {
      returnTo: parseReturnTo(c.req.query('to') ?? null, visit.site.url),
      connection: c.req.query('connection') ?? null,
      email: c.req.query('login_hint') ?? null,
      isFresh: c.req.query('fresh') === '1',
      by: isLink ? 'link' : 'onward',
    } as const
    return beginLogin(c.req.raw, visit, begin, deps)
  })

  // A service worker that answers the site's navigations answers no POST; and addresses of people
  // stay out of logs.
  app.post(LOGIN_PATH, async (c) => {
    const { visit } = c.var
    const form = await readFields(c.req.raw)
    const begin = {
      returnTo: parseReturnTo(form.get('to') ?? c.req.query('to') ?? null, visit.site.url),
      connection: form.get('connection'),
      email: form.get('email'),
      isFresh: form.get('fresh') === '1',
      by: 'form',
    } as const
    return beginLogin(c.req.raw, visit, begin, deps)
  })

  app.get(SIGNED_IN_PATH, (c) => signedInPage(c.var.visit.requestId))

  app.post(acsPath(':connection'), async (c) => {
    const { visit } = c.var
    const connection = await openConnection(c, deps)
    const form = await readForm(c.req.raw)
    if (!connection) return refuse(visit, null, noOne('unknown-connection'), null, deps)
    if (!form.ok) return refuse(visit, connection, noOne(form.error), null, deps)
    const pending = await readPending(c.req.raw.headers, deps.sealer, visit)
    const { relayState } = form.value
    if (relayState !== null && isHandle(relayState)) {
      return answer(visit, connection, form.value, pending, deps)
    }
    if (isGoingRound(pending, connection.id, visit.now)) {
      return refuse(visit, connection, noOne('relay-state-lost'), null, deps)
    }
    // What this browser did not ask for signs nobody in: it asks, and the IdP answers again.
    return seeOther(loginUrl(connection.id, parseReturnTo(relayState, visit.site.url)))
  })

  // A reload, when the browser has forgotten the form.
  app.get(acsPath(':connection'), async (c) => {
    const { visit } = c.var
    const connection = await openConnection(c, deps)
    if (!connection) return c.notFound()
    const pending = await readPending(c.req.raw.headers, deps.sealer, visit)
    const latest = pending.find((login) => login.connection === connection.id)
    return startAgainPage(visit.requestId, connection.id, latest?.returnTo ?? HOME)
  })

  app.get(metadataPath(':connection'), async (c) => {
    const connection = await openConnection(c, deps)
    if (!connection) return c.notFound()
    const { site, now } = c.var.visit
    const { nameIdFormat, signRequests } = connection.settings
    const certificates = await deps.spKeys.certificates(signRequests, now)
    const xml = spMetadata({ ...spOf(site, connection.id), nameIdFormat, ...certificates })
    const type = { 'Content-Type': 'application/samlmetadata+xml' }
    return new Response(xml, { headers: { ...ownHeaders, ...type } })
  })

  app.get(LOGOUT_PATH, (c) => signOutPage(c.var.visit.requestId))
  app.post(LOGOUT_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    if (!isFromSite(raw, visit.site.url)) return signOutPage(visit.requestId)
    const returnTo = parseReturnTo((await readFields(raw)).get('to'), visit.site.url)
    return signOut(raw, visit, returnTo, deps.stores, deps.forgetSession, deps.audit(visit))
  })
  return app
}

/** The answer to a login that was started here. */
async function answer(
  visit: Visit,
  connection: Connection,
  form: PostedResponse,
  pending: readonly PendingLogin[],
  deps: LoginDeps,
): Promise<Response> {
  const asked = pending.find(({ handle }) => handle === form.relayState) ?? null
  if (asked?.outcome) return seeOther(toUrl(visit.site.url, asked.returnTo))
  const login = await finishLogin(
    form,
    pending,
    connection,
    visit,
    deps.stores,
    deps.spKeys,
    deps.newId,
  )
  return login.ok
    ? welcome(visit, login.value, pending, deps)
    : refuse(visit, connection, login.error, asked, deps)
}

async function welcome(
  visit: Visit,
  { asked, token, session, areGroupsOmitted }: Login,
  pending: readonly PendingLogin[],
  deps: LoginDeps,
): Promise<Response> {
  const { site, now } = visit
  const audit = deps.audit(visit)
  const { connection, userId: user } = session
  audit({ kind: 'login', site: site.host, connection, user, session: session.id })
  if (areGroupsOmitted) audit({ kind: 'groups-omitted', site: site.host, connection, user })
  for (const replaced of asked.replaces) {
    deps.forgetSession(replaced)
    visit.waitUntil(forgetReplaced(replaced, audit, deps))
  }
  const response = await arrive(visit, asked.returnTo)
  response.headers.append('Set-Cookie', sessionCookie(token, session.expiresAt, now))
  const done = { kind: 'done', at: now, session: await hashToken(token) } as const
  const kept = await keepLogin(withOutcome(asked, done), pending, deps.sealer, visit)
  for (const cookie of kept) response.headers.append('Set-Cookie', cookie)
  return response
}

/** A sign-in in a window of its own ends here: a redirect might be answered by a service worker. */
const arrive = ({ site, requestId }: Visit, returnTo: ReturnTo): Response | Promise<Response> =>
  returnTo === SIGNED_IN ? signedInPage(requestId) : seeOther(toUrl(site.url, returnTo))

/** It has ended in D1. KV forgets it by itself, at the latest when it would have expired. */
async function forgetReplaced(hash: TokenHash, audit: Audit, { stores }: LoginDeps): Promise<void> {
  try {
    await removeSession(stores.kv, hash)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    audit({ kind: 'store-unavailable', store: error.store, during: error.during })
  }
}

function refuse(
  visit: Visit,
  connection: Connection | null,
  refusal: Refusal,
  asked: PendingLogin | null,
  deps: LoginDeps,
): Promise<Response> {
  const { site, requestId } = visit
  const from = connection?.id ?? null
  const told = toAudit(refusal)
  deps.audit(visit)({ kind: 'login-refused', site: site.host, connection: from, ...told })
  const person = refusal.named?.person ?? null
  return refusedPage({
    requestId,
    shown: toPublic(refusal.error),
    as: connection && person !== null ? { person, provider: connection.displayName } : null,
    connection: from,
    returnTo: asked?.returnTo ?? HOME,
  })
}

const noOne = (reason: BodyFault | FormFault | 'unknown-connection' | 'relay-state-lost') => ({
  error: { reason },
  named: null,
})

/** The connection in the URL, where it is open at this site. */
async function openConnection(
  c: Context<LoginEnv>,
  { stores }: LoginDeps,
): Promise<Connection | null> {
  const found = await findConnection(stores.db, c.req.param('connection') ?? '')
  return found ? (offered([found], c.var.visit.site.connections)[0] ?? null) : null
}

/** The fields of a small form of our own; none where it is too long. */
async function readFields(request: Request): Promise<URLSearchParams> {
  const body = await readText(request, MAX_FIELDS_BYTES)
  return new URLSearchParams(body.ok ? body.value : '')
}

async function readForm(request: Request): Promise<Result<PostedResponse, FormFault | BodyFault>> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return err('not-a-form')
  const body = await readText(request, MAX_POST_BYTES)
  if (!body.ok) return body
  return body.value.split('&', MAX_FIELDS + 1).length > MAX_FIELDS
    ? err('too-many-fields')
    : readPostedForm(body.value)
}

const seeOther = (location: string): Response =>
  new Response(null, { status: 303, headers: { ...ownHeaders, Location: location } })
