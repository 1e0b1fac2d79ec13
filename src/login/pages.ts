import { html } from 'hono/html'
import type { Connection } from '../connection/connection.ts'
import { loginForm } from '../lib/login-form.ts'
import { renderPage, type Html } from '../lib/page.ts'
import { LOGIN_PATH } from '../lib/paths.ts'
import { rememberInTab } from '../lib/tab-memory.ts'
import type { PublicError } from './error.ts'
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
export const onwardPage = (requestId: string, url: string): Promise<Response> =>
  leadOn(
    requestId,
    url,
    `const to = new URLSearchParams(location.search).get('to')
if (to !== null && to !== '${IN_TAB}') ${rememberInTab('to + location.hash')}
location.replace(document.getElementById('onward').href + encodeURIComponent(location.hash))`,
  )

/**
 * Sends the browser to the IdP after it posted a form. This is a page because browsers may block a
 * redirect of a form to another site.
 */
export const toIdpPage = (requestId: string, url: string, returnTo: ReturnTo): Promise<Response> =>
  leadOn(
    requestId,
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
  requestId: string,
  url: string,
  script: string,
  returnTo: ReturnTo = IN_TAB,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Signing you in',
    body: html`<noscript><meta http-equiv="refresh" content="0; url=${url}" /></noscript>
      <p>
        We are taking you to your sign-in page. If nothing happens,
        <a id="onward" href="${url}" ${toRemember(returnTo)}>continue</a>.
      </p>`,
    requestId,
    script,
  })

/** Posts the request to the IdP (HTTP-POST binding, Bindings §3.5.4). */
export const postPage = (
  requestId: string,
  ssoUrl: string,
  fields: Readonly<Record<string, string>>,
  returnTo: ReturnTo,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Signing you in',
    body: html`<form method="post" action="${ssoUrl}" ${toRemember(returnTo)}>
      ${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      <p>We are taking you to your sign-in page.</p>
      <button>Continue</button>
    </form>`,
    requestId,
    script: `const [form] = document.forms
if (form.dataset.to) ${rememberInTab('form.dataset.to')}
form.submit()`,
    // Browsers apply form-action to the IdP's redirects too, so every https address is allowed.
    formAction: `${new URL(ssoUrl).origin} https:`,
  })

export interface ChoosePage {
  readonly requestId: string
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
export const choosePage = (page: ChoosePage): Promise<Response> => {
  const { requestId, last, listed, isEmailAsked, returnTo, isFresh, unknownEmail } = page
  const fields = html`<input type="hidden" name="to" value="${returnTo}" />
    ${isFresh ? html`<input type="hidden" name="fresh" value="1" />` : ''}`
  const problem = html`<p class="problem" id="problem" role="alert">
    We don't know how to sign you in with this address. Check the
    spelling${listed.length > 0 ? ', or choose from the list' : ''}.
  </p>`
  const again = { connection: last?.id ?? null, to: returnTo, isFresh, isPrimary: true }
  return renderPage({
    status: unknownEmail === null ? 200 : 422,
    title: 'Sign in',
    body: html`${
      last
        ? html`${loginForm({ ...again, label: `Continue with ${last.displayName}` })}
            <p class="soft">Or use another account:</p>`
        : ''
    }
    ${
      isEmailAsked
        ? html`<form method="post" action="${LOGIN_PATH}">
            ${fields} ${unknownEmail === null ? '' : problem}
            <label for="email">Work email</label>
            <input
              id="email"
              name="email"
              type="email"
              autocomplete="email"
              required
              value="${unknownEmail ?? ''}"
              ${unknownEmail === null ? '' : html`aria-invalid="true" aria-describedby="problem"`}
            />
            <p><button ${last ? html`class="second"` : ''}>Continue</button></p>
          </form>`
        : ''
    }
    ${
      listed.length > 0
        ? html`${
              last && !isEmailAsked
                ? ''
                : html`<p ${isEmailAsked ? html`class="soft"` : ''}>
                    ${isEmailAsked ? 'Or sign in with:' : 'Sign in with:'}
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
    requestId,
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
  requestId: string,
  { person, site, returnTo }: GoOnPage,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Sign in again?',
    body: html`<p>
        You signed out of ${site}. You are still signed in as <strong>${person}</strong>.
      </p>
      <div class="actions">
        <form method="post" action="${LOGIN_PATH}">
          <input type="hidden" name="to" value="${returnTo}" />
          <button name="confirmed" value="1">Continue as ${person}</button>
        </form>
        ${loginForm({
          label: 'Use another account',
          connection: null,
          to: returnTo,
          isFresh: true,
          isPrimary: false,
        })}
      </div>`,
    requestId,
    formAction: "'self'",
  })

export const noConnectionPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 503,
    title: 'Sign-in is not set up yet',
    body: html`<p>
        Nobody can sign in to this site yet, because no identity provider is connected to it.
      </p>
      <p>
        If you run this site, add a connection to your identity provider, or enable one for this
        site. The guides in the documentation of Gatehouse show each step for Okta, Entra ID,
        OneLogin and other identity providers.
      </p>`,
    requestId,
  })

export interface RefusedPage {
  readonly requestId: string
  readonly shown: PublicError
  /**
   * The person that the verified assertion names, and the IdP; null: the assertion names nobody, or
   * none was verified.
   */
  readonly as: { readonly person: string; readonly provider: string } | null
  readonly connection: string | null
  readonly returnTo: ReturnTo
}

export const refusedPage = (page: RefusedPage): Promise<Response> => {
  const { requestId, shown, as, connection, returnTo } = page
  const to = { to: returnTo, connection }
  const again = { ...to, label: 'Try again', isFresh: false, isPrimary: true }
  const other = { label: 'Use another account', isFresh: true, isPrimary: false }
  return renderPage({
    status: shown.status,
    title: shown.title,
    body: html`${as ? signedInAs(as.person, as.provider) : ''}
      <p>${shown.sentence}</p>
      <div class="actions">
        ${loginForm(again)} ${as ? loginForm({ ...to, ...other, connection: null }) : ''}
      </div>`,
    requestId,
    formAction: "'self'",
    headers: shown.status === 429 ? { 'Retry-After': '60' } : {},
  })
}

const signedInAs = (person: string, provider: string): Html =>
  html`<p>You signed in with ${provider} as <strong>${person}</strong></p>`

/** Answers a GET of the ACS address, which takes only an IdP's POST: a reload, or a bookmark. */
export const startAgainPage = (
  requestId: string,
  connection: string,
  returnTo: ReturnTo,
): Promise<Response> =>
  renderPage({
    status: 405,
    title: 'Start again',
    body: html`<p>This page can't be opened by itself: it is one step of signing in.</p>
      ${loginForm({ label: 'Sign in', connection, to: returnTo, isFresh: false, isPrimary: true })}`,
    requestId,
    formAction: "'self'",
    headers: { Allow: 'POST' },
  })
