/** The pages that ask whether to sign out, and say afterwards what has ended. */
import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { loginForm } from '../lib/login-form.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { LOGOUT_PATH } from '../lib/paths.ts'
import { say } from '../lib/words/speech.ts'
import type { ReturnTo } from '../login/return-to.ts'
import type { Onward } from './onward.ts'

export interface SignOutPage {
  /** The host's name, if the sign-in may go on at other hosts; else null. */
  readonly site: string | null
  /** The identity provider that takes part in sign-out; null: it does not, or nobody is signed in. */
  readonly provider: string | null
  readonly onward: Onward | null
}

export const signOutPage = (
  reader: Reader,
  { site, provider, onward }: SignOutPage,
): Promise<Response> => {
  const words = reader.words()
  const { texts } = words
  const second = html`class="second"`
  const button = (scope: string, label: string, kind = second) =>
    html`<button name="scope" value="${scope}" ${kind}>${label}</button>`
  const key = site === null ? 'signOutIdp' : 'signOutAllIdp'
  return renderPage(reader, {
    status: 200,
    title: texts.signOutTitle,
    body: html`<p>${site === null ? texts.signOutHere : texts.signOutSites}</p>
      <form method="post" action="${LOGOUT_PATH}" class="actions">
        ${onward && html`<input type="hidden" name="returnTo" value="${onward}" />`}
        ${
          site === null
            ? button('all', texts.signOut, html``)
            : html`${button('all', texts.signOutAll, html``)}
              ${button('site', say(words, 'signOutOnly', { site }))}`
        }
        ${provider === null ? '' : button('idp', say(words, key, { provider }))}
      </form>`,
    formAction: "'self'",
  })
}

interface SignedOut {
  readonly returnTo: ReturnTo
  readonly isHereOnly: boolean
  /** Where the browser may still be signed in; null: it is not, or the person wants to stay so. */
  readonly signOutUrl: string | null
  readonly onward: Onward | null
}

export const signedOutPage = (
  reader: Reader,
  { returnTo, isHereOnly, signOutUrl, onward }: SignedOut,
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
      ${onward && onwardLink(reader, onward)}
      ${loginForm({
        label: texts.signInAgain,
        connection: null,
        to: returnTo,
        isFresh: !isHereOnly,
        isPrimary: onward === null,
      })}`,
    formAction: "'self'",
    // What still holds elsewhere is worth reading, so the person goes on by themselves then.
    ...(onward && signOutUrl === null && !isHereOnly ? { script: goOn } : {}),
  })
}

/** Where the site wanted the person to go. */
export const onwardLink = (reader: Reader, onward: Onward): Html => {
  const site = new URL(onward).host
  const label = say(reader.words(), 'toSite', { site })
  return html`<p><a class="button" id="onward" href="${onward}">${label}</a></p>`
}

/** A page, because browsers may block a redirect to another site after a form. */
export const goOn = `location.replace(document.getElementById('onward').href)`
