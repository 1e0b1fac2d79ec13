import { html } from 'hono/html'
import type { Html } from '../page.ts'
import type { Identity } from './identity.ts'
import { nameIn, receivedSection, sitePage } from './layout.ts'
import { liveScript } from './live.ts'
import { otherSitesLine, type OtherSite } from './others.ts'
import type { Received } from './received.ts'

export const homePage = (
  identity: Identity,
  received: Received,
  { idpUrl, moreSites }: { readonly idpUrl: string; readonly moreSites: readonly OtherSite[] },
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  sitePage({
    title: 'Home',
    path: '/',
    identity,
    headers,
    body: html`<h1>Hello, ${nameIn(identity)}</h1>
      <p class="lead">
        This site has no login. Gatehouse stands in front of it, and tells it with each request who
        is asking.
      </p>
      <div class="pair">
        <section>
          <h2>Who you are, according to the signed token</h2>
          <p class="seal">Verified: ${identity.algorithm}, key ${identity.keyId.slice(0, 8)}</p>
          ${claimsTable(identity)}
        </section>
        <section>
          <h2>Try</h2>
          <ul class="try">
            <li><a href="/engineering">Engineering</a> is for one group. Ada is in it.</li>
            <li>
              <a href="/notes?draft=2#risks">A place within a page</a>: sign out, open it, and sign
              in: you are back at the same place.
            </li>
            ${moreSites.length > 0 ? html`<li>${otherSitesLine(moreSites)}</li>` : ''}
            <li><a href="/live">Live</a> is a stream that stays open while you have access.</li>
            <li>
              Lose access: remove yourself from a group, or deactivate yourself, in
              <a href="${idpUrl}/directory">the provider's people and groups</a>.
            </li>
            <li><a href="/public">Public</a> is open to everyone, and is not told who you are.</li>
            <li>
              <a href="/.gatehouse/logout">Sign out</a> of all sites, and at the identity provider
              too.
            </li>
            <li>
              Be somebody else: sign out above, then change at
              <a href="${idpUrl}">the identity provider</a>.
            </li>
          </ul>
        </section>
      </div>
      ${receivedSection(
        received,
        html`<p class="note">
          Your browser holds the cookie <code>__Host-gatehouse</code> as well. It is not above:
          Gatehouse keeps it to itself.
        </p>`,
      )}`,
  })

const claimsTable = ({ claims }: Identity): Html =>
  html`<table>
    <tbody>
      ${Object.entries(claims).map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${showClaim(name, value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`

function showClaim(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  const isTime = ['iat', 'nbf', 'exp'].includes(name) && typeof value === 'number'
  return isTime ? `${value} (${new Date(value * 1000).toISOString()})` : String(value)
}

export const notesPage = (identity: Identity, received: Received): Promise<Response> =>
  sitePage({
    title: 'Notes',
    path: '/notes',
    identity,
    body: html`<h1>Launch notes</h1>
      <p class="lead">You asked for <code>${received.address}</code>.</p>
      ${notes.map(
        ({ id, heading, text }) =>
          html`<section id="${id}">
            <h2>${heading}</h2>
            <p>${text}</p>
          </section>`,
      )}`,
  })

const notes = [
  {
    id: 'plan',
    heading: 'Plan',
    text: 'The harbour survey is finished in March. The first ship leaves when the ice does, and the second one only when the first has reported.',
  },
  {
    id: 'people',
    heading: 'People',
    text: 'Ada has the engines, Grace the crew and the stores. New people read this page first, then the log of last year.',
  },
  {
    id: 'risks',
    heading: 'Risks',
    text: 'Ice in April, fog in May. The part of an address after the # never reaches a server, and yet you are here: Gatehouse takes it along through the sign-in.',
  },
  {
    id: 'log',
    heading: 'Log',
    text: 'Nothing yet.',
  },
]

export const engineeringPage = (identity: Identity, received: Received): Promise<Response> =>
  sitePage({
    title: 'Engineering',
    path: '/engineering',
    identity,
    body: html`<h1>For engineering only</h1>
      <p class="lead">
        You are here because ${nameIn(identity)} is in the group <code>engineering</code>. Others
        are refused by Gatehouse, and this site never hears of it.
      </p>
      ${receivedSection(received)}`,
  })

export const publicPage = (received: Received): Promise<Response> =>
  sitePage({
    title: 'Public',
    path: '/public',
    identity: null,
    body: html`<h1>Open to everyone</h1>
      <p class="lead">
        Everyone can see this page, signed in or not. This site is not told who you are.
        <a href="/">The other pages</a> are for people who are signed in.
      </p>
      ${receivedSection(received)}`,
  })

export const livePage = (identity: Identity): Promise<Response> =>
  sitePage({
    title: 'Live',
    path: '/live',
    identity,
    body: html`<h1>A live stream</h1>
      <p class="lead">
        One answer that stays open: server-sent events, passed on unbuffered. When your session
        ends, the stream is closed.
      </p>
      <section>
        <h2 id="events">Events</h2>
        <p id="over" class="over" role="status" hidden>
          The stream is over, because your session has ended.
          <a id="again" href="/live">Sign in again</a>
        </p>
        <p id="standing" hidden>Your groups now: <strong id="groups" role="status"></strong></p>
        <ol class="events" id="list" aria-labelledby="events"></ol>
        <noscript><p>The stream needs JavaScript. Everything else here does not.</p></noscript>
      </section>`,
    script: liveScript,
  })

export const notFoundPage = (identity: Identity | null): Promise<Response> =>
  sitePage({
    status: 404,
    title: 'Page not found',
    path: '',
    identity,
    body: html`<h1>Page not found</h1>
      <p class="lead">
        This answer comes from the site, not from Gatehouse. <a href="/">Home</a>
      </p>`,
  })

/**
 * For a request that did not come through the gate. The site verifies the token, so it is safe even
 * if it can be reached directly.
 */
export const notThroughGatePage = (siteUrl: string): Promise<Response> =>
  sitePage({
    status: 401,
    title: 'Open this site through Gatehouse',
    path: '',
    identity: null,
    body: html`<h1>Open this site through Gatehouse</h1>
      <p class="lead">
        This request did not come through Gatehouse: it has no token. Open
        <a href="${siteUrl}">${siteUrl}</a> instead.
      </p>`,
  })
