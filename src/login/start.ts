import type { Connection } from '../connection/connection.ts'
import { ownHeaders } from '../lib/page.ts'
import type { Sealer } from '../lib/seal.ts'
import { authnRequest, signedAuthnRequest } from '../saml/authn-request.ts'
import { postFields, redirectUrl } from '../saml/binding.ts'
import { readSessionTokens } from '../session/cookie.ts'
import { hashToken } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import { spOf } from './expect.ts'
import { postPage, toIdpPage } from './pages.ts'
import { keepPending, readPending, toHandle, type PendingLogin } from './pending.ts'
import type { ReturnTo } from './return-to.ts'

export interface LoginAsk {
  readonly returnTo: ReturnTo
  /** Whether a form asks, whose redirect to another site the browser may forbid. */
  readonly isForm: boolean
}

/** To the IdP, with a request that only this browser can have answered. Stores nothing. */
export async function startLogin(
  request: Request,
  { site, requestId, now }: Visit,
  connection: Connection,
  { returnTo, isForm }: LoginAsk,
  sealer: Sealer,
  keys: SpKeys,
  newId: () => string,
): Promise<Response> {
  const [token] = readSessionTokens(request.headers)
  const asked: PendingLogin = {
    handle: toHandle(newId()),
    requestId: `_${newId()}`,
    connection: connection.id,
    returnTo,
    startedAt: now,
    replaces: token ? await hashToken(token) : null,
    isDone: false,
  }
  const others = await readPending(request.headers, sealer, site.url, now)
  const cookie = { 'Set-Cookie': await keepPending([asked, ...others], sealer) }

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
    return postPage(requestId, ssoUrl, postFields(xml, asked.handle), cookie)
  }
  const location = await redirectUrl(ssoUrl, authnRequest(asking), asked.handle, signer)
  if (isForm) return toIdpPage(requestId, location, cookie)
  return new Response(null, {
    status: 302,
    headers: { ...ownHeaders, ...cookie, Location: location },
  })
}
