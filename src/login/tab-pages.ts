/** Pages by which a tab remembers where it wanted to go. Its session storage outlives the way by the IdP. */
import { html } from 'hono/html'
import { renderPage } from '../lib/page.ts'
import { OWN_PREFIX, SIGNED_IN_PATH } from '../lib/paths.ts'

const KEY = 'gatehouse-to'

/** A script: the tab remembers `to`, an expression. A browser may keep nothing; then nothing is lost but this. */
export const rememberInTab = (to: string): string =>
  `try { sessionStorage.setItem('${KEY}', ${to}) } catch {}`

/** Any script of the site can write what the tab remembers, so it is judged like a link: it stays on this site. */
export const backPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed in',
    body: html`<p>
        We are taking you to the page that you asked for. If nothing happens, your browser did not
        keep its address. Open your link again, or go to the home page.
      </p>
      <p><a class="button" href="/">Go to the home page</a></p>`,
    requestId,
    script: `let url = new URL('/', origin)
try { url = new URL(sessionStorage.getItem('${KEY}') ?? '/', origin) } catch {}
const isOurs = url.pathname.startsWith('${OWN_PREFIX}') && url.pathname !== '${SIGNED_IN_PATH}'
location.replace(url.origin === origin && !isOurs ? url : '/')`,
  })
