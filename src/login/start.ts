import type { Connection } from '../connection/connection.ts'
import { hintWayOf, type HintWay } from '../connection/hint.ts'
import { bindingTo, spOf } from '../connection/sp.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import type { OnDemand } from '../lib/part.ts'
import type { DailySealer } from '../lib/seal.ts'
import { authnRequest, signedAuthnRequest } from '../saml/outgoing/authn-request.ts'
import { postFields, redirectUrl } from '../saml/outgoing/binding.ts'
import type { Hosts } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import type { SpKeys } from '../sp/keys.ts'
import { askingAnew, type Fresh } from './fresh.ts'
import { postPage, toIdpPage } from './pages.ts'
import { keepLogin, toHandle, toPending, type PendingLogin } from './pending.ts'
import type { ReturnTo } from './return-to.ts'

export interface LoginAsk {
  readonly connection: Connection
  readonly returnTo: ReturnTo
  readonly fresh: Fresh
  /** The person's email address, typed here or given by the site; null: not known. */
  readonly email: string | null
  /** Whether the browser posted a form: it may block the form's redirect to another site. */
  readonly isForm: boolean
  /** Whether another site may have begun the login. */
  readonly isForeign: boolean
  /** The other logins that the browser has begun, newest first. */
  readonly others: readonly PendingLogin[]
}

export interface StartDeps {
  /** Made for PENDING_PURPOSE. */
  readonly sealer: DailySealer
  readonly findSpKeys: OnDemand<SpKeys>
  readonly hosts: Hosts
  /** Makes an unguessable id for a request, a user or a session. */
  readonly newId: () => string
}

/**
 * Sends the browser to the IdP with an AuthnRequest. Only this browser can use the answer, because
 * the login is in its cookie. Nothing is stored.
 */
export async function startLogin(
  { headers }: Request,
  visit: Visit,
  ask: LoginAsk,
  { sealer, findSpKeys, newId }: StartDeps,
): Promise<Response> {
  const { connection, fresh, others } = ask
  const request = { requestId: `_${newId()}`, connection: connection.id }
  const asked = await toPending(headers, visit, { ...ask, ...request, handle: toHandle(newId()) })
  const cookies = await keepLogin(asked, others, sealer, visit)
  const response = await sendToIdp(
    visit,
    asked,
    { ...ask, connection: askingAnew(connection, fresh) },
    findSpKeys,
  )
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  return response
}

export async function sendToIdp(
  visit: Visit,
  asked: Pick<PendingLogin, 'handle' | 'requestId' | 'returnTo'>,
  { connection, email, isForm }: Pick<LoginAsk, 'connection' | 'email' | 'isForm'>,
  findSpKeys: OnDemand<SpKeys>,
): Promise<Response> {
  const { host, now } = visit
  const { ssoUrl, ssoBinding, settings } = connection
  const way = hintWayOf(connection)
  const destination = withParameter(ssoUrl, way, email)
  const sp = spOf(host, connection.id)
  const asking = {
    id: asked.requestId,
    issueInstant: new Date(now),
    issuer: sp.entityId,
    destination: ssoUrl,
    acsUrl: sp.acsUrl,
    subject: way === 'subject' ? email : null,
    nameIdFormat: settings.nameIdFormat,
    forceAuthn: settings.forceAuthn,
    authnContext: settings.authnContext,
  }
  const { signRequests } = settings
  const signer = signRequests ? await (await findSpKeys()).signer(signRequests, now) : null
  if (bindingTo(ssoUrl, ssoBinding, host) === 'post') {
    const xml = signer ? await signedAuthnRequest(asking, signer) : authnRequest(asking)
    return postPage(visit, destination, postFields(xml, asked.handle), asked.returnTo)
  }
  const location = await redirectUrl(destination, authnRequest(asking), asked.handle, signer)
  if (isForm) return toIdpPage(visit, location, asked.returnTo)
  return new Response(null, {
    status: 302,
    headers: { ...ownHeaders, Location: location },
  })
}

function withParameter(ssoUrl: string, way: HintWay, email: string | null): string {
  if (email === null || way === 'none' || way === 'subject') return ssoUrl
  const url = new URL(ssoUrl)
  if (url.searchParams.has(way)) return ssoUrl
  // The query of the SSO URL stays byte for byte; `searchParams` would encode it anew.
  url.search = `${url.search}${url.search === '' ? '?' : '&'}${way}=${encodeURIComponent(email)}`
  return url.href
}
