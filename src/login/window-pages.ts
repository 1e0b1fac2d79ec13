/** A sign-in in a window of its own, which a page of the site opened. */
import { html } from 'hono/html'
import { renderPage } from '../lib/page.ts'
import { SIGNED_IN, type ReturnTo } from './return-to.ts'

/**
 * Where a sign-in in a window of its own ends. It says so to the window that opened it, if that is a
 * page of the site, and to every other page of the site, since an identity provider's page may cut
 * the window off from its opener. Then it closes itself, but never for an opener of another site,
 * which would learn by it whether the person is signed in.
 */
export const signedInPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed in',
    body: html`<p>You can close this window, and go on where you were.</p>`,
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

/** This page has nothing to read or to press, so a window of another site may hold on to it. */
const tiedToOpener = { 'Cross-Origin-Opener-Policy': 'unsafe-none' }

/**
 * The pages before a sign-in in a window of its own keep the tie to the page that opened it, so that
 * it can tell when the window is closed. A window that another site opened is cut off.
 */
export function keepTie(response: Response, request: Request, returnTo: ReturnTo): Response {
  if (returnTo === SIGNED_IN && request.headers.get('Sec-Fetch-Site') === 'same-origin') {
    for (const [name, value] of Object.entries(tiedToOpener)) response.headers.set(name, value)
  }
  return response
}
