/** At a host that is not the login host: sends the browser there to sign in. */
import { ownHeaders } from '../lib/own-headers.ts'
import type { Visit } from '../site/visit.ts'
import { freshFields, type Fresh } from './fresh.ts'
import { toIdpPage } from './pages.ts'
import { keepLogin, toHandle, toPending, type PendingLogin } from './pending.ts'
import { SIGNED_IN, type ReturnTo } from './return-to.ts'
import type { StartDeps } from './start.ts'
import { pathTo } from './target.ts'

export interface Leave {
  readonly returnTo: ReturnTo
  /** The id of the connection that the request names; null: none. */
  readonly connection: string | null
  readonly email: string | null
  readonly fresh: Fresh
  /** Whether the browser posted a form of this site. */
  readonly isForm: boolean
  /** The other logins that the browser has begun, newest first. */
  readonly others: readonly PendingLogin[]
}

/**
 * Only this browser can come back from the login host, because the login is in its cookie. Nothing
 * is stored.
 */
export async function leaveForLogin(
  { headers }: Request,
  visit: Visit,
  { returnTo, connection, email, fresh, isForm, others }: Leave,
  { hosts, sealer, newId }: StartDeps,
): Promise<Response> {
  const { host } = visit
  const asked = await toPending(headers, visit, {
    handle: toHandle(newId()),
    // The login host asks the identity provider.
    requestId: '',
    connection: '',
    returnTo,
    isForeign: !isForm,
    fresh,
  })
  const comesBack = isForm || returnTo === SIGNED_IN ? 'form' : 'redirect'
  const chosen = new URLSearchParams({
    ...(connection === null ? {} : { connection }),
    ...(email === null ? {} : { login_hint: email }),
    ...freshFields(fresh),
  })
  const path = pathTo({ host, login: asked.handle, by: comesBack })
  const url = `${hosts.login.url}${path}${chosen.size > 0 ? '&' : ''}${chosen.toString()}`
  const response = isForm
    ? await toIdpPage(visit, url, returnTo)
    : new Response(null, { status: 302, headers: { ...ownHeaders, Location: url } })
  for (const cookie of await keepLogin(asked, others, sealer, visit)) {
    response.headers.append('Set-Cookie', cookie)
  }
  return response
}
