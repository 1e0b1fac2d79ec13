/**
 * A browser as far as two servers can tell: cookies by their rules, who asks from where, redirects,
 * forms that send themselves, the IdP's login form. Every host is this machine, so that names below
 * .localhost need no DNS.
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { keepAnswerSecret } from '../../tools/stage/evidence.ts'
import { createCookieJar } from './cookies.ts'
import { readForms, readRefresh, type Form } from './html.ts'
import type { Person } from './people.ts'

export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A form as it was sent. */
export interface Sent {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

export interface Trip {
  /** Where it ended. */
  readonly page: Page
  /** `METHOD address status`, the address without its query. */
  readonly steps: readonly string[]
  readonly forms: readonly Sent[]
}

export interface Browser {
  /** To an address as by the address bar, and on until a page wants something that `person` cannot give. */
  readonly visit: (url: string, person: Person) => Promise<Trip>
  /** One request as by the address bar. */
  readonly go: (url: string) => Promise<Page>
  /** A form of the page at `from`, sent. */
  readonly submit: (from: string, action: string, fields: Sent['fields']) => Promise<Page>
  /** Another with the same cookies, as somebody has who has stolen them. */
  readonly copy: () => Browser
  /** The value of the Cookie header that it sends to an address. */
  readonly cookies: (url: string) => string
}

/** Of what one exchange was made; for whoever looks for what was said. */
export type Witness = (page: Page, cookies: readonly string[]) => void

interface Ask {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** The page that asks; null: the address bar. */
  readonly from: string | null
  readonly body: string | null
}

const MOST_STEPS = 20

export function createBrowser(witness: Witness, jar = createCookieJar()): Browser {
  function send({ method, url, from, body }: Ask): Promise<Page> {
    const to = new URL(url)
    const isOwn = from === null || new URL(from).hostname === to.hostname
    const sent = jar.pairsFor(to, isOwn ? 'own' : method === 'GET' ? 'link' : 'form')
    const headers = {
      Host: to.host,
      Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'Accept-Language': 'en',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
      'Sec-Fetch-Site': from === null ? 'none' : isOwn ? 'same-origin' : 'cross-site',
      ...(sent.length > 0 ? { Cookie: sent.join('; ') } : {}),
      ...(body === null
        ? {}
        : {
            Origin: from === null ? 'null' : new URL(from).origin,
            'Content-Type': 'application/x-www-form-urlencoded',
            'Content-Length': Buffer.byteLength(body),
          }),
    }
    const options = { method, host: '127.0.0.1', port: to.port, path: to.pathname + to.search }
    return new Promise((resolve, reject) => {
      const asked = httpRequest({ ...options, headers, timeout: 60_000 }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', reject).on('end', () => {
          const set = response.headers['set-cookie'] ?? []
          jar.keep(to, set)
          const page = { url, status: response.statusCode ?? 0, headers: response.headers, text }
          witness(page, [...sent, ...set.map((cookie) => cookie.split(';')[0] ?? '')])
          resolve(page)
        })
      })
      asked.on('timeout', () => asked.destroy(new Error(`no answer from ${to.host}`)))
      asked.on('error', reject)
      asked.end(body ?? undefined)
    })
  }

  async function visit(url: string, person: Person): Promise<Trip> {
    const steps: string[] = []
    const forms: Sent[] = []
    let ask: Ask = { method: 'GET', url, from: null, body: null }
    while (steps.length < MOST_STEPS) {
      const page = await send(ask)
      const { origin, pathname } = new URL(page.url)
      steps.push(`${ask.method} ${origin}${pathname} ${page.status}`)
      const next = follow(page, ask, person)
      if (next === null) return { page, steps, forms }
      if (next.body !== null) forms.push(toSent(next.url, next.body))
      ask = next
    }
    throw new Error(`the trip does not end:\n${steps.join('\n')}`)
  }

  return {
    visit,
    go: (url) => send({ method: 'GET', url, from: null, body: null }),
    submit: (from, action, fields) =>
      send({ method: 'POST', url: action, from, body: new URLSearchParams(fields).toString() }),
    copy: () => createBrowser(witness, jar.copy()),
    cookies: (url) => jar.pairsFor(new URL(url), 'own').join('; '),
  }
}

/** Where a browser and its user go on to from a page; null: they have arrived. */
function follow(page: Page, ask: Ask, person: Person): Ask | null {
  const { location } = page.headers
  if (page.status >= 300 && page.status < 400 && location !== undefined) {
    // A chain of redirects stays the doing of the page that began it.
    return { method: 'GET', url: new URL(location, page.url).href, from: ask.from, body: null }
  }
  const form = readForms(page.text).find(
    (each) => isLogin(each) || carriesSaml(each) || isSelfSending(each, page.text),
  )
  if (form?.method === 'POST') {
    const body = fill(form, person).toString()
    return { method: 'POST', url: new URL(form.action, page.url).href, from: page.url, body }
  }
  const refresh = readRefresh(page.text)
  return refresh === null
    ? null
    : { method: 'GET', url: new URL(refresh, page.url).href, from: page.url, body: null }
}

const isLogin = ({ fields }: Form): boolean => fields.some(({ type }) => type === 'password')
/** Whether by a script or by a button, it goes on. */
const carriesSaml = ({ fields }: Form): boolean =>
  fields.some(({ name }) => name === 'SAMLRequest' || name === 'SAMLResponse')
const isSelfSending = ({ fields }: Form, html: string): boolean =>
  fields.length > 0 && /\.submit\(\)/.test(html)

function fill({ fields }: Form, { uid, password }: Person): URLSearchParams {
  const filled = new URLSearchParams()
  for (const { name, type, value } of fields) {
    if (name === '' || type === 'submit') continue
    if (type === 'password') filled.append(name, password)
    else filled.append(name, /^username$/i.test(name) ? uid : value)
  }
  return filled
}

function toSent(url: string, body: string): Sent {
  const fields = Object.fromEntries(new URLSearchParams(body))
  const { SAMLResponse } = fields
  if (SAMLResponse !== undefined) keepAnswerSecret(SAMLResponse)
  return { url, fields }
}
