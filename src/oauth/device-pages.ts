/** The pages for entering the code that a device shows. */
import { html } from 'hono/html'
import { countryName } from '../lib/country.ts'
import { toIso } from '../lib/instant.ts'
import { renderPage } from '../lib/page.ts'
import { DEVICE_PATH } from '../lib/paths.ts'
import { dateOf } from '../lib/words/dates.ts'
import { say, sayHtml } from '../lib/words/speech.ts'
import type { LiveSession } from '../session/session.ts'
import type { Site } from '../site/site.ts'
import type { Visit } from '../site/visit.ts'
import type { Client } from './client.ts'
import type { OauthDeps } from './deps.ts'
import type { WaitingDevice } from './device-store.ts'
import { choice, describe } from './pages.ts'

/** Asks for the code. */
export function deviceEntryPage(
  visit: Visit,
  problem: 'deviceUnknown' | 'deviceTooMany' | null,
): Promise<Response> {
  const { texts } = visit.words()
  return renderPage(visit, {
    status: problem === null ? 200 : 400,
    title: texts.deviceTitle,
    body: html`<p class="problem">${texts.deviceWarning}</p>
      <form method="post" action="${DEVICE_PATH}">
        ${problem && html`<p id="problem" role="alert">${texts[problem]}</p>`}
        <label for="code">${texts.deviceCode}</label>
        <input
          id="code"
          name="user_code"
          required
          maxlength="20"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          ${problem && html`aria-describedby="problem" aria-invalid="true"`}
        />
        <button>${texts.continue}</button>
      </form>`,
    formAction: "'self'",
    headers: { Vary: 'Cookie' },
  })
}

export interface DeviceConsent {
  readonly userCode: string
  readonly device: WaitingDevice
  readonly client: Client
  readonly site: Site
  readonly live: LiveSession
  /** The time zone of the times. */
  readonly zone: string
}

/** Asks whether the device may act for the person: who asks, from where, and since when. */
export function devicePage(
  visit: Visit,
  { userCode, device, client, site, live, zone }: DeviceConsent,
  deps: OauthDeps,
): Promise<Response> {
  const words = visit.words()
  const { texts } = words
  const { askedAt, country, network } = device
  const place = [...(country === null ? [] : [countryName(country, words.language)]), network]
    .filter((each) => each !== null)
    .join(', ')
  const time = html`<time datetime="${toIso(askedAt)}"
    >${dateOf(askedAt, zone, words.language)}</time
  >`
  return renderPage(visit, {
    status: 200,
    title: texts.grantTitle,
    body: html`<p class="problem">${texts.deviceWarning}</p>
      <p>
        ${sayHtml(words, 'deviceAsked', {
          code: html`<strong>${userCode}</strong>`,
          time,
          place: place === '' ? texts.deviceNowhere : place,
        })}
      </p>
      ${describe(visit, { client, site, live, isHere: false }, deps)}
      ${choice(
        DEVICE_PATH,
        [
          ['user_code', userCode],
          ['user', live.session.userId],
        ],
        words,
      )}`,
    formAction: "'self'",
    headers: { Vary: 'Cookie' },
  })
}

export function deviceDonePage(
  visit: Visit,
  what: 'deviceDone' | 'deviceRefused',
): Promise<Response> {
  const words = visit.words()
  return renderPage(visit, {
    status: 200,
    title: words.texts[what],
    body: html`<p>${say(words, 'deviceNext', {})}</p>`,
  })
}
