import { html, raw } from 'hono/html'
import { pageStyle } from './page-style.ts'

export type Html = ReturnType<typeof html>

export interface Page {
  readonly status: number
  readonly title: string
  readonly body: Html
  /** Shown in the footer: the visitor can quote it, and the operator can find it in the logs. */
  readonly requestId: string | null
  /** Inline script, allowed by a nonce for this response. The page must work without it. */
  readonly script?: string
  /** What this page adds to the style of all pages. */
  readonly style?: string
  /** CSP sources that the forms may post to, including redirect targets; absent: 'none'. */
  readonly formAction?: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Embedded in the page: otherwise the browser asks the site for /favicon.ico, which may need a
 * sign-in.
 */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#2f8a76" d="M1 1h4v2h1V1h4v2h1V1h4v14h-4v-4a3 3 0 0 0-6 0v4H1z"/></svg>',
)}`

/**
 * Renders one of our own pages: not cached, not framed, no external resource, no script except
 * `page.script`.
 */
export async function renderPage(page: Page): Promise<Response> {
  // Made here and not an argument: a repeated nonce protects nothing.
  const nonce = crypto.randomUUID()
  const document = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title}</title>
        <link rel="icon" href="${icon}" />
        <style nonce="${nonce}">
          ${raw(pageStyle + (page.style ?? ''))}
        </style>
      </head>
      <body>
        <main>
          <h1>${page.title}</h1>
          ${page.body}
        </main>
        <footer>
          ${page.requestId ? html`<p>Request number <code>${page.requestId}</code></p>` : ''}
          <p>Protected by Gatehouse</p>
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

  return new Response(String(document), {
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
        "frame-ancestors 'none'",
      ].join('; '),
      ...ownHeaders,
      ...page.headers,
    },
  })
}

export const homeLink = html`<p><a class="button" href="/">Go to the home page</a></p>`

/** Headers of every response that is our own, pages and others. */
export const ownHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // Not `no-referrer`: the browser would then send our forms with `Origin: null`, like a form of
  // another site.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Strict-Transport-Security': 'max-age=31536000',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}
