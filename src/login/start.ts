import type { Connection } from '../connection/connection.ts'
import { ownHeaders } from '../lib/page.ts'
import type { DailySealer } from '../lib/seal.ts'
import { authnRequest, signedAuthnRequest } from '../saml/authn-request.ts'
import { postFields, redirectUrl } from '../saml/binding.ts'
import { readSessionTokens } from '../session/cookie.ts'
import { hashToken } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import { spOf } from './expect.ts'
import { postPage, toIdpPage } from './pages.ts'
import { keepLogin, toHandle, type PendingLogin } from './pending.ts'
import type { ReturnTo } from './return-to.ts'

export interface LoginAsk {
  readonly returnTo: ReturnTo
  /** Whether a form asks, whose redirect to another site the browser may forbid. */
  readonly isForm: boolean
  /** Whether another site may have sent the browser. */
  readonly isForeign: boolean
  /** What the browser has begun before. */
  readonly others: readonly PendingLogin[]
}

export interface StartDeps {
  /** Of PENDING_PURPOSE. */
  readonly sealer: DailySealer
  readonly spKeys: SpKeys
  /** Unguessable: they name requests, users and sessions. */
  readonly newId: () => string
}

/** To the IdP, with a request that only this browser can have answered. Stores nothing. */
export async function startLogin(
  { headers }: Request,
  visit: Visit,
  connection: Connection,
  { returnTo, isForm, isForeign, others }: LoginAsk,
  { sealer, spKeys, newId }: StartDeps,
): Promise<Response> {
  const asked: PendingLogin = {
    handle: toHandle(newId()),
    requestId: `_${newId()}`,
    connection: connection.id,
    returnTo,
    startedAt: visit.now,
    replaces: await Promise.all(readSessionTokens(headers).map(hashToken)),
    isForeign,
    outcome: null,
  }
  const cookies = await keepLogin(asked, others, sealer, visit)
  const response = await sendToIdp(visit, connection, asked, isForm, spKeys)
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  return response
}

async function sendToIdp(
  { site, requestId, now }: Visit,
  connection: Connection,
  asked: PendingLogin,
  isForm: boolean,
  keys: SpKeys,
): Promise<Response> {
  const { ssoUrl, ssoBinding, settings } = connection
  const sp = spOf(site, connection.id)
  const asking = {
    id: asked.requestId,
    issueInstant: new Date(now),
    issuer: sp.entityId,
    destination: ssoUrl,
    acsUrl: sp.acsUrl,
    nameIdFormat: settings.nameIdFormat,
    forceAuthn: settings.forceAuthn,
    authnContext: settings.authnContext,
  }
  const signer = settings.signRequests ? await keys.signer(settings.signRequests, now) : null
  if (ssoBinding === 'post') {
    const xml = signer ? await signedAuthnRequest(asking, signer) : authnRequest(asking)
    return postPage(requestId, ssoUrl, postFields(xml, asked.handle), asked.returnTo)
  }
  const location = await redirectUrl(ssoUrl, authnRequest(asking), asked.handle, signer)
  if (isForm) return toIdpPage(requestId, location, asked.returnTo)
  return new Response(null, {
    status: 302,
    headers: { ...ownHeaders, Location: location },
  })
}
