import { html, raw } from 'hono/html'
import { ownText, type Brand } from './brand.ts'
import type { Html } from './html.ts'
import { ownHeaders } from './own-headers.ts'
import { brandStyle, pageStyle } from './page-style.ts'
import type { Speaking } from './speaking.ts'

/** The visitor that a page is for. */
export interface Reader extends Speaking {
  /** Shown in the footer: the visitor can quote it, and the operator can find it in the logs. */
  readonly requestId: string
}

export interface Page {
  readonly status: number
  readonly title: string
  readonly body: Html
  /** Inline script, allowed by a nonce for this response. The page must work without it. */
  readonly script?: string
  /** What this page adds to the style of all pages. */
  readonly style?: string
  /** CSP sources that the forms may post to, including redirect targets; absent: 'none'. */
  readonly formAction?: string
  /** Origins whose pages may frame this page; absent: none may. */
  readonly framedBy?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Embedded in the page: otherwise the browser asks the site for /favicon.ico, which may need a
 * sign-in.
 */
export const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#2f8a76" d="M1 1h4v2h1V1h4v2h1V1h4v14h-4v-4a3 3 0 0 0-6 0v4H1z"/></svg>',
)}`

/**
 * Renders one of our own pages: not cached, not framed, no external resource, no script except
 * `page.script`.
 */
export async function renderPage(reader: Reader, page: Page): Promise<Response> {
  const { requestId } = reader
  const words = reader.words()
  const { language, texts, brand } = words
  // Made here and not an argument: a repeated nonce protects nothing.
  const nonce = crypto.randomUUID()
  const document = await html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title}${brand.name === null ? '' : ` · ${brand.name}`}</title>
        <link rel="icon" href="${icon}" />
        <style nonce="${nonce}">
          ${raw(pageStyle + brandStyle(brand.colours) + (page.style ?? ''))}
        </style>
      </head>
      <body>
        <main>
          ${banner(brand)}
          <h1>${page.title}</h1>
          ${page.body} ${page.status < 400 ? '' : helpLink(reader)}
        </main>
        <footer>
          <p>${texts.requestNumber} <code>${requestId}</code></p>
          <p>${ownText(brand.words.footer, words) ?? texts.protectedBy}</p>
        </footer>
        ${
          page.script
            ? html`<script nonce="${nonce}">
                ${raw(page.script)}
              </script>`
            : ''
        }
      </body>
    </html>`

  const response = new Response(String(document), {
    status: page.status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': [
        "default-src 'none'",
        'img-src data:',
        `style-src 'nonce-${nonce}'`,
        ...(page.script ? [`script-src 'nonce-${nonce}'`] : []),
        `form-action ${page.formAction ?? "'none'"}`,
        "base-uri 'none'",
        `frame-ancestors ${page.framedBy?.join(' ') ?? "'none'"}`,
      ].join('; '),
      'Content-Language': language,
      ...ownHeaders,
      ...page.headers,
    },
  })
  response.headers.append('Vary', 'Accept-Language')
  if (page.framedBy) response.headers.delete('X-Frame-Options')
  return response
}

/** The logo, or else the name. */
function banner({ name, logo }: Brand): Html {
  if (logo === null) return name === null ? html`` : html`<p class="brand">${name}</p>`
  const { light, dark } = logo
  return html`<p class="brand">
    <picture>
      ${dark === light ? '' : html`<source media="(prefers-color-scheme: dark)" srcset="${dark}" />`}
      <img src="${light}" alt="${name ?? ''}" />
    </picture>
  </p>`
}

/** On every page that stops a visitor. A mail begins with the request number. */
function helpLink({ words, requestId }: Reader): Html {
  const { texts, brand } = words()
  const { support } = brand
  if (support === null) return html``
  const number = encodeURIComponent(`${texts.requestNumber} ${requestId}`)
  const isMail = support.startsWith('mailto:')
  const url = isMail && !support.includes('?') ? `${support}?subject=${number}` : support
  return html`<p class="help"><a href="${url}">${texts.help}</a></p>`
}

export const homeLink = ({ words }: Reader): Html =>
  html`<p><a class="button" href="/">${words().texts.toHome}</a></p>`
