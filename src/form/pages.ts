import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import { homeLink, renderPage, type Html } from '../lib/page.ts'
import { BACK_PATH, FORM_PATH, SIGNED_IN_PATH } from '../lib/paths.ts'
import { FORM_KEY, rememberInTab } from '../lib/tab-memory.ts'
import type { LiveSession } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import { fieldsOf } from './fields.ts'
import type { Again, KeptForm } from './kept.ts'

/** In characters: enough to know what is sent. */
const MOST_OF_A_VALUE = 400

interface Shown {
  readonly requestId: string
  /** A sign-in that a policy asks for; null: nobody is signed in. */
  readonly again: Again | null
  readonly headers: Readonly<Record<string, string>>
}

const why = (again: Again | null): string =>
  again ? 'A new sign-in is needed' : 'You are not signed in'

/**
 * With JavaScript the tab keeps the form, and signs in itself. Without, this page is what keeps it,
 * so sign-in has a tab of its own.
 */
export const keptPage = (sealed: string, { requestId, again, headers }: Shown): Promise<Response> =>
  renderPage({
    status: 401,
    title: 'Sign in to send this form',
    body: html`<p>
        ${why(again)}, so the form was not sent yet. What you typed is kept in this tab for an hour.
        After sign-in you see it again, and decide whether to send it.
      </p>
      <div id="here" hidden>${signIn('Sign in', again, false)}</div>
      <ol id="apart">
        <li>${signIn('Sign in in a new tab', again, true)}</li>
        <li>
          Come back to this tab:
          <form method="post" action="${FORM_PATH}">
            <input type="hidden" name="${FORM_KEY}" value="${sealed}" />
            <button class="second">Continue with the form</button>
          </form>
        </li>
      </ol>`,
    requestId,
    formAction: "'self'",
    script: `try {
  sessionStorage.setItem('${FORM_KEY}', document.querySelector('[name=${FORM_KEY}]').value)
  here.hidden = false
  apart.hidden = true
} catch {}
${rememberInTab(`'${FORM_PATH}'`)}`,
    headers,
  })

/**
 * The browser still has what the person typed, and sends it again when this page is reloaded. That
 * is not offered for a form of another site: the browser never sends the session cookie with it
 * (SameSite), and the other site may have filled it in.
 */
export const notKeptPage = (
  isForeign: boolean,
  { requestId, again, headers }: Shown,
): Promise<Response> =>
  renderPage({
    status: 401,
    title: isForeign ? 'This form was not sent' : 'Sign in to send this form',
    body: isForeign
      ? html`<p>It came from another site, and this site accepts forms only from its own pages.</p>
          ${homeLink}`
      : html`<p>
            ${why(again)}, so the form was not sent yet. What you typed is not lost: keep this tab
            open, and don't go back.
          </p>
          <ol>
            <li>${signIn('Sign in in a new tab', again, true)}</li>
            <li>
              Come back to this tab and reload it. If your browser asks, choose to send the form
              again.
            </li>
          </ol>`,
    requestId,
    formAction: "'self'",
    headers,
  })

const signIn = (label: string, again: Again | null, isNewTab: boolean): Html =>
  loginForm({
    label,
    connection: again?.connection ?? null,
    to: isNewTab ? SIGNED_IN_PATH : BACK_PATH,
    isFresh: false,
    anew: again?.contexts ?? null,
    isPrimary: true,
    isNewTab,
  })

/**
 * The person sees where the form goes and what it says before it is sent. It is posted there as
 * `text/plain`, which no other form uses, so that the gate knows it (`readSent`).
 */
export const confirmPage = async (
  form: KeptForm,
  sealed: string,
  { host, requestId }: Visit,
  { session }: LiveSession,
): Promise<Response> =>
  renderPage({
    status: 200,
    title: 'Send this form?',
    body: html`<p>
        You are signed in as <strong>${session.email ?? session.userName}</strong>. This form has
        not been sent yet. It goes to <strong>${host.url}${form.target}</strong>.
      </p>
      ${await fieldsOf(form, MOST_OF_A_VALUE)}
      <form method="post" action="${host.url}${form.target}" enctype="text/plain">
        <input type="hidden" name="${FORM_KEY}" value="${sealed}" />
        <button>Send</button>
      </form>
      <p><a href="${host.url}${form.from}">Don't send it</a></p>`,
    requestId,
    formAction: "'self'",
    script: `try { sessionStorage.removeItem('${FORM_KEY}') } catch {}`,
  })

/** Nothing of the form is shown to another person. */
export const otherPersonPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 403,
    title: "This form is another person's",
    body: html`<p>
        Another person filled in this form, so it was not sent. To send it, sign in as that person
        within an hour.
      </p>
      ${loginForm({
        label: 'Use another account',
        connection: null,
        to: BACK_PATH,
        isFresh: true,
        isPrimary: true,
      })}`,
    requestId,
    formAction: "'self'",
    script: rememberInTab(`'${FORM_PATH}'`),
  })

/** The person's own text, so that they can copy it. */
export const sentBeforePage = async (form: KeptForm, requestId: string): Promise<Response> =>
  renderPage({
    status: 409,
    title: 'This form was already sent',
    body: html`<p>Check whether it arrived before you fill it in again.</p>
      ${await fieldsOf(form, Infinity)} ${homeLink}`,
    requestId,
  })

export const spoiltPage = (requestId: string): Promise<Response> =>
  renderPage({
    status: 410,
    title: "This form can't be sent any more",
    body: html`<p>
        A form is kept for an hour, in the tab that it was filled in. Fill it in again.
      </p>
      ${homeLink}`,
    requestId,
  })
