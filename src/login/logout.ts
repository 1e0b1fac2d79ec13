import type { Audit } from '../audit/event.ts'
import { endSession } from '../session/open.ts'
import { clearedSessionCookie, readSessionTokens } from '../session/cookie.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import { hashToken } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'
import { signedOutPage } from './pages.ts'
import type { ReturnTo } from './return-to.ts'

/** Ends the session of this browser: in D1, in KV, in this isolate, and in the browser. */
export async function signOut(
  request: Request,
  { site, requestId, now }: Visit,
  returnTo: ReturnTo,
  stores: SessionStores,
  forget: SessionReader['forget'],
  audit: Audit,
): Promise<Response> {
  for (const token of readSessionTokens(request.headers)) {
    const hash = await hashToken(token)
    const session = await endSession(stores, hash, now)
    forget(hash)
    if (!session) continue
    audit({ kind: 'logout', site: site.host, user: session.userId, session: session.id })
  }
  return signedOutPage(requestId, returnTo, {
    'Set-Cookie': clearedSessionCookie(),
    // Else Back and a new tab show what the origin let the browser keep.
    'Clear-Site-Data': site.signOutClears === 'storage' ? '"cache", "storage"' : '"cache"',
  })
}

/** Only a page of the site itself may sign its visitor out. */
export function isFromSite({ headers }: Request, siteUrl: string): boolean {
  const fetchSite = headers.get('Sec-Fetch-Site')
  return fetchSite === null ? headers.get('Origin') === siteUrl : fetchSite === 'same-origin'
}
