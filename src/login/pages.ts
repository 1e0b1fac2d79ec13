import { html } from 'hono/html'
import type { Connection } from '../connection/connection.ts'
import { ownText } from '../lib/brand.ts'
import { loginForm } from '../lib/login-form.ts'
import type { Html } from '../lib/html.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { LOGIN_PATH } from '../lib/paths.ts'
import { rememberInTab } from '../lib/tab-memory.ts'
import { say, sayHtml } from '../lib/words/speech.ts'
import { freshFields, type Fresh } from './fresh.ts'
import { IN_TAB, type ReturnTo } from './return-to.ts'

/**
 * The address at which a sign-in continues without the page that picks up the fragment (`go=1`).
 * `to` is last, because the script of `onwardPage` appends to it.
 *
 * @param fresh whether the IdP must ask the person to sign in again, even if they are signed in there.
 */
export const loginUrl = (
  connection: string | null,
  returnTo: ReturnTo,
  fresh: Fresh = false,
  email: string | null = null,
): string => {
  const chosen = connection === null ? '' : `connection=${encodeURIComponent(connection)}&`
  const asked = new URLSearchParams(freshFields(fresh)).toString()
  const hint = email === null ? '' : `login_hint=${encodeURIComponent(email)}&`
  return `${LOGIN_PATH}?${chosen}${asked === '' ? '' : `${asked}&`}${hint}go=1&to=${encodeURIComponent(returnTo)}`
}

/**
 * A server never sees the fragment of an address, but the browser keeps it through redirects, so
 * the script of this page appends it to `to`. The page also ends a chain of redirects that began
 * with a form: browsers may block such a chain.
 */
export const onwardPage = (reader: Reader, url: string): Promise<Response> =>
  leadOn(
    reader,
    url,
    `const to = new URLSearchParams(location.search).get('to')
if (to !== null && to !== '${IN_TAB}') ${rememberInTab('to + location.hash')}
location.replace(document.getElementById('onward').href + encodeURIComponent(location.hash))`,
  )

/**
 * Sends the browser to the IdP after it posted a form. This is a page because browsers may block a
 * redirect of a form to another site.
 */
export const toIdpPage = (reader: Reader, url: string, returnTo: ReturnTo): Promise<Response> =>
  leadOn(
    reader,
    url,
    `const { href, dataset } = document.getElementById('onward')
if (dataset.to) ${rememberInTab('dataset.to')}
location.replace(href)`,
    returnTo,
  )

/** The address for the tab to remember; nothing if the tab remembers one already. */
const toRemember = (returnTo: ReturnTo): Html =>
  returnTo === IN_TAB ? html`` : html`data-to="${returnTo}"`

const leadOn = (
  reader: Reader,
  url: string,
  script: string,
  returnTo: ReturnTo = IN_TAB,
): Promise<Response> => {
  const { texts } = reader.words()
  const link = html`<a id="onward" href="${url}" ${toRemember(returnTo)}>${texts.ifNothingLink}</a>`
  return renderPage(reader, {
    status: 200,
    title: texts.signingIn,
    body: html`<noscript><meta http-equiv="refresh" content="0; url=${url}" /></noscript>
      <p>${texts.leadingOn} ${sayHtml(reader.words(), 'ifNothing', { link })}</p>`,
    script,
  })
}

/** Posts the request to the IdP (HTTP-POST binding, Bindings §3.5.4). */
export const postPage = (
  reader: Reader,
  ssoUrl: string,
  fields: Readonly<Record<string, string>>,
  returnTo: ReturnTo,
): Promise<Response> => {
  const { texts } = reader.words()
  return renderPage(reader, {
    status: 200,
    title: texts.signingIn,
    body: html`<form method="post" action="${ssoUrl}" ${toRemember(returnTo)}>
      ${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      <p>${texts.leadingOn}</p>
      <button>${texts.continue}</button>
    </form>`,
    script: `const [form] = document.forms
if (form.dataset.to) ${rememberInTab('form.dataset.to')}
form.submit()`,
    // Browsers apply form-action to the IdP's redirects too, so every https address is allowed.
    formAction: `${new URL(ssoUrl).origin} https:`,
  })
}

