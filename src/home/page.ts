/** The home page: who is signed in, the sites that are open to them, and their sign-ins. */
import { html } from 'hono/html'
import { toIso, type Instant } from '../lib/instant.ts'
import { renderPage, type Html } from '../lib/page.ts'
import { LOGOUT_PATH } from '../lib/paths.ts'
import type { LiveSession } from '../session/session.ts'
import type { SignIn } from '../session/sign-in-store.ts'
import type { OpenSite } from './open-sites.ts'
import { agoOf, dateOf, placeOf } from './sign-ins.ts'
import { homeStyle } from './style.ts'

export interface HomePage {
  readonly requestId: string
  /** The path of the page, which depends on the host. */
  readonly path: string
  readonly live: LiveSession
  readonly sites: readonly OpenSite[]
  readonly signIns: readonly SignIn[]
  /** The name of the site at a host; null: no site stands behind the host. */
  readonly nameOf: (authority: string) => string | null
  /** What the person searches for; empty: nothing. */
  readonly search: string
  /** The time zone of the times. */
  readonly zone: string
  readonly now: Instant
}

/** With this many sites, a person finds one faster by a search. */
const SEARCH_FROM = 10

export function homePage(page: HomePage): Promise<Response> {
  const { sites, search, signIns } = page
  const { displayName, userName, email } = page.live.session
  const name = displayName ?? email ?? userName
  const found = sites.filter((site) => matches(site, search))
  return renderPage({
    status: 200,
    title: 'Your sites',
    body: html`<p class="who">
        You are signed in as <strong>${name}</strong>
        ${email === null || email === name ? '' : html`<span class="soft">${email}</span>`}
      </p>
      ${sites.length < SEARCH_FROM ? '' : searchForm(page, found.length)}
      ${
        sites.length === 0
          ? html`<p>
              No site is open to you here. If you expected one, ask your administrator for access.
            </p>`
          : html`<ul class="sites">
              ${found.map(showSite)}
            </ul>`
      }
      <h2>Where you are signed in</h2>
      <ul class="sign-ins">
        ${signIns.map((each) => showSignIn(each, page))}
      </ul>
      <form method="post" action="${LOGOUT_PATH}" class="all">
        <button name="scope" value="person" class="second">Sign out in all browsers</button>
      </form>`,
    requestId: page.requestId,
    style: homeStyle,
    formAction: "'self'",
    headers: { Vary: 'Cookie' },
  })
}

/** Every word must be in the name, the description or the address. */
function matches({ name, description, url }: OpenSite, search: string): boolean {
  const text = foldText(`${name} ${description ?? ''} ${url}`)
  return foldText(search)
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Without case and accents. */
const foldText = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const searchForm = ({ path, search, sites }: HomePage, found: number): Html =>
  html`<form class="search" role="search" action="${path}">
      <div>
        <label for="q">Search your sites</label>
        <input id="q" name="q" type="search" maxlength="100" value="${search}" />
      </div>
      <button>Search</button>
    </form>
    ${
      search === ''
        ? ''
        : html`<p role="status">
            ${found === 0 ? 'None' : found} of your ${sites.length} sites
            ${found === 1 ? 'matches' : 'match'} “${search}”. <a href="${path}">Show all</a>
          </p>`
    }`

const showSite = ({ name, description, icon, url }: OpenSite): Html =>
  html`<li>
    ${
      icon.startsWith('data:')
        ? html`<img class="icon" src="${icon}" alt="" />`
        : html`<span class="icon" aria-hidden="true">${icon}</span>`
    }
    <div>
      <a href="${url}">${name}</a>
      <p class="soft">${description ?? (name === new URL(url).host ? '' : new URL(url).host)}</p>
    </div>
  </li>`

function showSignIn(signIn: SignIn, { live, nameOf, zone, now }: HomePage): Html {
  const place = placeOf(signIn)
  const isHere = signIn.id === live.session.signIn
  const names = signIn.hosts.flatMap((each) => nameOf(each) ?? [])
  return html`<li>
    <div>
      <strong>${place}</strong>${isHere ? html`<span class="here">This browser</span>` : ''}
      <p class="soft">
        Since ${time(signIn.openedAt, dateOf(signIn.openedAt, zone))}, last seen
        ${isHere ? 'now' : time(signIn.lastSeenAt, agoOf(signIn.lastSeenAt, now))}
      </p>
      ${names.length === 0 ? '' : html`<p class="soft">At ${names.join(', ')}</p>`}
    </div>
    <form method="post" action="${LOGOUT_PATH}">
      <input type="hidden" name="signIn" value="${signIn.id}" />
      <button
        class="second"
        aria-label="Sign out: ${isHere ? 'this browser' : `${place}, since ${dateOf(signIn.openedAt, zone)}`}"
      >
        Sign out
      </button>
    </form>
  </li>`
}

const time = (at: Instant, text: string): Html => html`<time datetime="${toIso(at)}">${text}</time>`
