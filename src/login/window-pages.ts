/** Pages of a sign-in in a separate window that a page of the site opened. */
import { html } from 'hono/html'
import { renderPage } from '../lib/page.ts'
import type { Host } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { SIGNED_IN, type ReturnTo } from './return-to.ts'

/**
 * The last page of a sign-in in a separate window. It tells the page that opened the window, if
 * that is a page of the site or of `corsOrigins`. It also tells every other page of the site,
 * because the IdP's page may have cut the window off from its opener. Then the window closes itself,
 * unless a page of another origin opened it: that page could tell from this whether the person is
 * signed in. A page of `corsOrigins`, which is told, closes the window itself.
 */
export const signedInPage = (visit: Visit): Promise<Response> => {
  const { texts } = visit.words()
  return renderPage(visit, {
    status: 200,
    title: texts.signedIn,
    body: html`<p>${texts.closeWindow}</p>`,
    script: `const told = { type: 'gatehouse:signed-in' }
new BroadcastChannel('gatehouse').postMessage(told)
const isForeign = () => { try { return opener.location.origin !== origin } catch { return true } }
if (!opener || !isForeign()) {
  opener?.postMessage(told, origin)
  close()
} else for (const to of ${JSON.stringify(visit.host.corsOrigins)}) opener.postMessage(told, to)`,
    headers: tiedToOpener,
  })
}

/**
 * A window of another site may keep a reference to this page: it has nothing to read or to click.
 */
const tiedToOpener = { 'Cross-Origin-Opener-Policy': 'unsafe-none' }

/**
 * While the sign-in goes on in a separate window, the page that opened it keeps a reference to it,
 * so that it can tell when the window is closed. A page of another site loses the reference. Where
 * the host has `corsOrigins`, other hosts of its domain keep theirs: the browser does not say which
 * host it is, and the last page tells only those of `corsOrigins`.
 */
export function keepTie(
  response: Response,
  request: Request,
  host: Host,
  returnTo: ReturnTo,
): Response {
  const from = request.headers.get('Sec-Fetch-Site')
  const mayKeep = from === 'same-origin' || (from === 'same-site' && host.corsOrigins.length > 0)
  if (returnTo === SIGNED_IN && mayKeep) {
    for (const [name, value] of Object.entries(tiedToOpener)) response.headers.set(name, value)
  }
  return response
}
