/** A client asks a person for access: client → sign-in → site → consent → code. */
import { hashText } from '../lib/bytes.ts'
import { ANEW, LOGIN_PATH } from '../lib/paths.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { isNavigation } from '../lib/same-origin.ts'
import { liveAt, type LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import { judgeAsked, pathOf, readPrompt, type AuthorizationRequest, type Fault } from './ask.ts'
import { isLoopbackRedirect, matchRedirect, type Client } from './client.ts'
import { findClient } from './clients.ts'
import type { OauthDeps } from './deps.ts'
import { hasGranted } from './grant-store.ts'
import { makeGrant } from './grants.ts'
import { judgeEntry, type Stop } from './judge.ts'
import { toClientPage, closedPage, consentPage, faultPage } from './pages.ts'
import { findResource, noSite } from './resource.ts'
import { newCode } from './token.ts'

const CODE_SECONDS = 60

/** What the person chose on the page; null: they were not asked yet. */
export interface Choice {
  readonly isAllowed: boolean
  /** The id of the user that the page named. */
  readonly userId: string
}

export async function authorize(
  request: Request,
  visit: Visit,
  { asked, choice }: { readonly asked: AuthorizationRequest; readonly choice: Choice | null },
  deps: OauthDeps,
): Promise<Response> {
  const { get, twice } = asked
  const prompt = readPrompt(get('prompt'))
  const path = pathOf(asked)
  if (!isNavigation(request)) return faultPage(visit, 'frame')
  if (path === null) return faultPage(visit, 'long')
  const isUnclear = twice.includes('client_id') || twice.includes('redirect_uri')
  const id = get('client_id')
  if (id === null || isUnclear) return faultPage(visit, 'request')
  const live = liveAt(await deps.readSession(request, visit), null)
  const isSilent = prompt === 'none'
  // Only people who are signed in can have us look for clients. A document that has to be fetched is
  // never fetched for another person.
  if (!live && (!isSilent || id.startsWith('https://'))) return signIn({ to: path })
  const client = await findClient(id, visit.now, deps)
  if (!client) return faultPage(visit, 'client')
  const redirect = redirectOf(client, get('redirect_uri'))
  if (redirect === null) return faultPage(visit, 'redirect')
  const back: Back = { client, redirect, state: get('state'), isAnswer: choice !== null, live }
  const fault = judgeAsked(asked)
  if (fault) return refuse(visit, back, fault, deps)
  const site = findResource(deps.sites, get('resource'))
  if (!site) return refuse(visit, back, noSite, deps)
  if (!live) return refuse(visit, back, silent('login_required'), deps)
  if (prompt === 'login' && choice === null) {
    const to = pathOf(asked, 'consent')
    return to === null ? faultPage(visit, 'long') : signIn({ to, isFresh: true })
  }
  const stop = judgeEntry(site, live, request, visit.now)
  if (stop) return halt(visit, { stop, site, live, path, isSilent, back }, deps)
  if (choice && !choice.isAllowed) {
    return refuse(visit, back, { error: 'access_denied', why: 'The person refused.' }, deps)
  }
  const isAllowed = choice?.userId === live.session.userId && choice.isAllowed
  const isAsked = prompt === 'consent' || isLoopbackRedirect(redirect)
  const { userId } = live.session
  const known = { userId, client: client.id, site: site.authority, now: visit.now }
  if (!isAllowed && (isAsked || !(await hasGranted(deps.db, known)))) {
    return isSilent
      ? refuse(visit, back, silent('consent_required'), deps)
      : consentPage(visit, { asked, client, redirect, site, live }, deps)
  }
  return grant(visit, { back, site, live, path, challenge: get('code_challenge') ?? '' }, deps)
}

/** Where the answer goes, and how. */
interface Back {
  readonly client: Client
  readonly redirect: string
  readonly state: string | null
  /** Whether the person posted a form of ours: browsers may block a redirect to another site then. */
  readonly isAnswer: boolean
  /** null: nobody is signed in. */
  readonly live: LiveSession | null
}

const silent = (error: string): Fault => ({ error, why: 'The person must be asked.' })

/** A client with one address may leave it out (RFC 6749 §3.1.2.3). */
function redirectOf(client: Client, given: string | null): string | null {
  const [only, ...others] = client.redirects
  if (given === null) return only !== undefined && others.length === 0 ? only : null
  return matchRedirect(client, given)
}

interface Halted {
  readonly stop: Stop
  readonly site: Site
  readonly live: LiveSession
  readonly path: string
  readonly isSilent: boolean
  readonly back: Back
}

function halt(
  visit: Visit,
  { stop, site, live, path, isSilent, back }: Halted,
  deps: OauthDeps,
): Response | Promise<Response> {
  const { connection } = live.session
  if (stop.kind === 'closed') {
    const denied = { error: 'access_denied', why: 'The site is not open to this person.' }
    auditRefusal(visit, back, denied, deps)
    return closedPage(visit, { site, back: answerUrl(back, denied, deps) })
  }
  if (isSilent) return refuse(visit, back, silent('interaction_required'), deps)
  if (stop.kind === 'anew') return signIn({ to: path, connection, contexts: stop.contexts })
  const [only = null, ...others] = site.connections ?? []
  return signIn({ to: path, connection: others.length === 0 ? only : null, isFresh: true })
}

interface Granted {
  readonly back: Back
  readonly site: Site
  readonly live: LiveSession
  readonly path: string
  readonly challenge: string
}

async function grant(
  visit: Visit,
  { back, site, live, path, challenge }: Granted,
  deps: OauthDeps,
): Promise<Response> {
  const { client, redirect, isAnswer } = back
  const code = newCode()
  const made = {
    client,
    site,
    live,
    codeHash: await hashText(code),
    codeSeconds: CODE_SECONDS,
    bound: { redirect, challenge },
    by: isAnswer ? 'consent' : 'remembered',
  } as const
  if (!(await makeGrant(visit, made, deps))) return signIn({ to: path, isFresh: true })
  return answer(visit, back, { code }, deps)
}

/**
 * An error goes to a client that the operator registered, or that the person has just answered. To
 * others a link leads: else anybody could use this address to lead people to a page of theirs
 * (RFC 9700 §4.11.2).
 */
function refuse(
  visit: Visit,
  back: Back,
  fault: Fault,
  deps: OauthDeps,
): Response | Promise<Response> {
  auditRefusal(visit, back, fault, deps)
  const { error, why } = fault
  return back.client.kind === 'listed' || back.isAnswer
    ? answer(visit, back, { error, error_description: why }, deps)
    : faultPage(visit, 'refused', { why, back: answerUrl(back, fault, deps) })
}

function auditRefusal(
  visit: Visit,
  { client, live }: Back,
  { error }: Fault,
  deps: OauthDeps,
): void {
  deps.audit(visit)({
    kind: 'grant-refused',
    connection: live?.session.connection ?? null,
    user: live?.session.userId ?? null,
    client: client.id,
    reason: error,
  })
}

const answerUrl = (back: Back, { error, why }: Fault, deps: OauthDeps): string =>
  urlOf(back, { error, error_description: why }, deps)

/** With `iss`, so that a client of several servers knows which one answers (RFC 9207). */
function urlOf(
  { redirect, state }: Back,
  fields: Readonly<Record<string, string>>,
  { loginHost }: OauthDeps,
): string {
  const query = new URLSearchParams({
    ...fields,
    ...(state === null ? {} : { state }),
    iss: loginHost.url,
  })
  return `${redirect}${redirect.includes('?') ? '&' : '?'}${query.toString()}`
}

const answer = (
  visit: Visit,
  back: Back,
  fields: Readonly<Record<string, string>>,
  deps: OauthDeps,
): Response | Promise<Response> => {
  const url = urlOf(back, fields, deps)
  return back.isAnswer ? toClientPage(visit, back.client.name, url) : redirectTo(url)
}

const redirectTo = (url: string): Response =>
  new Response(null, {
    status: 302,
    headers: { ...ownHeaders, 'Referrer-Policy': 'no-referrer', Location: url, Vary: 'Cookie' },
  })

interface SignIn {
  readonly to: string
  readonly connection?: string | null
  readonly isFresh?: boolean
  /** What a policy asks of the sign-in. */
  readonly contexts?: readonly string[]
}

/** Sign-in leads back to where it began. */
export function signIn({ to, connection = null, isFresh = false, contexts }: SignIn): Response {
  const query = new URLSearchParams({
    ...(connection === null ? {} : { connection }),
    ...(contexts ? { [ANEW]: contexts.join(' ') } : isFresh ? { fresh: '1' } : {}),
    go: '1',
    to,
  })
  return redirectTo(`${LOGIN_PATH}?${query.toString()}`)
}
