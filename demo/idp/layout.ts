/** The layout of every page of the demo's identity provider. */
import { html } from 'hono/html'
import { renderPage, type Html } from '../page.ts'
import { nameOf, type Profile } from '../people.ts'
import { idpStyle } from './style.ts'

export interface IdpPage {
  readonly status: number
  readonly title: string
  readonly body: Html
  /** The page's path, to mark it in the navigation; null: it is not there. */
  readonly path: string | null
  /** The other site that forms may post to; null: none. */
  readonly siteUrl: string | null
  /** `card`: one card. `sheet`: several cards. `sheet wide`: several cards side by side. */
  readonly shape?: 'card' | 'sheet' | 'sheet wide'
  readonly script?: string
}

export const DIRECTORY_PATH = '/directory'
export const CONNECT_PATH = `${DIRECTORY_PATH}/application`

const pages = [
  ['/', 'Sign-in'],
  [DIRECTORY_PATH, 'People and groups'],
] as const

export const idpPage = (page: IdpPage): Promise<Response> => {
  const { status, title, body, path, siteUrl, shape = 'card', script } = page
  return renderPage({
    status,
    title: `${title} · Northwind ID`,
    style: idpStyle,
    body: html`<main class="${shape}">
        <div class="top">
          <p class="brand">${logo} Northwind ID</p>
          <nav aria-label="Pages">
            ${pages.map(([to, name]) =>
              to === path
                ? html`<a href="${to}" aria-current="page">${name}</a> `
                : html`<a href="${to}">${name}</a> `,
            )}
          </nav>
        </div>
        <h1>${title}</h1>
        ${body}
      </main>
      <footer><p>The demo's identity provider, on Auth0's library samlp</p></footer>`,
    formAction: siteUrl === null ? "'self'" : `'self' ${siteUrl}`,
    ...(script === undefined ? {} : { script }),
  })
}

const logo = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <circle cx="12" cy="12" r="10" />
  <path d="m15.5 8.5-2 5-5 2 2-5z" />
</svg>`

export const initialsOf = (profile: Profile): string =>
  initial(profile.givenName) + initial(profile.familyName) || initial(nameOf(profile))

const initial = (name: string): string => /^./u.exec(name)?.[0] ?? ''

export const deactivatedChip = html`<span class="chip off">deactivated</span>`
