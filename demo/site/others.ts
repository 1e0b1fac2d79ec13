/** More sites of the same company. One server stands behind all of them. */
import { html } from 'hono/html'
import type { Html } from '../page.ts'
import type { Identity } from './identity.ts'
import { nameIn, receivedSection, sitePage } from './layout.ts'
import type { Received } from './received.ts'

export interface OtherSite {
  readonly url: string
  readonly name: string
  readonly description: string
  readonly icon: string
  /** The group that it is for; null: every signed-in person. */
  readonly group: string | null
}

export const otherSites = (port: number): readonly OtherSite[] => [
  {
    url: `http://shop.localhost:${port}`,
    name: 'Northwind Shop',
    description: 'Orders, stock and what customers say.',
    icon: 'S',
    group: null,
  },
  {
    url: `http://lab.localhost:${port}`,
    name: 'Northwind Lab',
    description: 'Experiments of the engineers.',
    icon: 'L',
    group: 'engineering',
  },
]

export const otherSitesLine = (sites: readonly OtherSite[]): Html =>
  html`One sign-in opens other sites too:
  ${sites.map(
    ({ url, name, group }, i) =>
      html`${i > 0 ? ' and ' : ''}<a href="${url}">${name}</a>${
          group === null ? '' : ` (for ${group})`
        }`,
  )}.`

export const otherSitePage = (
  site: OtherSite,
  siteUrl: string,
  identity: Identity,
  received: Received,
): Promise<Response> =>
  sitePage({
    title: 'Home',
    path: '',
    site: site.name,
    identity,
    body: html`<h1>${site.name}</h1>
      <p class="lead">
        You are here as ${nameIn(identity)}, without another sign-in. This site has a session of its
        own, which belongs to the same sign-in as that of <a href="${siteUrl}">Northwind Wiki</a>.
      </p>
      ${receivedSection(received)}`,
  })
