import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { renderPage } from '../lib/page.ts'
import { LOGOUT_PATH } from '../lib/paths.ts'
import type { ReturnTo } from './return-to.ts'

/** @param site the host's name, if the sign-in may go on at other hosts; else null. */
export const signOutPage = (requestId: string, site: string | null): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Sign out?',
    body:
      site === null
        ? html`<p>You will be signed out in this browser.</p>
            <form method="post" action="${LOGOUT_PATH}"><button>Sign out</button></form>`
        : html`<p>You may be signed in at your company's other sites in this browser.</p>
            <form method="post" action="${LOGOUT_PATH}" class="actions">
              <button name="scope" value="all">Sign out of all sites</button>
              <button name="scope" value="site" class="second">Sign out of ${site} only</button>
            </form>`,
    requestId,
    formAction: "'self'",
  })

interface SignedOut {
  readonly returnTo: ReturnTo
  readonly isHereOnly: boolean
  /** Where the browser may still be signed in; null: it is not, or the person wants to stay so. */
  readonly signOutUrl: string | null
}

export const signedOutPage = (
  requestId: string,
  { returnTo, isHereOnly, signOutUrl }: SignedOut,
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'You are signed out',
    body: html`<p>
        ${
          isHereOnly
            ? "You are still signed in at your company's other sites in this browser. If other people use this computer, sign out there too."
            : 'You may still be signed in with your identity provider. If other people use this computer, sign out there too.'
        }
      </p>
      ${
        signOutUrl === null
          ? ''
          : html`<p>
              You were already signed out here, but you may still be signed in at your company's
              other sites.
              <a href="${signOutUrl}">Sign out there</a>
            </p>`
      }
      ${loginForm({
        label: 'Sign in again',
        connection: null,
        to: returnTo,
        isFresh: !isHereOnly,
        isPrimary: true,
      })}`,
    requestId,
    formAction: "'self'",
    headers,
  })
