/** The home page: who is signed in, the sites that are open to them, and their sign-ins. */
import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { toIso, type Instant } from '../lib/instant.ts'
import { renderPage } from '../lib/page.ts'
import { GRANTS_PATH, LOGOUT_PATH } from '../lib/paths.ts'
import { patternOf } from '../lib/pattern.ts'
import { dateOf } from '../lib/words/dates.ts'
import { say, sayCount, sayHtml, type Speech } from '../lib/words/speech.ts'
import type { ShownGrant } from '../oauth/grant.ts'
import type { LiveSession } from '../session/session.ts'
import type { SignIn } from '../session/sign-in-store.ts'
import type { Visit } from '../site/visit.ts'
import type { OpenSite } from './open-sites.ts'
import { agoOf, placeOf } from './sign-ins.ts'
import { homeStyle } from './style.ts'

export interface HomePage {
  /** The path of the page, which depends on the host. */
  readonly path: string
  readonly live: LiveSession
  readonly sites: readonly OpenSite[]
  readonly signIns: readonly SignIn[]
  /** What programs may do in the person's name. */
  readonly grants: readonly ShownGrant[]
  /** The name of the site at a host; null: no site stands behind the host. */
  readonly nameOf: (authority: string) => string | null
  /** What the person searches for; empty: nothing. */
  readonly search: string
  /** The time zone of the times. */
  readonly zone: string
}

/** With this many sites, a person finds one faster by a search. */
const SEARCH_FROM = 10

export function homePage(visit: Visit, page: HomePage): Promise<Response> {
  const { sites, search, signIns, grants } = page
  const words = visit.words()
  const { texts } = words
  const { displayName, userName, email } = page.live.session
  const name = displayName ?? email ?? userName
  const found = sites.filter((site) => matches(site, search))
  return renderPage(visit, {
    status: 200,
    title: texts.yourSites,
    body: html`<p class="who">
        ${sayHtml(words, 'youAre', { person: html`<strong>${name}</strong>` })}
        ${email === null || email === name ? '' : html`<span class="soft">${email}</span>`}
      </p>
      ${sites.length < SEARCH_FROM ? '' : searchForm(page, found.length, words)}
      ${
        sites.length === 0
          ? html`<p>${texts.noSites}</p>`
          : html`<ul class="sites">
              ${found.map(showSite)}
            </ul>`
      }
      ${
        grants.length === 0
          ? ''
          : html`<h2>${texts.programs}</h2>
              <ul class="sign-ins">
                ${grants.map((each) => showGrant(each, page, visit))}
              </ul>`
      }
      <h2>${texts.whereSignedIn}</h2>
      <ul class="sign-ins">
        ${signIns.map((each) => showSignIn(each, page, visit))}
      </ul>
      <form method="post" action="${LOGOUT_PATH}" class="all">
        <button name="scope" value="person" class="second">${texts.signOutEverywhere}</button>
      </form>`,
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

const accents = patternOf(String.raw`\p{M}`, 'gu')
/** Without case and accents. */
const foldText = (text: string): string =>
  text.normalize('NFKD').replace(accents(), '').toLowerCase()

const searchForm = (
  { path, search, sites: { length: count } }: HomePage,
  found: number,
  speech: Speech,
): Html => {
  const { texts } = speech
  return html`<form class="search" role="search" action="${path}">
      <div>
        <label for="q">${texts.searchSites}</label>
        <input id="q" name="q" type="search" maxlength="100" value="${search}" />
      </div>
      <button>${texts.search}</button>
    </form>
    ${
      search === ''
        ? ''
        : html`<p role="status">
            ${
              found === 0
                ? say(speech, 'foundNone', { count, search })
                : sayCount(speech, 'found', found, { found, count, search })
            }
            <a href="${path}">${texts.showAll}</a>
          </p>`
    }`
}

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

function showSignIn(signIn: SignIn, { live, nameOf, zone }: HomePage, visit: Visit): Html {
  const { now } = visit
  const words = visit.words()
  const { texts, language } = words
  const place = placeOf(signIn, words)
  const isHere = signIn.id === live.session.signIn
  const names = signIn.hosts.flatMap((each) => nameOf(each) ?? [])
  const bound = signIn.boundHosts.map((each) => nameOf(each) ?? each)
  const since = dateOf(signIn.openedAt, zone, language)
  const seen = isHere
    ? texts.seenNow
    : time(signIn.lastSeenAt, agoOf(signIn.lastSeenAt, now, words))
  return html`<li>
    <div>
      <strong>${place}</strong>${isHere ? html`<span class="here">${texts.thisBrowser}</span>` : ''}
      <p class="soft">
        ${sayHtml(words, 'sinceSeen', { since: time(signIn.openedAt, since), seen })}
      </p>
      ${
        names.length === 0
          ? ''
          : html`<p class="soft">${say(words, 'atSites', { sites: names.join(', ') })}</p>`
      }
      ${
        bound.length === 0
          ? ''
          : html`<p class="soft">${say(words, 'boundAt', { sites: bound.join(', ') })}</p>`
      }
    </div>
    ${endForm({
      path: LOGOUT_PATH,
      name: 'signIn',
      id: signIn.id,
      says: texts.signOut,
      about: isHere ? texts.signOutHereLabel : say(words, 'signOutLabel', { place, since }),
    })}
  </li>`
}

function showGrant(grant: ShownGrant, { nameOf, zone }: HomePage, visit: Visit): Html {
  const { id, clientName, grantedAt, lastUsedAt } = grant
  const words = visit.words()
  const { texts, language } = words
  const site = nameOf(grant.site) ?? grant.site
  return html`<li>
    <div>
      <strong>${clientName}</strong>
      <p class="soft">
        ${sayHtml(words, 'programAt', {
          site,
          since: time(grantedAt, dateOf(grantedAt, zone, language)),
          used: time(lastUsedAt, agoOf(lastUsedAt, visit.now, words)),
        })}
      </p>
    </div>
    ${endForm({
      path: GRANTS_PATH,
      name: 'grant',
      id,
      says: texts.programEnd,
      about: say(words, 'programEndLabel', { client: clientName, site }),
    })}
  </li>`
}

interface EndForm {
  readonly path: string
  /** The field that says what is to end. */
  readonly name: string
  readonly id: string
  readonly says: string
  /** For people who hear the button alone. */
  readonly about: string
}

const endForm = ({ path, name, id, says, about }: EndForm): Html =>
  html`<form method="post" action="${path}">
    <input type="hidden" name="${name}" value="${id}" />
    <button class="second" aria-label="${about}">${says}</button>
  </form>`

const time = (at: Instant, text: string): Html => html`<time datetime="${toIso(at)}">${text}</time>`
