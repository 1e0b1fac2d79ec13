/** What a person sees when a program asks for access. */
import { html } from 'hono/html'
import type { Html } from '../lib/html.ts'
import { plusSeconds } from '../lib/instant.ts'
import { renderPage, type Reader } from '../lib/page.ts'
import { AUTHORIZE_PATH, HOME_PATH } from '../lib/paths.ts'
import { dayOf } from '../lib/words/dates.ts'
import { say, sayHtml, type Speech } from '../lib/words/speech.ts'
import type { Texts } from '../lib/words/texts.ts'
import type { LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import { fieldsOf, type AuthorizationRequest } from './ask.ts'
import { isLoopbackRedirect, type Client } from './client.ts'
import type { OauthDeps } from './deps.ts'

export interface Consent {
  readonly asked: AuthorizationRequest
  readonly client: Client
  readonly redirect: string
  readonly site: Site
  readonly live: LiveSession
}

export function consentPage(
  visit: Visit,
  { asked, client, redirect, site, live }: Consent,
  deps: OauthDeps,
): Promise<Response> {
  const words = visit.words()
  const { texts } = words
  const goesTo = isLoopbackRedirect(redirect)
    ? texts.grantGoesHere
    : say(words, 'grantGoesTo', { host: new URL(redirect).host })
  return renderPage(visit, {
    status: 200,
    title: texts.grantTitle,
    body: html`${describe(visit, { client, site, live, isHere: isLoopbackRedirect(redirect) }, deps)}
      <p class="soft">${goesTo}</p>
      ${choice(AUTHORIZE_PATH, [...fieldsOf(asked), ['user', live.session.userId]], words)}`,
    formAction: "'self'",
    headers: { Vary: 'Cookie' },
  })
}

export interface Described {
  readonly client: Client
  readonly site: Site
  readonly live: LiveSession
  /** Whether the program runs on the person's own computer, where anything can take its name. */
  readonly isHere: boolean
}

/** The client, the site, the person's name, and the length of the access. */
export function describe(
  { words: speak, now }: Visit,
  { client, site, live, isHere }: Described,
  { terms }: OauthDeps,
): Html {
  const words = speak()
  const { texts } = words
  const { displayName, email, userName } = live.session
  const howLong = sayHtml(words, 'grantUntil', {
    until: dayOf(plusSeconds(now, terms.absoluteSeconds), words.language),
    home: html`<a href="${HOME_PATH}">${texts.grantHome}</a>`,
  })
  return html`<p>
      ${sayHtml(words, 'grantAsks', {
        client: html`<strong>${client.name}</strong>`,
        site: html`<strong>${site.shown.name}</strong>`,
      })}
    </p>
    <dl>
      <dt>${texts.grantProgram}</dt>
      <dd>${standingOf(client, isHere, words)}</dd>
      <dt>${texts.grantSite}</dt>
      <dd>${site.url}</dd>
      <dt>${texts.grantWhat}</dt>
      <dd>${texts.grantMay}</dd>
      <dt>${texts.grantHowLong}</dt>
      <dd>${howLong}</dd>
      <dt>${texts.grantInName}</dt>
      <dd>${displayName ?? email ?? userName}</dd>
    </dl>`
}

/** How far the name of the program may be believed. */
function standingOf({ kind, id }: Client, isHere: boolean, words: Speech): Html {
  const { texts } = words
  if (kind === 'listed') return html`${texts.grantListed}`
  const isUnknown = kind === 'loopback' || isHere
  return html`${
    kind === 'document' ? say(words, 'grantByDomain', { host: new URL(id).host }) : ''
  }${isUnknown ? html` <strong>${texts.grantUnverified}</strong>` : ''}`
}

/** The buttons. Refusing comes without a colour, but first for a keyboard. */
export const choice = (
  action: string,
  fields: readonly (readonly [string, string])[],
  { texts }: Speech,
): Html =>
  html`<form method="post" action="${action}">
    ${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <div class="actions">
      <button name="choice" value="refuse" class="second">${texts.grantRefuse}</button>
      <button name="choice" value="allow">${texts.grantAllow}</button>
    </div>
  </form>`

/** Leads back after a form: browsers may block a redirect of a form to another site. */
export function toClientPage(visit: Visit, client: string, url: string): Promise<Response> {
  const words = visit.words()
  const { texts } = words
  const link = html`<a id="onward" href="${url}">${texts.ifNothingLink}</a>`
  return renderPage(visit, {
    status: 200,
    title: texts.grantBack,
    body: html`<noscript><meta http-equiv="refresh" content="0; url=${url}" /></noscript>
      <p>
        ${sayHtml(words, 'grantLeading', { client: html`<strong>${client}</strong>` })}
        ${sayHtml(words, 'ifNothing', { link })}
      </p>`,
    script: `location.replace(document.getElementById('onward').href)`,
    headers: { 'Referrer-Policy': 'no-referrer' },
  })
}

/** A request that cannot be answered to the client, or had better not be. */
export function faultPage(
  visit: Reader,
  fault: keyof Texts['grantFaults'],
  refused: { readonly why: string; readonly back: string } | null = null,
): Promise<Response> {
  const { texts } = visit.words()
  return renderPage(visit, {
    status: 400,
    title: texts.grantFault,
    body: html`<p>${texts.grantFaults[fault]}</p>
      ${refused && html`<p class="problem" lang="en">${refused.why}</p>`}
      ${refused && backLink(refused.back, texts)}`,
    headers: { Vary: 'Cookie, Sec-Fetch-Mode, Sec-Fetch-Dest' },
  })
}

/** The site would refuse the person. */
export function closedPage(
  visit: Visit,
  { site, back }: { readonly site: Site; readonly back: string | null },
): Promise<Response> {
  const words = visit.words()
  return renderPage(visit, {
    status: 403,
    title: words.texts.grantFault,
    body: html`<p>${say(words, 'grantClosed', { site: site.shown.name })}</p>
      ${back && backLink(back, words.texts)}`,
    headers: { Vary: 'Cookie' },
  })
}

const backLink = (url: string, { grantBackLink }: Texts): Html =>
  html`<p><a href="${url}" rel="noreferrer">${grantBackLink}</a></p>`
