import { html } from 'hono/html'
import { loginForm } from '../lib/login-form.ts'
import type { Html } from '../lib/html.ts'
import { homeLink, renderPage, type Reader } from '../lib/page.ts'
import { BACK_PATH, FORM_PATH, SIGNED_IN_PATH } from '../lib/paths.ts'
import { FORM_KEY, rememberInTab } from '../lib/tab-memory.ts'
import { sayHtml } from '../lib/words/speech.ts'
import type { LiveSession } from '../session/session.ts'
import type { Visit } from '../site/visit.ts'
import { fieldsOf } from './fields.ts'
import type { Again, KeptForm } from './kept.ts'

/** In characters: enough to know what is sent. */
const MOST_OF_A_VALUE = 400

interface Shown {
  /** A sign-in that a policy asks for; null: nobody is signed in. */
  readonly again: Again | null
  readonly headers: Readonly<Record<string, string>>
}

/**
 * With JavaScript the tab keeps the form, and signs in itself. Without, this page is what keeps it,
 * so sign-in has a tab of its own.
 */
export const keptPage = (
  reader: Reader,
  sealed: string,
  { again, headers }: Shown,
): Promise<Response> => {
  const { texts } = reader.words()
  return renderPage(reader, {
    status: 401,
    title: texts.formSignIn,
    body: html`<p>${again ? texts.formKeptAnew : texts.formKept}</p>
      <div id="here" hidden>${signIn(texts.signIn, again, false)}</div>
      <ol id="apart">
        <li>${signIn(texts.signInNewTab, again, true)}</li>
        <li>
          ${texts.formBack}
          <form method="post" action="${FORM_PATH}">
            <input type="hidden" name="${FORM_KEY}" value="${sealed}" />
            <button class="second">${texts.formContinue}</button>
          </form>
        </li>
      </ol>`,
    formAction: "'self'",
    script: `try {
  sessionStorage.setItem('${FORM_KEY}', document.querySelector('[name=${FORM_KEY}]').value)
  here.hidden = false
  apart.hidden = true
} catch {}
${rememberInTab(`'${FORM_PATH}'`)}`,
    headers,
  })
}

/**
 * The browser still has what the person typed, and sends it again when this page is reloaded. That
 * is not offered for a form of another site: the browser never sends the session cookie with it
 * (SameSite), and the other site may have filled it in.
 */
export const notKeptPage = (
  reader: Reader,
  isForeign: boolean,
  { again, headers }: Shown,
): Promise<Response> => {
  const { texts } = reader.words()
  const [foreignTitle, foreignSentence] = texts.refusals['form-of-other-site']
  return renderPage(reader, {
    status: 401,
    title: isForeign ? foreignTitle : texts.formSignIn,
    body: isForeign
      ? html`<p>${foreignSentence}</p>
          ${homeLink(reader)}`
      : html`<p>${again ? texts.formHeldAnew : texts.formHeld}</p>
          <ol>
            <li>${signIn(texts.signInNewTab, again, true)}</li>
            <li>${texts.formReload}</li>
          </ol>`,
    formAction: "'self'",
    headers,
  })
}

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
  visit: Visit,
  form: KeptForm,
  sealed: string,
  { session }: LiveSession,
): Promise<Response> => {
  const { host } = visit
  const words = visit.words()
  const { texts } = words
  const said = {
    person: html`<strong>${session.email ?? session.userName}</strong>`,
    address: html`<strong>${host.url}${form.target}</strong>`,
  }
  return renderPage(visit, {
    status: 200,
    title: texts.formSendTitle,
    body: html`<p>${sayHtml(words, 'formSend', said)}</p>
      ${await fieldsOf(form, MOST_OF_A_VALUE, words)}
      <form method="post" action="${host.url}${form.target}" enctype="text/plain">
        <input type="hidden" name="${FORM_KEY}" value="${sealed}" />
        <button>${texts.send}</button>
      </form>
      <p><a href="${host.url}${form.from}">${texts.dontSend}</a></p>`,
    formAction: "'self'",
    script: `try { sessionStorage.removeItem('${FORM_KEY}') } catch {}`,
  })
}

/** Nothing of the form is shown to another person. */
export const otherPersonPage = (reader: Reader): Promise<Response> => {
  const { texts } = reader.words()
  const [title, sentence] = texts.refusals['form-of-other']
  return renderPage(reader, {
    status: 403,
    title,
    body: html`<p>${sentence}</p>
      ${loginForm({
        label: texts.otherAccount,
        connection: null,
        to: BACK_PATH,
        isFresh: true,
        isPrimary: true,
      })}`,
    formAction: "'self'",
    script: rememberInTab(`'${FORM_PATH}'`),
  })
}

/** The person's own text, so that they can copy it. */
export const sentBeforePage = async (reader: Reader, form: KeptForm): Promise<Response> => {
  const [title, sentence] = reader.words().texts.refusals['form-sent']
  return renderPage(reader, {
    status: 409,
    title,
    body: html`<p>${sentence}</p>
      ${await fieldsOf(form, Infinity, reader.words())} ${homeLink(reader)}`,
  })
}

export const spoiltPage = async (reader: Reader): Promise<Response> => {
  await reader.learn()
  const [title, sentence] = reader.words().texts.refusals['form-spoilt']
  return renderPage(reader, {
    status: 410,
    title,
    body: html`<p>${sentence}</p>
      ${homeLink(reader)}`,
  })
}
