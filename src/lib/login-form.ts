import { html } from 'hono/html'
import type { Html } from './page.ts'
import { LOGIN_PATH } from './paths.ts'

export interface LoginStep {
  readonly label: string
  /** null: the person chooses, where there are several. */
  readonly connection: string | null
  /** Where to return to. */
  readonly to: string
  /** Whether the IdP is to ask for the person's name again, even if it knows them. */
  readonly isFresh: boolean
  readonly isPrimary: boolean
  /** Whether to sign in in a new tab, and keep this one as it is. */
  readonly isNewTab?: boolean
}

/**
 * A button that leads to sign-in. A form and not a link: a service worker of the site may answer
 * every GET navigation with the site's own page. The page needs a form-action of 'self'.
 */
export const loginForm = ({
  label,
  connection,
  to,
  isFresh,
  isPrimary,
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
    <button ${isPrimary ? '' : html`class="second"`}>${label}</button>
  </form>`
