import { html } from 'hono/html'
import { homeLink, renderPage, type Reader } from '../lib/page.ts'
import { FORM_PATH, HOME_PATH, OWN_PREFIX, SIGNED_IN_PATH } from '../lib/paths.ts'
import { FORM_KEY, TAB_KEY } from '../lib/tab-memory.ts'

/**
 * Sends a tab on to the address that it remembered. Any script of the site can write that address,
 * so it is treated like a link from a stranger: only an address on this site is opened. A form that
 * the tab has kept is posted to our page that shows it.
 */
export const backPage = (reader: Reader): Promise<Response> => {
  const { texts } = reader.words()
  return renderPage(reader, {
    status: 200,
    title: texts.signedIn,
    body: html`<p>${texts.takingBack}</p>
      ${homeLink(reader)}
      <form method="post" action="${FORM_PATH}" hidden>
        <input type="hidden" name="${FORM_KEY}" />
      </form>`,
    formAction: "'self'",
    script: `let url = new URL('/', origin)
const [form] = document.forms
const [kept] = form
try {
  url = new URL(sessionStorage.getItem('${TAB_KEY}') ?? '/', origin)
  kept.value = sessionStorage.getItem('${FORM_KEY}')
} catch {}
const isOurs =
  url.pathname.startsWith('${OWN_PREFIX}') &&
  !['${HOME_PATH}', '${SIGNED_IN_PATH}'].includes(url.pathname)
if (url.pathname === '${FORM_PATH}' && kept.value) form.submit()
else location.replace(url.origin === origin && !isOurs ? url : '/')`,
  })
}
