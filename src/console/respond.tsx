/** Turns a page of the console into a response: its frame, its headers, its Content-Security-Policy. */
import type { Child } from 'hono/jsx'
import { html } from 'hono/html'
import { ownHeaders } from '../lib/own-headers.ts'
import { ASSETS_PATH, CONSOLE_PATH } from '../lib/paths.ts'
import type { Visit } from '../site/visit.ts'
import type { Admin } from './admin.ts'
import { clearedFlash, type Flash } from './flash.ts'
import { Frame } from './frame.tsx'

export interface ToShow {
  readonly status: number
  readonly title: string
  /** The section of the menu; null: none. */
  readonly section: string | null
  readonly body: Child
  /** null: the visitor is no admin, and sees no menu. */
  readonly admin: Admin | null
  /** The people that a hand-over link is for. */
  readonly handedTo?: string
  readonly flash: Flash | null
}

/** A page that stands alone: what is wrong, and what to do next. */
type Stop = Pick<ToShow, 'status' | 'title' | 'body'>

export const stop = (page: Stop, visit: Visit): Promise<Response> =>
  respond({ ...page, section: null, admin: null, flash: null }, visit)

/** To the page that comes after a form. */
export const seeOther = (location: string, cookie: string): Response =>
  new Response(null, {
    status: 303,
    headers: { ...ownHeaders, Location: location, 'Set-Cookie': cookie },
  })

export async function respond(shown: ToShow, { host, requestId, url }: Visit): Promise<Response> {
  const here = url.pathname.slice(CONSOLE_PATH.length)
  const document = await html`<!doctype html>
    ${(<Frame {...shown} here={here} requestId={requestId} />)}`
  const files = `${host.url}${ASSETS_PATH}`
  const response = new Response(String(document), {
    status: shown.status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': [
        "default-src 'none'",
        'img-src data:',
        `style-src ${files}/console.css`,
        `script-src ${files}/console.js`,
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      ...ownHeaders,
      Vary: 'Cookie',
    },
  })
  if (shown.flash) response.headers.append('Set-Cookie', clearedFlash)
  return response
}
