import { html } from 'hono/html'
import { homeLink, renderPage } from '../lib/page.ts'
import { OWN_PREFIX, SIGNED_IN_PATH } from '../lib/paths.ts'
import { TAB_KEY } from '../lib/tab-memory.ts'

/**
 * Leads a tab on to where it wanted to go. Any script of the site can write what the tab remembers, so it is judged like a link: it stays on this site.
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
