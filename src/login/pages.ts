import { html } from 'hono/html'
import type { Connection } from '../connection/connection.ts'
import { renderPage } from '../lib/page.ts'
import { LOGIN_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import type { PublicError } from './error.ts'
import { HOME, type ReturnTo } from './return-to.ts'

/**
 * Sends the browser on at once; `to` is last, for the script of `onwardPage` to add to.
 *
 * @param isFresh the IdP is to ask who it is, even where it knows.
 */
export const loginUrl = (
  connection: string | null,
  returnTo: ReturnTo,
  isFresh: boolean = false,
): string => {
  const chosen = connection === null ? '' : `connection=${encodeURIComponent(connection)}&`
  const fresh = isFresh ? 'fresh=1&' : ''
  return `${LOGIN_PATH}?${chosen}${fresh}go=1&to=${encodeURIComponent(returnTo)}`
}

/**
 * A server never sees the fragment of an address, but the browser carries it through redirects, so
 * a page can take it along. It also ends a chain of redirects that began with a form.
 */
export const onwardPage = (requestId: string, url: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'On to sign-in',
    body: html`<noscript><meta http-equiv="refresh" content="0; url=${url}" /></noscript>
      <p>
        You are being taken to your identity provider. If nothing happens,
        <a id="onward" href="${url}">go on yourself</a>.
      </p>`,
    requestId,
    script:
      "location.replace(document.getElementById('onward').href + encodeURIComponent(location.hash))",
  })

/** The HTTP-POST binding's way to the IdP (Bindings §3.5.4). */
export const postPage = (
  requestId: string,
  ssoUrl: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'On to sign-in',
    body: html`<form method="post" action="${ssoUrl}">
      ${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      <p>You are being taken to your identity provider.</p>
      <button>Go on</button>
    </form>`,
    requestId,
    script: 'document.forms[0].submit()',
    // Browsers apply it to what the IdP redirects to as well.
    formAction: `${new URL(ssoUrl).origin} https:`,
    headers,
  })

/** Which identity provider? */
export const choosePage = (
  requestId: string,
  connections: readonly Connection[],
  returnTo: ReturnTo,
  isFresh: boolean,
  unknownEmail: string | null,
): Promise<Response> =>
  renderPage({
    status: unknownEmail === null ? 200 : 422,
    title: 'Sign in',
    body: html`${
        connections.some(({ domains }) => domains.length > 0)
          ? html`<form method="post" action="${LOGIN_PATH}">
                <input type="hidden" name="to" value="${returnTo}" />
                ${isFresh ? html`<input type="hidden" name="fresh" value="1" />` : ''}
                ${
                  unknownEmail === null
                    ? ''
                    : html`<p class="problem" id="problem" role="alert">
                        No identity provider is known for that address. Is it mistyped?
                      </p>`
                }
                <label for="email">Your work email</label>
                <input
                  id="email"
                  name="email"
                  type="email"
                  autocomplete="email"
                  required
                  value="${unknownEmail ?? ''}"
                  ${unknownEmail === null ? '' : html`aria-invalid="true" aria-describedby="problem"`}
                />
                <p><button>Go on</button></p>
              </form>
              <p class="soft">Or choose:</p>`
          : html`<p>With which account?</p>`
      }
      <ul class="choices">
        ${connections.map(
          ({ id, displayName }) =>
            html`<li>
              <a class="button" href="${loginUrl(id, returnTo, isFresh)}">${displayName}</a>
            </li>`,
        )}
      </ul>`,
    requestId,
    formAction: "'self'",
  })

export const noConnectionPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 503,
    title: 'Nobody can sign in yet',
    body: html`<p>No identity provider is connected to this site. Whoever runs it adds one with:</p>
      <p><code>npx gatehouse connection add</code></p>`,
    requestId,
  })

/** @param retry where another try begins; null: none would help. */
export const refusedPage = (
  requestId: string,
  { status, title, sentence }: PublicError,
  retry: string | null,
): Promise<Response> =>
  renderPage({
    status,
    title,
    body: html`<p>${sentence}</p>
      ${retry === null ? '' : html`<p><a class="button" href="${retry}">Sign in again</a></p>`}`,
    requestId,
  })

export const signOutPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Sign out?',
    body: html`<p>This ends your session here, in this browser.</p>
      <form method="post" action="${LOGOUT_PATH}"><button>Sign out</button></form>`,
    requestId,
    formAction: "'self'",
  })

export const signedOutPage = (
  requestId: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed out',
    body: html`<p>
        You may still be signed in at your identity provider: on a machine that others use, sign out
        there too.
      </p>
      <p><a class="button" href="${loginUrl(null, HOME, true)}">Sign in again</a></p>`,
    requestId,
    headers,
  })
