import { html } from 'hono/html'
import type { Html } from './html.ts'
import { ANEW, LOGIN_PATH } from './paths.ts'

export interface LoginStep {
  readonly label: string
  /** null: the user chooses, if there are several. */
  readonly connection: string | null
  /** The URL to return to after sign-in. */
  readonly to: string
  /** Whether the IdP must ask the user to sign in again, even if the IdP has a session. */
  readonly isFresh: boolean
  readonly isPrimary: boolean
  /** Contexts of a sign-in that a policy asks for; empty: any. null: no policy asks. */
  readonly anew?: readonly string[] | null
  /** Whether to sign in in a new tab and leave this tab unchanged. */
  readonly isNewTab?: boolean
}

/**
 * A button that starts sign-in. It is a form, not a link: a service worker of the site can answer
 * every GET navigation with a page of the site. The page's CSP needs `form-action 'self'`.
 */
export const loginForm = ({
  label,
  connection,
  to,
  isFresh,
  isPrimary,
  anew = null,
  isNewTab,
}: LoginStep): Html =>
  html`<form
    method="post"
    action="${LOGIN_PATH}"
    ${isNewTab ? html`target="_blank" rel="noopener"` : ''}
  >
    <input type="hidden" name="to" value="${to}" />
    ${connection === null ? '' : html`<input type="hidden" name="connection" value="${connection}" />`}
    ${isFresh ? html`<input type="hidden" name="fresh" value="1" />` : ''}
    ${anew && html`<input type="hidden" name="${ANEW}" value="${anew.join(' ')}" />`}
    <button ${isPrimary ? '' : html`class="second"`}>${label}</button>
  </form>`
