import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { LOGOUT_PATH } from '../lib/paths.ts'
import { say } from '../lib/words/speech.ts'
import type { ReturnTo } from '../login/return-to.ts'

/** @param site the host's name, if the sign-in may go on at other hosts; else null. */
export const signOutPage = (reader: Reader, site: string | null): Promise<Response> => {
  const words = reader.words()
  const { texts } = words
  const only = site === null ? '' : say(words, 'signOutOnly', { site })
  return renderPage(reader, {
    status: 200,
    title: texts.signOutTitle,
    body:
      site === null
        ? html`<p>${texts.signOutHere}</p>
            <form method="post" action="${LOGOUT_PATH}"><button>${texts.signOut}</button></form>`
        : html`<p>${texts.signOutSites}</p>
            <form method="post" action="${LOGOUT_PATH}" class="actions">
              <button name="scope" value="all">${texts.signOutAll}</button>
              <button name="scope" value="site" class="second">${only}</button>
            </form>`,
    formAction: "'self'",
  })
}

interface SignedOut {
  readonly returnTo: ReturnTo
  readonly isHereOnly: boolean
  /** Where the browser may still be signed in; null: it is not, or the person wants to stay so. */
  readonly signOutUrl: string | null
}

export const signedOutPage = (
  reader: Reader,
  { returnTo, isHereOnly, signOutUrl }: SignedOut,
  headers: Readonly<Record<string, string>>,
): Promise<Response> => {
  const { texts } = reader.words()
  return renderPage(reader, {
    status: 200,
    title: texts.signedOut,
    body: html`<p>${isHereOnly ? texts.stillAtSites : texts.stillAtIdp}</p>
      ${
        signOutUrl === null
          ? ''
          : html`<p>${texts.wasSignedOut} <a href="${signOutUrl}">${texts.signOutThere}</a></p>`
      }
      ${loginForm({
        label: texts.signInAgain,
        connection: null,
        to: returnTo,
        isFresh: !isHereOnly,
        isPrimary: true,
      })}`,
    formAction: "'self'",
    headers,
  })
}
