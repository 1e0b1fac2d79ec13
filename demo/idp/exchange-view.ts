/** Shows SCIM requests and their answers. */
import { STATUS_CODES } from 'node:http'
import { html } from 'hono/html'
import type { Html } from '../page.ts'
import { CONNECT_PATH } from './layout.ts'
import {
  isDone,
  problemOf,
  SCIM_MEDIA_TYPE,
  type ChangeKind,
  type Exchange,
} from './scim-client.ts'

/** What a change means for the people and for the site. */
const effects: Readonly<Record<ChangeKind, (seconds: string) => string>> = {
  'person-added': () => 'They can sign in now.',
  'person-changed': () => 'The site is told at their next sign-in.',
  'person-deactivated': (seconds) =>
    `Gatehouse refuses them within ${seconds}, wherever they are signed in, and closes their open streams.`,
  'person-reactivated': () => 'They may sign in again. Their old sessions stay closed.',
  'person-removed': (seconds) => `Gatehouse ends all their sessions within ${seconds}.`,
  'group-added': () => 'Nobody is in it yet.',
  'group-renamed': (seconds) =>
    `Rules name groups. Within ${seconds}, a rule for the old name lets nobody of this group in, and a rule for the new name lets its members in.`,
  'group-removed': (seconds) =>
    `Pages that only this group may open are closed to its members within ${seconds}.`,
  'member-added': (seconds) =>
    `Pages of this group are open to them within ${seconds}, without a new sign-in.`,
  'member-removed': (seconds) =>
    `Pages that only this group may open are closed to them within ${seconds}, without a new sign-in.`,
}

export interface NoticeOptions {
  readonly basePath: string
  readonly revocationSeconds: number
}

/** How soon the gate refuses a person who lost access. */
export const boundOf = ({ revocationSeconds }: Pick<NoticeOptions, 'revocationSeconds'>): string =>
  revocationSeconds === 1 ? '1 second' : `${revocationSeconds} seconds`

/** The notice about the change that led to this page. */
export const noticeOf = (exchange: Exchange, options: NoticeOptions): Html => {
  const { basePath } = options
  return isDone(exchange)
    ? html`<section class="notice good" role="status">
        <h2>Done: ${exchange.title}</h2>
        <p>${effects[exchange.kind](boundOf(options))}</p>
        ${wireOf(exchange, basePath)}
      </section>`
    : html`<section class="notice bad" role="alert">
        <h2>Not done: ${exchange.title}</h2>
        <p>${problemOf(exchange)} Nothing has changed here.</p>
        ${wireOf(exchange, basePath)}
      </section>`
}

export const logOf = (exchanges: readonly Exchange[], basePath: string): Html =>
  html`<section class="card log" aria-labelledby="log">
    <h2 id="log">What was sent</h2>
    <p class="soft">
      ${
        basePath === ''
          ? 'Nothing is sent yet.'
          : html`The latest requests to Gatehouse, below <code>${basePath}</code>, each with a
              token, which is shown nowhere.`
      }
      <a href="${CONNECT_PATH}">Where changes are sent</a>
    </p>
    <ol>
      ${exchanges.map(
        (exchange) =>
          html`<li>
            <h3>${exchange.title}</h3>
            ${wireOf(exchange, basePath)}
          </li>`,
      )}
    </ol>
  </section>`

function wireOf(exchange: Exchange, basePath: string): Html {
  const { title, method, path, status, answer } = exchange
  const outcome =
    status === null ? 'no answer' : `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  return html`<p class="wire">
      <code>${method} ${path}</code>
      <span class="chip ${isDone(exchange) ? 'on' : 'off'}">${outcome}</span>
    </p>
    <details>
      <summary>Request and answer<span class="unseen">: ${title}</span></summary>
      <pre>${requestText(exchange, basePath)}</pre>
      <pre>${outcome}${answer === null ? '' : `\n\n${toText(answer)}`}</pre>
    </details>`
}

function requestText({ method, path, body }: Exchange, basePath: string): string {
  const head = [`${method} ${basePath}${path}`, 'Authorization: Bearer (not shown)']
  return body === null
    ? head.join('\n')
    : [...head, `Content-Type: ${SCIM_MEDIA_TYPE}`, '', toText(body)].join('\n')
}

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2)
