/**
 * Renders a page of the demo's own programs. Everything is escaped, and only the given script may
 * run.
 */
import { html, raw } from 'hono/html'

export type Html = ReturnType<typeof html>

export interface Page {
  readonly status?: number
  readonly title: string
  readonly style: string
  readonly body: Html
  readonly script?: string
  /** CSP sources that forms may post to, redirects included. */
  readonly formAction?: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function renderPage(page: Page): Promise<Response> {
  const nonce = crypto.randomUUID()
  const document = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title}</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          ${raw(page.style)}
        </style>
      </head>
      <body>
        ${page.body}
        ${
          page.script
            ? html`<script nonce="${nonce}">
                ${raw(page.script)}
              </script>`
            : ''
        }
      </body>
    </html>`
  const policy = [
    "default-src 'none'",
    'img-src data:',
    "connect-src 'self'",
    `style-src 'nonce-${nonce}'`,
    ...(page.script ? [`script-src 'nonce-${nonce}'`] : []),
    `form-action ${page.formAction ?? "'self'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  return new Response(String(document), {
    status: page.status ?? 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      ...page.headers,
    },
  })
}

/** Answers the request for an icon, because browsers report a 404 as an error. */
export const noIcon = (): Response => new Response(null, { status: 204 })
