/** Signs a person out at the identity provider, after the sign-in has ended here. */
import { signatureOf, type Connection } from '../connection/connection.ts'
import { frontChannel, type FrontChannel } from '../connection/slo.ts'
import { bindingTo, spOf } from '../connection/sp.ts'
import { findConnection } from '../connection/store.ts'
import { plusSeconds, type Instant } from '../lib/instant.ts'
import { onDemand, type OnDemand } from '../lib/part.ts'
import { LOGOUT_DONE_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { seeOther } from '../login/see-other.ts'
import { postFields, redirectUrl } from '../saml/outgoing/binding.ts'
import { logoutRequest, signedLogoutRequest, type LogoutRequest } from '../saml/outgoing/logout.ts'
import type { RequestSigner } from '../saml/outgoing/sign.ts'
import { findEndedSignIn, type EndedSignIn } from '../session/name-id-store.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import type { LogoutDeps } from './deps.ts'
import { signOutAtIdpPage, type Carried } from './idp-pages.ts'
import { keepLeaving, openTicket, type Leaving, type Outcome, type Ticket } from './kept.ts'
import { isSignedIn } from './signed-in.ts'
import { takeLeaving } from './store.ts'

/** It reads an answer at once, which no message that the browser carries needs. */
const findBySoap = onDemand('by-soap', () => import('./by-soap.ts'))

/** At the login host, with the ticket of the host that the person signed out of. */
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

/**
 * Sends a LogoutRequest to the identity provider, by the browser or by SOAP. The sign-in has ended in
 * D1, and its row has the person and the session.
 */
async function leaveForIdp(
  visit: Visit,
  { signIn, onward, back }: Ticket,
  deps: LogoutDeps,
): Promise<Response> {
  const { stores, newId, logoutSealer } = deps
  const { db } = stores
  const ended = await findEndedSignIn(db, signIn)
  const connection = ended && (await findConnection(db, ended.connection))
  const id = `_${newId()}`
  const asked = connection
    ? await askIdp(visit, { signIn, ended, connection, id }, deps)
    : ({ kind: 'told', outcome: 'none' } as const)
  const leaving: Leaving = {
    requestId: id,
    connection: connection?.id ?? '',
    provider: connection?.displayName ?? '',
    outcome: asked.kind === 'told' ? asked.outcome : 'silent',
    onward,
    back,
  }
  const response =
    asked.kind === 'carried'
      ? await signOutAtIdpPage(visit, leaving.provider, asked.carried)
      : seeOther(LOGOUT_DONE_PATH)
  response.headers.append('Set-Cookie', await keepLeaving(leaving, logoutSealer, visit))
  return response
}

interface RequestFor {
  readonly signIn: string
  readonly ended: EndedSignIn
  readonly connection: Connection
  /** Of the LogoutRequest. */
  readonly id: string
}

type AskedIdp =
  /** The browser takes the request there. */
  | { readonly kind: 'carried'; readonly carried: Carried }
  | { readonly kind: 'told'; readonly outcome: Outcome }

/**
 * By the browser if the identity provider takes that, because its own cookies go along. Else by SOAP.
 */
async function askIdp(visit: Visit, asked: RequestFor, deps: LogoutDeps): Promise<AskedIdp> {
  const { signIn, connection, id } = asked
  const { slo, ssoBinding } = connection
  const front = frontChannel(slo, ssoBinding)
  if (front) {
    return { kind: 'carried', carried: await carryRequest(visit, asked, front, deps.findSpKeys) }
  }
  if (!slo?.soap) return { kind: 'told', outcome: 'none' }
  const { askBySoap } = await findBySoap()
  const url = slo.soap.location
  const signer = await logoutSigner(connection, deps.findSpKeys, visit.now)
  // After the key: if D1 does not give it, a reload asks, as long as the ticket is young. Before the
  // signature, which a ticket that is sent again does not cost.
  const leaver = { connection: connection.id, signIn }
  const isFirst = await takeLeaving(deps.stores.db, leaver, visit.now)
  if (!isFirst) return { kind: 'told', outcome: 'silent' }
  const xml = await signedLogoutRequest(toRequest(visit, asked, url), signer)
  return { kind: 'told', outcome: await askBySoap(visit, { connection, url, id, xml }, deps) }
}

const REQUEST_SECONDS = 300

const toRequest = (
  { host, now }: Visit,
  { ended, connection, id }: RequestFor,
  destination: string,
): LogoutRequest => ({
  id,
  issueInstant: new Date(now),
  issuer: spOf(host, connection.id).entityId,
  destination,
  notOnOrAfter: new Date(plusSeconds(now, REQUEST_SECONDS)),
  nameId: {
    value: ended.nameId,
    format: ended.nameIdFormat,
    nameQualifier: ended.nameQualifier,
    spNameQualifier: ended.spNameQualifier,
  },
  sessionIndexes: ended.sessionIndex === null ? [] : [ended.sessionIndex],
})

async function carryRequest(
  visit: Visit,
  asked: RequestFor,
  front: FrontChannel,
  findSpKeys: OnDemand<SpKeys>,
): Promise<Carried> {
  const { location } = front
  const binding = bindingTo(location, front.binding, visit.host)
  const request = toRequest(visit, asked, location)
  const signer = await logoutSigner(asked.connection, findSpKeys, visit.now)
  if (binding === 'redirect') {
    const url = await redirectUrl(location, logoutRequest(request), null, signer)
    return { binding, url }
  }
  const xml = await signedLogoutRequest(request, signer)
  return { binding, url: location, fields: postFields(xml, null) }
}

export const logoutSigner = async (
  { settings }: Connection,
  findSpKeys: OnDemand<SpKeys>,
  now: Instant,
): Promise<RequestSigner> => (await findSpKeys()).signer(signatureOf(settings.signRequests), now)
