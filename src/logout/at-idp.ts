/** Signs a person out at the identity provider, after the sign-in has ended here. */
import type { Connection } from '../connection/connection.ts'
import { bindingTo, spOf } from '../connection/expect.ts'
import { frontChannel } from '../connection/slo.ts'
import { findConnection } from '../connection/store.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { LOGOUT_AT_IDP_PATH, LOGOUT_DONE_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { seeOther } from '../login/arrive.ts'
import { postFields, redirectUrl } from '../saml/outgoing/binding.ts'
import { logoutRequest, signedLogoutRequest } from '../saml/outgoing/logout.ts'
import type { RequestSigner } from '../saml/outgoing/sign.ts'
import { readAllSessionTokens } from '../session/cookie.ts'
import { findEndedSignIn, type EndedSignIn } from '../session/name-id-store.ts'
import { hasOpenSession } from '../session/token-store.ts'
import { hashTokens } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import type { LogoutDeps } from './deps.ts'
import { signOutAtIdpPage, type Carried } from './idp-pages.ts'
import { keepLeaving, openTicket, sealTicket, type Leaving, type Ticket } from './kept.ts'

/** At a site: the address of the login host, which speaks to identity providers. */
export async function urlAtLoginHost(
  ticket: Ticket,
  { now }: Visit,
  { hosts, logoutSealer }: LogoutDeps,
): Promise<string> {
  const { url } = hosts.login
  const sealed = await sealTicket(ticket, url, logoutSealer, now)
  return `${url}${LOGOUT_AT_IDP_PATH}?ticket=${sealed}`
}

/** At the login host, with the ticket of a site. */
export async function goOnToIdp(
  { headers }: Request,
  visit: Visit,
  deps: LogoutDeps,
): Promise<Response> {
  const sealed = visit.url.searchParams.get('ticket') ?? ''
  const ticket = await openTicket(sealed, deps.logoutSealer, visit)
  if (!ticket) return seeOther(LOGOUT_DONE_PATH)
  // The ticket is from another browser: the sign-in of this one goes on.
  if (await isSignedIn(headers, visit, deps)) return seeOther(LOGOUT_PATH)
  return leaveForIdp(visit, ticket, deps)
}

/** D1 says it: what this isolate remembers may be older than the end of the sign-in. */
export async function isSignedIn(
  headers: Headers,
  { host, now }: Visit,
  { stores: { db } }: LogoutDeps,
): Promise<boolean> {
  const hashes = await hashTokens(readAllSessionTokens(headers))
  return hashes.length > 0 && hasOpenSession(db, { hashes, site: host.authority }, now)
}

/**
 * Sends the browser to the identity provider with a LogoutRequest. The sign-in has ended in D1, and
 * its row says whom and which session we mean. Nothing is stored.
 */
export async function leaveForIdp(
  visit: Visit,
  { signIn, onward, back }: Ticket,
  { stores: { db }, spKeys, newId, logoutSealer }: LogoutDeps,
): Promise<Response> {
  const ended = await findEndedSignIn(db, signIn)
  const connection = ended && (await findConnection(db, ended.connection))
  const front = connection && frontChannel(connection.slo, connection.ssoBinding)
  const leaving: Leaving = {
    requestId: `_${newId()}`,
    connection: connection?.id ?? '',
    provider: connection?.displayName ?? '',
    outcome: front ? 'silent' : 'none',
    onward,
    back,
  }
  const cookie = await keepLeaving(leaving, logoutSealer, visit)
  const response =
    connection && front
      ? await signOutAtIdpPage(
          visit,
          connection.displayName,
          await carryRequest(visit, { ended, connection, front, id: leaving.requestId }, spKeys),
        )
      : seeOther(LOGOUT_DONE_PATH)
  response.headers.append('Set-Cookie', cookie)
  return response
}

interface RequestFor {
  readonly ended: EndedSignIn
  readonly connection: Connection
  readonly front: NonNullable<ReturnType<typeof frontChannel>>
  readonly id: string
}

const REQUEST_SECONDS = 300

async function carryRequest(
  { host, now }: Visit,
  { ended, connection, front, id }: RequestFor,
  spKeys: SpKeys,
): Promise<Carried> {
  const { location } = front
  const binding = bindingTo(location, front.binding, host)
  const request = {
    id,
    issueInstant: new Date(now),
    issuer: spOf(host, connection.id).entityId,
    destination: location,
    notOnOrAfter: new Date(plusSeconds(now, REQUEST_SECONDS)),
    nameId: {
      value: ended.nameId,
      format: ended.nameIdFormat,
      nameQualifier: ended.nameQualifier,
      spNameQualifier: ended.spNameQualifier,
    },
    sessionIndexes: ended.sessionIndex === null ? [] : [ended.sessionIndex],
  }
  const signer = await logoutSigner(connection, spKeys, now)
  if (binding === 'redirect') {
    const url = await redirectUrl(location, logoutRequest(request), null, signer)
    return { binding, url }
  }
  const xml = await signedLogoutRequest(request, signer)
  return { binding, url: location, fields: postFields(xml, null) }
}

/** Profiles §4.4.4.1: messages of single logout that a browser carries are signed always. */
export const logoutSigner = (
  { settings }: Connection,
  spKeys: SpKeys,
  now: Instant,
): Promise<RequestSigner> => spKeys.signer(settings.signRequests ?? 'rsa-sha256', now)
