/**
 * Imitates the parts of a browser that a gate sees: cookies, Fetch Metadata, and no redirects by
 * itself.
 */
import { recordExchange } from '../../tools/stage/evidence.ts'

export type Send = (request: Request) => Promise<Response>

interface StoredCookie {
  readonly value: string
  readonly sameSite: 'Lax' | 'None'
}

export interface Browser {
  readonly cookies: Map<string, StoredCookie>
  /** null: it does not say. */
  userAgent: string | null
  /** Opens an address, as with the address bar. */
  go(url: string): Promise<Response>
  /** Posts a form of the site itself. */
  submit(url: string, fields: Readonly<Record<string, string>>): Promise<Response>
  /** Posts a form of another site, so cookies with SameSite=Lax are not sent. */
  submitFromElsewhere(url: string, fields: Readonly<Record<string, string>>): Promise<Response>
}

const navigation = {
  Accept: 'text/html,application/xhtml+xml',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
}

export function createBrowser(send: Send): Browser {
  const cookies = new Map<string, StoredCookie>()

  async function ask(request: Request, isLaxSent: boolean): Promise<Response> {
    const sent = [...cookies].filter(([, { sameSite }]) => isLaxSent || sameSite === 'None')
    if (sent.length > 0) {
      request.headers.set('Cookie', sent.map(([name, { value }]) => `${name}=${value}`).join('; '))
    }
    if (browser.userAgent !== null) request.headers.set('User-Agent', browser.userAgent)
    const copy = request.clone()
    const response = await send(request)
    await recordExchange(copy, response)
    for (const header of response.headers.getSetCookie()) store(header)
    return response
  }

  function store(header: string): void {
    const [pair = '', ...attributes] = header.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    const value = pair.slice(name.length + 1)
    // A browser drops a `__Host-` cookie without these attributes.
    const isHost = ['Secure', 'Path=/'].every((attribute) => attributes.includes(attribute))
    if (name.startsWith('__Host-') && !isHost) return
    if (header.length > 4096) return
    if (attributes.includes('Max-Age=0')) cookies.delete(name)
    else
      cookies.set(name, { value, sameSite: attributes.includes('SameSite=None') ? 'None' : 'Lax' })
  }

  const post = (url: string, fields: Readonly<Record<string, string>>, from: string) =>
    new Request(url, {
      method: 'POST',
      headers: {
        ...navigation,
        'Sec-Fetch-Site': from,
        Origin: from === 'same-origin' ? new URL(url).origin : 'https://elsewhere.example',
      },
      body: new URLSearchParams(fields),
      redirect: 'manual',
    })

  const browser: Browser = {
    cookies,
    userAgent: null,
    go: (url) => ask(new Request(url, { headers: navigation, redirect: 'manual' }), true),
    submit: (url, fields) => ask(post(url, fields, 'same-origin'), true),
    submitFromElsewhere: (url, fields) => ask(post(url, fields, 'cross-site'), false),
  }
  return browser
}

export const locationOf = (response: Response): string => {
  const location = response.headers.get('Location')
  if (location === null) throw new Error(`no Location on ${response.status}`)
  return location
}
