/** The pages of a sign-out that an identity provider takes part in. */
import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { renderPage, type Page, type Reader } from '../lib/page.ts'
import { LOGOUT_DONE_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { say, sayHtml } from '../lib/words/speech.ts'
import type { Leaving, Outcome } from './kept.ts'
import { goOn, onwardLink } from './pages.ts'

/** What the browser carries to another host: a message, or the ticket of a site. */
export type Carried =
  | { readonly binding: 'redirect'; readonly url: string }
  | {
      readonly binding: 'post'
      readonly url: string
      readonly fields: Readonly<Record<string, string>>
    }

/** Seconds until the page no longer waits for the identity provider. */
const WAIT_SECONDS = 20

/**
 * Carries our LogoutRequest. The browser shows this page until the identity provider answers, so it
 * says what has ended already. If no answer comes, it leads on to the page that says so.
 */
export const signOutAtIdpPage = (
  reader: Reader,
  provider: string,
  carried: Carried,
): Promise<Response> => {
  const words = reader.words()
  const { texts } = words
  const link = html`<a id="done" href="${LOGOUT_DONE_PATH}">${texts.ifSilentLink}</a>`
  return renderPage(reader, {
    status: 200,
    title: texts.signedOutHere,
    body: html`<p>${texts.endedHere}</p>
      <p>${say(words, 'leadingToIdp', { provider })}</p>
      ${carry(carried, texts.continue)}
      <p>${sayHtml(words, 'ifSilent', { provider, link })}</p>`,
    script: `${sendOn(carried)}
setTimeout(() => location.replace(document.getElementById('done').href), ${WAIT_SECONDS * 1000})`,
    ...formActionOf(carried),
  })
}

/** At a site, which has ended all that it can: the login host goes on. */
export const toLoginHostPage = (reader: Reader, url: string): Promise<Response> => {
  const { texts } = reader.words()
  const carried = { binding: 'redirect', url } as const
  return renderPage(reader, {
    status: 200,
    title: texts.signedOutHere,
    body: html`<p>${texts.endedHere}</p>
      ${carry(carried, texts.continue)}`,
    script: sendOn(carried),
  })
}

/**
 * Carries our LogoutResponse by HTTP-POST. Identity providers may log out in a frame, so the pages of
 * this one may frame it, and nobody else's.
 */
export const answerPage = (
  reader: Reader,
  provider: string,
  carried: Carried,
  framedBy: readonly string[],
): Promise<Response> => {
  const words = reader.words()
  return renderPage(reader, {
    status: 200,
    title: words.texts.signedOut,
    body: html`<p>${say(words, 'tellingIdp', { provider })}</p>
      ${carry(carried, words.texts.continue)}`,
    script: sendOn(carried),
    framedBy,
    ...formActionOf(carried),
  })
}

const carry = (carried: Carried, label: string): Html =>
  carried.binding === 'redirect'
    ? html`<noscript><meta http-equiv="refresh" content="0; url=${carried.url}" /></noscript>
        <p><a class="button" id="onward" href="${carried.url}">${label}</a></p>`
    : html`<form method="post" action="${carried.url}">
        ${Object.entries(carried.fields).map(
          ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
        )}
        <button>${label}</button>
      </form>`

const sendOn = ({ binding }: Carried): string =>
  binding === 'redirect' ? goOn : 'document.forms[0].submit()'

// Browsers apply form-action to the redirects of the identity provider too.
const formActionOf = (carried: Carried): Pick<Page, 'formAction'> =>
  carried.binding === 'redirect' ? {} : { formAction: `${new URL(carried.url).origin} https:` }

export type DonePage = Pick<Leaving, 'provider' | 'outcome' | 'onward' | 'back'>

/** Says what has ended, and what still holds. @param status of the answer. */
export const donePage = (
  reader: Reader,
  { provider, outcome, onward, back }: DonePage,
  status = 200,
): Promise<Response> => {
  const words = reader.words()
  const { texts } = words
  const again = html`<p><a class="button" href="${back}">${texts.signInAgain}</a></p>`
  const key = saysOf[outcome]
  return renderPage(reader, {
    status,
    title: outcome === 'all' ? texts.signedOut : texts.signedOutHere,
    body: html`<p>${texts.endedHere}</p>
      <p>${key === null ? texts.stillAtIdp : say(words, key, { provider })}</p>
      ${onward === null ? again : onwardLink(reader, onward)}`,
    // If something is still signed in, the person should read it, so the page does not lead on.
    ...(onward !== null && outcome === 'all' ? { script: goOn } : {}),
  })
}

const saysOf = {
  none: null,
  silent: 'idpSilent',
  unverified: 'idpUnverified',
  all: 'idpAll',
  partial: 'idpPartial',
  failed: 'idpFailed',
} as const satisfies Readonly<Record<Outcome, string | null>>

/** The identity provider has signed the person out, and takes no answer. */
export const signedOutByIdpPage = (reader: Reader, provider: string): Promise<Response> =>
  renderPage(reader, {
    status: 200,
    title: reader.words().texts.signedOut,
    body: html`<p>${say(reader.words(), 'byIdp', { provider })}</p>`,
  })

export interface RefusedLogoutPage {
  readonly status: number
  readonly text: 'logout-refused' | 'logout-unknown'
}

/** The person may want to sign out by themselves. */
export const refusedLogoutPage = (
  reader: Reader,
  { status, text }: RefusedLogoutPage,
): Promise<Response> => {
  const { texts } = reader.words()
  const [title, sentence] = texts.refusals[text]
  return renderPage(reader, {
    status,
    title,
    body: html`<p>${sentence}</p>
      <p><a class="button" href="${LOGOUT_PATH}">${texts.signOut}</a></p>`,
  })
}
