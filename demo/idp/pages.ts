import { html } from 'hono/html'
import { renderPage, type Html } from '../page.ts'
import { nameOf, type Person } from '../people.ts'
import { idpStyle } from './style.ts'

/** What an application sent a browser here with; it goes with the form, so that no tab takes another's. */
export interface Asked {
  readonly samlRequest: string
  readonly relayState: string
}

/** @param asked null: somebody came by themselves. */
export const signInPage = (
  people: readonly Person[],
  asked: Asked | null,
  siteUrl: string,
): Promise<Response> =>
  idpPage({
    status: 200,
    title: 'Who are you?',
    body: html`<p class="soft">
        ${asked ? html`To go on to <strong>Northwind Wiki</strong>, choose` : 'Choose'} who to be.
        This is a demo: nobody has a password.
      </p>
      <form method="post" action="/sign-in">
        ${
          asked
            ? html`<input type="hidden" name="SAMLRequest" value="${asked.samlRequest}" />
                <input type="hidden" name="RelayState" value="${asked.relayState}" />`
            : ''
        }
        <ul class="choices">
          ${people.map(
            (person) =>
              html`<li>
                <button class="choice" name="person" value="${person.id}">
                  <span class="avatar" aria-hidden="true">${initialsOf(person)}</span>
                  <span class="who">
                    <strong>${nameOf(person)}</strong>
                    <small>${person.job}</small>
                    <small>${person.email}</small>
                  </span>
                  <span class="chip">${groupOf(person)}</span>
                </button>
              </li>`,
          )}
        </ul>
      </form>`,
    siteUrl,
  })

/** Sends the answer on; by hand where there is no script. */
export const answerPage = (
  person: Person,
  acsUrl: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> =>
  idpPage({
    status: 200,
    title: `Welcome, ${person.givenName}`,
    body: html`<p class="soft">Your browser takes a signed answer to Northwind Wiki.</p>
      <form method="post" action="${acsUrl}">
        ${Object.entries(fields).map(
          ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
        )}
        <button class="button">Go on</button>
      </form>`,
    siteUrl: new URL(acsUrl).origin,
    script: 'document.forms[0].submit()',
  })

/** Where an answer that nobody asked for can be sent to the site, as by a portal's tile. */
const tiles = [
  { name: 'Northwind Wiki', says: 'The home page', to: '/', sign: 'W' },
  { name: 'Engineering', says: 'For engineering only', to: '/engineering?from=tile', sign: 'E' },
]

export const appsPage = (person: Person, siteUrl: string): Promise<Response> =>
  idpPage({
    status: 200,
    title: 'Your apps',
    body: html`<p class="soft">
        Signed in here as <strong>${nameOf(person)}</strong> (${groupOf(person)}).
      </p>
      <form method="post" action="/launch">
        <ul class="choices">
          ${tiles.map(
            ({ name, says, to, sign }) =>
              html`<li>
                <button class="choice tile" name="to" value="${to}">
                  <span class="avatar" aria-hidden="true">${sign}</span>
                  <span class="who"><strong>${name}</strong><small>${says}</small></span>
                </button>
              </li>`,
          )}
        </ul>
      </form>
      <p class="soft">
        A tile sends the site an answer that it did not ask for. Gatehouse signs nobody in by such
        an answer: it asks, and is answered again.
      </p>
      <form method="post" action="/sign-out">
        <button class="quiet">Sign in as somebody else</button>
      </form>`,
    siteUrl,
  })

export const messagePage = (status: number, title: string, sentence: string): Promise<Response> =>
  idpPage({ status, title, body: html`<p>${sentence}</p>`, siteUrl: null })

interface IdpPage {
  readonly status: number
  readonly title: string
  readonly body: Html
  /** Where forms lead, besides here. */
  readonly siteUrl: string | null
  readonly script?: string
}

const idpPage = ({ status, title, body, siteUrl, script }: IdpPage): Promise<Response> =>
  renderPage({
    status,
    title: `${title} · Northwind ID`,
    style: idpStyle,
    body: html`<main>
        <p class="brand">${logo} Northwind ID</p>
        <h1>${title}</h1>
        ${body}
      </main>
      <footer><p>The demo's identity provider, on Auth0's library samlp</p></footer>`,
    formAction: siteUrl === null ? "'self'" : `'self' ${siteUrl}`,
    ...(script === undefined ? {} : { script }),
  })

const logo = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <circle cx="12" cy="12" r="10" />
  <path d="m15.5 8.5-2 5-5 2 2-5z" />
</svg>`

const initialsOf = ({ givenName, familyName }: Person): string =>
  [givenName, familyName].map((name) => name.slice(0, 1)).join('')

/** The one that tells people apart. */
const groupOf = ({ groups }: Person): string => groups.at(-1) ?? 'no group'
