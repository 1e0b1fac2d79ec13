/** The layout of every page of the demo's site. */
import { html } from 'hono/html'
import { renderPage, type Html } from '../page.ts'
import type { Identity } from './identity.ts'
import type { Header, Received } from './received.ts'
import { siteStyle } from './style.ts'

export interface SitePage {
  readonly status?: number
  readonly title: string
  /** The site's name; absent: the first site's. */
  readonly site?: string
  /** The page's path, to mark it in the navigation. */
  readonly path: string
  /** Null: the site got no identity. */
  readonly identity: Identity | null
  readonly body: Html
  readonly script?: string
  readonly headers?: Readonly<Record<string, string>>
}

const pages = [
  ['/', 'Home'],
  ['/notes', 'Notes'],
  ['/live', 'Live'],
  ['/engineering', 'Engineering'],
  ['/public', 'Public'],
] as const

export const sitePage = (page: SitePage): Promise<Response> => {
  const { status = 200, title, path, site, identity, body, headers, script } = page
  const name = site ?? 'Northwind Wiki'
  return renderPage({
    status,
    title: `${title} · ${name}`,
    style: siteStyle,
    body: html`<header>
        <div class="bar">
          <a class="brand" href="/">${logo} ${name}</a>
          <nav aria-label="Pages">
            <ul>
              ${(site === undefined ? pages : []).map(([to, label]) =>
                to === path
                  ? html`<li><a href="${to}" aria-current="page">${label}</a></li>`
                  : html`<li><a href="${to}">${label}</a></li>`,
              )}
            </ul>
          </nav>
          ${
            identity
              ? html`<form class="me" method="post" action="/.gatehouse/logout">
                  <span>${nameIn(identity)}</span><button>Sign out</button>
                </form>`
              : ''
          }
        </div>
      </header>
      <main>${body}</main>
      <footer>A demo site behind Gatehouse. It has no login of its own.</footer>`,
    ...(script === undefined ? {} : { script }),
    ...(headers === undefined ? {} : { headers }),
  })
}

export function nameIn({ claims }: Identity): string {
  const { name, sub } = claims
  return typeof name === 'string' ? name : (sub ?? '')
}

/** The whole request, its headers sorted by their writer. */
export const receivedSection = (received: Received, note: Html | '' = ''): Html =>
  html`<section>
    <h2>What this site received</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Request</th>
          <td><code>${received.method} ${received.address}</code></td>
        </tr>
      </thead>
      ${rows(
        'From Gatehouse: who is asking',
        received.identity,
        'Nothing. On a public page Gatehouse does not look who you are, and what a browser says of itself is removed.',
      )}
      ${rows('From Gatehouse: where the request came from', received.forwarding, 'Nothing.')}
      ${rows('From your browser', received.fromBrowser, 'Nothing.')}
    </table>
    ${note}
  </section>`

const rows = (kind: string, headers: readonly Header[], none: string): Html =>
  html`<tbody>
    <tr>
      <th class="kind" colspan="2" scope="rowgroup">${kind}</th>
    </tr>
    ${
      headers.length === 0
        ? html`<tr>
            <td class="prose" colspan="2">${none}</td>
          </tr>`
        : headers.map(
            ({ name, value }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )
    }
  </tbody>`

const logo = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path d="M12 1 9 9l-8 3 8 3 3 8 3-8 8-3-8-3z" />
</svg>`