export interface ChoosePage {
  /** The connection that this browser signed in with last, offered first; null: none. */
  readonly last: Connection | null
  /** The connections that the page of choices shows by their display names. */
  readonly listed: readonly Connection[]
  readonly isEmailAsked: boolean
  readonly returnTo: ReturnTo
  readonly isFresh: boolean
  /** An email address that was typed and leads to no connection; null: none. */
  readonly unknownEmail: string | null
}

/** Asks the person which identity provider they sign in with. */
export const choosePage = (reader: Reader, page: ChoosePage): Promise<Response> => {
  const { last, listed, isEmailAsked, returnTo, isFresh, unknownEmail } = page
  const words = reader.words()
  const { texts, brand } = words
  const own = ownText(brand.words.choice, words)
  const fields = html`<input type="hidden" name="to" value="${returnTo}" />
    ${isFresh ? html`<input type="hidden" name="fresh" value="1" />` : ''}`
  const problem = html`<p class="problem" id="problem" role="alert">
    ${listed.length > 0 ? texts.unknownEmailListed : texts.unknownEmail}
  </p>`
  const again = { connection: last?.id ?? null, to: returnTo, isFresh, isPrimary: true }
  return renderPage(reader, {
    status: unknownEmail === null ? 200 : 422,
    title: texts.signIn,
    body: html`${own === null ? '' : html`<p>${own}</p>`}
    ${
      last
        ? html`${loginForm({ ...again, label: say(words, 'continueWith', { provider: last.displayName }) })}
            <p class="soft">${texts.orOther}</p>`
        : ''
    }
    ${
      isEmailAsked
        ? html`<form method="post" action="${LOGIN_PATH}">
            ${fields} ${unknownEmail === null ? '' : problem}
            <label for="email">${texts.workEmail}</label>
            <input
              id="email"
              name="email"
              type="email"
              autocomplete="email"
              required
              value="${unknownEmail ?? ''}"
              ${unknownEmail === null ? '' : html`aria-invalid="true" aria-describedby="problem"`}
            />
            <p><button ${last ? html`class="second"` : ''}>${texts.continue}</button></p>
          </form>`
        : ''
    }
    ${
      listed.length > 0
        ? html`${
              last && !isEmailAsked
                ? ''
                : html`<p ${isEmailAsked ? html`class="soft"` : ''}>
                    ${isEmailAsked ? texts.orSignInWith : texts.signInWith}
                  </p>`
            }
            <form method="post" action="${LOGIN_PATH}">
              ${fields}
              <ul class="choices">
                ${listed.map(
                  ({ id, displayName }) =>
                    html`<li><button name="connection" value="${id}">${displayName}</button></li>`,
                )}
              </ul>
            </form>`
        : ''
    }`,
    formAction: "'self'",
  })
}

export interface GoOnPage {
  readonly person: string
  /** The name of the host. */
  readonly site: string
  /** The address that leads on to the host. */
  readonly returnTo: ReturnTo
}

/** The person signed out of one site, so they are not signed in there again without being asked. */
export const goOnPage = (
  reader: Reader,
  { person, site, returnTo }: GoOnPage,
): Promise<Response> => {
  const words = reader.words()
  const { texts } = words
  return renderPage(reader, {
    status: 200,
    title: texts.goOnTitle,
    body: html`<p>${sayHtml(words, 'goOn', { site, person: html`<strong>${person}</strong>` })}</p>
      <div class="actions">
        <form method="post" action="${LOGIN_PATH}">
          <input type="hidden" name="to" value="${returnTo}" />
          <button name="confirmed" value="1">${say(words, 'continueAs', { person })}</button>
        </form>
        ${loginForm({
          label: texts.otherAccount,
          connection: null,
          to: returnTo,
          isFresh: true,
          isPrimary: false,
        })}
      </div>`,
    formAction: "'self'",
  })
}

export const noConnectionPage = (reader: Reader): Promise<Response> => {
  const { texts } = reader.words()
  const [title, sentence] = texts.refusals['no-connection']
  return renderPage(reader, {
    status: 503,
    title,
    body: html`<p>${sentence}</p>
      <p>${texts.noConnectionNext}</p>`,
  })
}
