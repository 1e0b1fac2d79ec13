import { html } from 'hono/html'
import { nameOf } from '../people.ts'
import type { Account } from './directory.ts'
import { deactivatedChip, idpPage, initialsOf } from './layout.ts'

/**
 * The request with which an application sent a browser here. It travels in the form, so tabs cannot
 * mix up their requests.
 */
export interface Asked {
  readonly samlRequest: string
  readonly relayState: string
}

/** A person, and a group that distinguishes them from the others. */
export interface Choice {
  readonly account: Account
  readonly group: string
}

/** The site that the gate of the demo guards. */
export interface GuardedSite {
  readonly url: string
  /** Whether it is the demo's own site; otherwise it is a site whose pages we do not know. */
  readonly isDemos: boolean
}

export const nameOfSite = ({ url, isDemos }: GuardedSite): string =>
  isDemos ? 'Northwind Wiki' : new URL(url).host

/**
 * @param asked the request of an application; null: the person opened this page directly.
 * @param name of the application that asks.
 */
export const signInPage = (
  people: readonly Choice[],
  asked: Asked | null,
  name: string,
  siteUrl: string,
): Promise<Response> =>
  idpPage({
    status: 200,
    title: 'Who are you?',
    body: html`<p class="soft">
        ${asked ? html`To continue to <strong>${name}</strong>, choose` : 'Choose'} who to be. This
        is a demo: nobody has a password.
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
            ({ account, group }) =>
              html`<li>
                <button class="choice" name="person" value="${account.id}">
                  <span class="avatar" aria-hidden="true">${initialsOf(account)}</span>
                  <span class="who">
                    <strong>${nameOf(account)}</strong>
                    <small>${account.job}</small>
                    <small>${account.email}</small>
                  </span>
                  ${account.active ? html`<span class="chip">${group}</span>` : deactivatedChip}
                </button>
              </li>`,
          )}
        </ul>
      </form>
      ${
        people.every(({ account }) => account.active)
          ? ''
          : html`<p class="soft">
              This provider signs in deactivated people too, unlike a real one, to show that
              Gatehouse refuses them by itself.
            </p>`
      }`,
    path: '/',
    siteUrl,
  })

/** Posts the answer to the application. Without JavaScript the person presses the button. */
export const answerPage = (
  person: Account,
  application: string,
  acsUrl: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> =>
  idpPage({
    status: 200,
    title: `Welcome, ${person.givenName}`,
    body: html`<p class="soft">We are sending a signed answer to ${application}.</p>
      <form method="post" action="${acsUrl}">
        ${Object.entries(fields).map(
          ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
        )}
        <button class="button">Continue</button>
      </form>`,
    path: null,
    siteUrl: new URL(acsUrl).origin,
    script: 'document.forms[0].submit()',
  })

/** The pages that a tile of the portal can open on the site, by an unsolicited response. */
const tilesOf = (site: GuardedSite) => [
  { name: nameOfSite(site), says: 'The home page', to: '/', sign: 'W' },
  ...(site.isDemos
    ? [
        {
          name: 'Engineering',
          says: 'For engineering only',
          to: '/engineering?from=tile',
          sign: 'E',
        },
      ]
    : []),
]

export const appsPage = ({ account, group }: Choice, site: GuardedSite): Promise<Response> =>
  idpPage({
    status: 200,
    title: 'Your apps',
    body: html`<p class="soft">
        Signed in here as
        <strong>${nameOf(account)}</strong> (${account.active ? group : 'deactivated'}).
      </p>
      <form method="post" action="/launch">
        <ul class="choices">
          ${tilesOf(site).map(
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
        A tile sends the site an answer that it did not ask for. Gatehouse signs nobody in with such
        an answer. It sends a request of its own, and accepts the answer to that.
      </p>
      <form method="post" action="/sign-out">
        <button class="quiet">Sign in as somebody else</button>
      </form>
      <form method="post" action="/sign-out-everywhere">
        <button class="quiet">Sign out here and of all apps</button>
      </form>`,
    path: '/',
    siteUrl: site.url,
  })

/** Takes a logout to an application. */
export const onwardPage = (url: string): Promise<Response> =>
  idpPage({
    status: 200,
    title: 'Signing you out',
    body: html`<p class="soft">The application ends your session, and sends you back here.</p>
      <p><a class="button" id="onward" href="${url}">Continue</a></p>`,
    path: null,
    siteUrl: null,
    script: "location.replace(document.getElementById('onward').href)",
  })

export const messagePage = (status: number, title: string, sentence: string): Promise<Response> =>
  idpPage({ status, title, body: html`<p>${sentence}</p>`, path: null, siteUrl: null })
