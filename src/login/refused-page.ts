import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { sayHtml } from '../lib/words/speech.ts'
import type { PublicError } from './error.ts'
import type { ReturnTo } from './return-to.ts'

export interface RefusedPage {
  readonly shown: PublicError
  /**
   * The person that the verified assertion names, and the IdP; null: the assertion names nobody, or
   * none was verified.
   */
  readonly as: { readonly person: string; readonly provider: string } | null
  readonly connection: string | null
  readonly returnTo: ReturnTo
}

export const refusedPage = (reader: Reader, page: RefusedPage): Promise<Response> => {
  const { shown, as, connection, returnTo } = page
  const words = reader.words()
  const { texts } = words
  const to = { to: returnTo, connection }
  const again = { ...to, label: texts.tryAgain, isFresh: false, isPrimary: true }
  const other = { label: texts.otherAccount, isFresh: true, isPrimary: false }
  const person = html`<strong>${as?.person ?? ''}</strong>`
  return renderPage(reader, {
    status: shown.status,
    title: shown.title,
    body: html`${as ? html`<p>${sayHtml(words, 'signedInWith', { provider: as.provider, person })}</p>` : ''}
      <p>${shown.sentence}</p>
      <div class="actions">
        ${loginForm(again)} ${as ? loginForm({ ...to, ...other, connection: null }) : ''}
      </div>`,
    formAction: "'self'",
    headers: shown.status === 429 ? { 'Retry-After': '60' } : {},
  })
}

/** Answers a GET of the ACS address, which takes only an IdP's POST: a reload, or a bookmark. */
export const startAgainPage = (
  reader: Reader,
  connection: string,
  returnTo: ReturnTo,
): Promise<Response> => {
  const { texts } = reader.words()
  const step = { connection, to: returnTo, isFresh: false, isPrimary: true }
  return renderPage(reader, {
    status: 405,
    title: texts.refusals['unknown-login'][0],
    body: html`<p>${texts.startAgain}</p>
      ${loginForm({ ...step, label: texts.signIn })}`,
    formAction: "'self'",
    headers: { Allow: 'POST' },
  })
}
