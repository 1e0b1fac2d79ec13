/**
 * Device Bound Session Credentials (W3C, editor's draft): a browser binds its session to a key that
 * does not leave the device, and gets a cookie of minutes for each proof that it has it. Neither
 * request has the cookie of the session: Chromium sends none with SameSite=Lax where the page before
 * was of another site, as after a sign-in. The challenge or the key says which session it is, and
 * what they give is worth nothing without that cookie.
 */
import { Hono } from 'hono/tiny'
import type { Audit } from '../audit/event.ts'
import type { AuditVisit } from '../audit/trail.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { DEVICE_REFRESH_PATH, DEVICE_REGISTER_PATH } from '../lib/paths.ts'
import type { BoundCookies } from '../session/bound-cookie.ts'
import type { SessionReader } from '../session/reader.ts'
import type { Route } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import type { Challenges } from './challenge.ts'
import { instructionsOf } from './instructions.ts'
import { isSignedBy, readProof } from './proof.ts'
import { bindSession, findBound, useChallenge, type NamedSession } from './store.ts'

export interface BindingDeps {
  readonly db: D1Database
  readonly readSession: SessionReader
  readonly boundCookies: BoundCookies
  readonly challenges: Challenges
  readonly audit: (visit: AuditVisit) => Audit
  /** The routes of the site at the host of this visit. */
  readonly routesOf: (visit: Visit) => readonly Route[]
}

export function createBindingApp(deps: BindingDeps): Hono<{ Variables: { visit: Visit } }> {
  const app = new Hono<{ Variables: { visit: Visit } }>()
  app.post(DEVICE_REGISTER_PATH, (c) => register(c.req.raw, c.var.visit, deps))
  return app.post(DEVICE_REFRESH_PATH, (c) => refresh(c.req.raw, c.var.visit, deps))
}

async function register(request: Request, visit: Visit, deps: BindingDeps): Promise<Response> {
  const { host, now } = visit
  if (host.deviceBinding === 'off') return answer(visit, 404, 'not-found')
  const { authority: site } = host
  const proof = readProof(request.headers.get(RESPONSE) ?? '')
  if (!proof?.key) return answer(visit, 403, 'malformed')
  const { key, challenge } = proof
  const hash = await deps.challenges.openOffer(site, challenge, now)
  if (!hash.ok) return answer(visit, 403, hash.error)
  if (!(await isSignedBy(key, proof))) return answer(visit, 403, 'signature')
  const session = await bindSession(deps.db, { hash: hash.value, site, key, now })
  if (!session) return answer(visit, 403, 'bound-already')
  deps.readSession.forget(hash.value)
  deps.audit(visit)({ kind: 'device-bound', ...nameOf(session, visit) })
  const instructions = JSON.stringify(instructionsOf(session.id, host, deps.routesOf(visit)))
  return giveCookie(visit, session.id, instructions, deps)
}

async function refresh(request: Request, visit: Visit, deps: BindingDeps): Promise<Response> {
  const { host, now } = visit
  const id = readId(request.headers)
  if (host.deviceBinding === 'off' || id === null) return answer(visit, 401, 'no-session')
  const jwt = request.headers.get(RESPONSE)
  if (jwt === null) return askForProof(visit, id, 'proof-needed', deps)
  const proof = readProof(jwt)
  if (!proof) return answer(visit, 403, 'malformed')
  const made = await deps.challenges.openAsked(id, proof.challenge, now)
  // A browser that slept signs a challenge that is too old, after days under a key that is gone.
  if (!made.ok) return askForProof(visit, id, made.error, deps)
  const session = await findBound(deps.db, { id, site: host.authority, now })
  // The browser then forgets that the session was bound.
  if (!session?.goesOn) return answer(visit, 401, 'no-session')
  const refuse = (reason: string): void =>
    deps.audit(visit)({ kind: 'device-refused', ...nameOf(session, visit), reason })
  if (!(await isSignedBy(session.key, proof))) {
    refuse('signature')
    return answer(visit, 403, 'signature')
  }
  if (!(await useChallenge(deps.db, id, made.value))) {
    refuse('used-challenge')
    // The answer to its first use may have been lost.
    return askForProof(visit, id, 'used-challenge', deps)
  }
  return giveCookie(visit, id, null, deps)
}

const RESPONSE = 'Secure-Session-Response'
const CHALLENGE = 'Secure-Session-Challenge'

/** A structured string (RFC 9651), or the bare id. null: it is no id of ours. */
const readId = (headers: Headers): string | null =>
  /^"?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})"?$/.exec(
    headers.get('Sec-Secure-Session-Id') ?? '',
  )?.[1] ?? null

async function giveCookie(
  visit: Visit,
  session: string,
  body: string | null,
  { boundCookies, challenges }: BindingDeps,
): Promise<Response> {
  const headers = {
    ...ownHeaders,
    'Content-Type': 'application/json',
    'Set-Cookie': await boundCookies.make(session, visit.now),
    [CHALLENGE]: toHeader(session, await challenges.ask(session, visit.now)),
  }
  return new Response(body, { headers })
}

/**
 * The browser signs the challenge, and asks again. Chromium forgets a session whose proof is refused
 * without the next challenge, and its next request would be taken for a theft.
 */
async function askForProof(
  visit: Visit,
  session: string,
  reason: string,
  { challenges }: BindingDeps,
): Promise<Response> {
  const challenge = await challenges.ask(session, visit.now)
  return answer(visit, 403, reason, { [CHALLENGE]: toHeader(session, challenge) })
}

const toHeader = (session: string, challenge: string): string => `"${challenge}";id="${session}"`

const answer = (
  { requestId }: Visit,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  Response.json({ error, requestId }, { status, headers: { ...ownHeaders, ...headers } })

const nameOf = ({ id: session, user, connection }: NamedSession, { host }: Visit) => ({
  site: host.authority,
  connection,
  user,
  session,
})
