/** Messages of single logout from an identity provider: its requests, and its answers to ours. */
import type { Connection } from '../connection/connection.ts'
import { toLogoutExpect } from '../connection/expect.ts'
import { rememberCertificates } from '../connection/remember-certificates.ts'
import { frontChannel } from '../connection/slo.ts'
import { bindingTo, spOf } from '../connection/sp.ts'
import { toInstant } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { LOGOUT_DONE_PATH } from '../lib/paths.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { forgetSession } from '../login/forget-session.ts'
import { seeOther } from '../login/see-other.ts'
import { readParameter, type Received } from '../saml/incoming/logout-message.ts'
import { openLogoutRequest, type LogoutAsked } from '../saml/incoming/logout.ts'
import { postResponseFields, redirectResponseUrl } from '../saml/outgoing/binding.ts'
import { logoutResponse, signedLogoutResponse, soapEnvelope } from '../saml/outgoing/logout.ts'
import { endNamed } from '../session/name-id-store.ts'
import type { Visit } from '../site/visit.ts'
import { readAnswer } from './answer.ts'
import { logoutSigner } from './at-idp.ts'
import type { LogoutDeps } from './deps.ts'
import type { LogoutError } from './error.ts'
import { answerPage, donePage, signedOutByIdpPage } from './idp-pages.ts'
import { keepLeaving, readLeaving } from './kept.ts'
import { refuseLogout, refuseSoap } from './refuse.ts'

export type FrontMessage = Exclude<Received, { readonly binding: 'soap' }>

/** A message that the browser carried. */
export async function takeMessage(
  { headers }: Request,
  visit: Visit,
  { message, connection }: { readonly message: FrontMessage; readonly connection: Connection },
  deps: LogoutDeps,
): Promise<Response> {
  const parameter = readParameter(message)
  if (!parameter.ok) {
    return refuseLogout(visit, connection, { reason: 'message', error: parameter.error }, deps)
  }
  if (parameter.value === 'SAMLResponse') {
    return takeAnswer(headers, visit, { message, connection }, deps)
  }
  const asked = await takeRequest(visit, message, connection, deps)
  return asked.ok
    ? answer(visit, { asked: asked.value, connection, binding: message.binding }, deps)
    : refuseLogout(visit, connection, asked.error, deps)
}

/** A LogoutRequest that the identity provider sent itself (Bindings §3.2). */
export async function takeSoap(
  visit: Visit,
  xml: string,
  connection: Connection,
  deps: LogoutDeps,
): Promise<Response> {
  const asked = await takeRequest(visit, { binding: 'soap', xml }, connection, deps)
  if (!asked.ok) return refuseSoap(visit, connection, asked.error, deps)
  const destination = connection.slo?.soap?.location ?? connection.idpEntityId
  const signer = await logoutSigner(connection, deps.findSpKeys, visit.now)
  const response = toAnswer(visit, { asked: asked.value, connection, destination }, deps)
  return new Response(soapEnvelope(await signedLogoutResponse(response, signer)), {
    headers: { ...ownHeaders, 'Content-Type': 'text/xml; charset=utf-8' },
  })
}

/** Verifies the request, uses it up, and ends the sign-ins that it means, on every site. */
async function takeRequest(
  visit: Visit,
  message: Received,
  connection: Connection,
  deps: LogoutDeps,
): Promise<Result<LogoutAsked, LogoutError>> {
  const { host, now } = visit
  const isSoap = message.binding === 'soap'
  const decryptionKeys = async () => (await deps.findSpKeys()).decryptionKeys(now)
  const opened = await openLogoutRequest(
    message,
    toLogoutExpect(connection, {
      host,
      isSoap,
      prepareCertificate: rememberCertificates(deps.certificates),
      decryptionKeys,
      now,
    }),
  )
  if (!opened.ok) return err({ reason: 'message', error: opened.error })
  const asked = opened.value
  const sp = spOf(host, connection.id).entityId
  const ended = await endNamed(
    deps.stores.db,
    { ...asked, connection: connection.id },
    {
      id: asked.id,
      takenBy: deps.newId(),
      defaults: { idp: connection.idpEntityId, sp },
      askedAt: toInstant(asked.issueInstant.getTime()),
      expiresAt: toInstant(asked.acceptableUntil.getTime()),
      now,
    },
  )
  if (!ended.ok) return err({ reason: 'logout-replayed' })
  for (const hash of ended.value.hashes) forgetSession(hash, visit, deps)
  const audit = deps.audit(visit)
  const { signIns } = ended.value
  const users = Map.groupBy(signIns, ({ userId }) => userId)
  for (const [user, own] of users.size > 0 ? users : [[null, []] as const]) {
    audit({
      kind: 'idp-logout',
      connection: connection.id,
      user,
      binding: message.binding,
      signIns: own.map(({ id }) => id),
    })
  }
  return ok(asked)
}

interface AnswerTo {
  readonly asked: LogoutAsked
  readonly connection: Connection
}

/** Core §3.7.3.1: the identity provider is told, by the binding that its metadata names. */
async function answer(
  visit: Visit,
  { asked, connection, binding }: AnswerTo & { readonly binding: FrontMessage['binding'] },
  deps: LogoutDeps,
): Promise<Response> {
  const front = frontChannel(connection.slo, binding)
  if (!front) return signedOutByIdpPage(visit, connection.displayName)
  const { responseLocation: url } = front
  const signer = await logoutSigner(connection, deps.findSpKeys, visit.now)
  const response = toAnswer(visit, { asked, connection, destination: url }, deps)
  const { relayState } = asked
  if (bindingTo(url, front.binding, visit.host) === 'post') {
    const fields = postResponseFields(await signedLogoutResponse(response, signer), relayState)
    const origins = new Set([url, connection.ssoUrl].map((each) => new URL(each).origin))
    const carried = { binding: 'post', url, fields } as const
    return answerPage(visit, connection.displayName, carried, [...origins])
  }
  const location = await redirectResponseUrl(url, logoutResponse(response), relayState, signer)
  return new Response(null, { status: 302, headers: { ...ownHeaders, Location: location } })
}

/** Success also where there was nothing left to end. */
const toAnswer = (
  { host, now }: Visit,
  { asked, connection, destination }: AnswerTo & { readonly destination: string },
  { newId }: LogoutDeps,
) => ({
  id: `_${newId()}`,
  issueInstant: new Date(now),
  issuer: spOf(host, connection.id).entityId,
  destination,
  inResponseTo: asked.id,
  status: 'success' as const,
})

/**
 * The answer to our request. Only one that is verified counts, so nobody else can finish the
 * sign-out of this browser.
 */
async function takeAnswer(
  headers: Headers,
  visit: Visit,
  { message, connection }: { readonly message: FrontMessage; readonly connection: Connection },
  deps: LogoutDeps,
): Promise<Response> {
  const leaving = await readLeaving(headers, deps.logoutSealer, visit)
  if (leaving?.connection !== connection.id) {
    return refuseLogout(visit, connection, { reason: 'logout-unknown' }, deps)
  }
  if (leaving.outcome !== 'silent') return seeOther(LOGOUT_DONE_PATH)
  const { requestId } = leaving
  const outcome = await readAnswer(visit, { message, connection, requestId }, deps)
  if (outcome === 'unverified') return donePage(visit, { ...leaving, outcome }, 403)
  const response = seeOther(LOGOUT_DONE_PATH)
  const cookie = await keepLeaving({ ...leaving, outcome }, deps.logoutSealer, visit)
  response.headers.append('Set-Cookie', cookie)
  return response
}
