/** Pages of a sign-in in a separate window that a page of the site opened. */
import { html } from 'hono/html'
import { renderPage } from '../lib/page.ts'
import { SIGNED_IN, type ReturnTo } from './return-to.ts'

/**
 * The last page of a sign-in in a separate window. It tells the page that opened the window, if
 * that is a page of the site. It also tells every other page of the site, because the IdP's page
 * may have cut the window off from its opener. Then the window closes itself, unless a page of
 * another site opened it: that page could tell from this whether the person is signed in.
 */
export const signedInPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed in',
    body: html`<p>You can close this window and continue where you were.</p>`,
    requestId,
    script: `const told = { type: 'gatehouse:signed-in' }
new BroadcastChannel('gatehouse').postMessage(told)
const isForeign = () => { try { return opener.location.origin !== origin } catch { return true } }
if (!opener || !isForeign()) {
  opener?.postMessage(told, origin)
  close()
}`,
    headers: tiedToOpener,
  })

/**
 * A window of another site may keep a reference to this page: it has nothing to read or to click.
 */
const tiedToOpener = { 'Cross-Origin-Opener-Policy': 'unsafe-none' }

/**
 * While the sign-in goes on in a separate window, the page that opened it keeps a reference to it,
 * so that it can tell when the window is closed. A page of another site loses the reference.
 */
export function keepTie(response: Response, request: Request, returnTo: ReturnTo): Response {
  if (returnTo === SIGNED_IN && request.headers.get('Sec-Fetch-Site') === 'same-origin') {
    for (const [name, value] of Object.entries(tiedToOpener)) response.headers.set(name, value)
  }
  return response
}
