import { html } from 'hono/html'
import { homeLink, renderPage } from '../lib/page.ts'
import { OWN_PREFIX, SIGNED_IN_PATH } from '../lib/paths.ts'
import { TAB_KEY } from '../lib/tab-memory.ts'

/**
 * Sends a tab on to the address that it remembered. Any script of the site can write that address,
 * so it is treated like a link from a stranger: only an address on this site is opened.
 */
export const backPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed in',
    body: html`<p>
        We are taking you to the page that you asked for. If nothing happens, your browser did not
        keep its address. Open your link again, or go to the home page.
      </p>
      ${homeLink}`,
    requestId,
    script: `let url = new URL('/', origin)
try { url = new URL(sessionStorage.getItem('${TAB_KEY}') ?? '/', origin) } catch {}
const isOurs = url.pathname.startsWith('${OWN_PREFIX}') && url.pathname !== '${SIGNED_IN_PATH}'
location.replace(url.origin === origin && !isOurs ? url : '/')`,
  })
