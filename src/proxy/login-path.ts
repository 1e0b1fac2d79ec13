/** The way to sign-in, and back. */
import type { SentForm } from '../form/keep.ts'
import type { Again } from '../form/kept.ts'
import { ANEW, BACK_PATH, LOGIN_PATH, MAX_RETURN_LENGTH, targetOf } from '../lib/paths.ts'
import type { Anew } from '../policy/anew.ts'
import type { SessionReading } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import { kindOf } from './request-kind.ts'

/** Why a visitor must sign in. */
export interface Asking {
  readonly reading: SessionReading
  readonly sent: SentForm | null
  /** What a policy asks of a new sign-in; null: nobody is signed in. */
  readonly anew: Anew | null
}

export const againOf = ({ reading, anew }: Asking): Again | null =>
  anew && reading.kind === 'live'
    ? { contexts: anew.contexts ?? [], connection: reading.live.session.connection }
    : null

/** @param again what a policy asks of a new sign-in; null: nobody is signed in. */
export function loginPath(to: string, again: Again | null): string {
  const query = new URLSearchParams(
    again ? { connection: again.connection, [ANEW]: again.contexts.join(' ') } : {},
  )
  return `${LOGIN_PATH}?to=${encodeURIComponent(to)}${again ? '&' : ''}${query.toString()}`
}

/**
 * Where to go after sign-in: the page that was asked for, or the page that a form was on. If the
 * address is too long to send along, the tab remembers it (`rememberHere`).
 */
export function returnPath(request: Request, visit: SiteVisit): string {
  if (kindOf(request) !== 'page') return referringPage(request, visit)
  const to = targetOf(visit.url)
  return to.length > MAX_RETURN_LENGTH ? BACK_PATH : to
}

/**
 * Sign-in never returns to a background request's address, but to the page that made the request.
 */
export function referringPage(request: Request, { site }: SiteVisit): string {
  const referer = request.headers.get('Referer')
  if (referer === null || !URL.canParse(referer)) return '/'
  const { origin, pathname, search } = new URL(referer)
  const to = pathname + search
  return origin === site.url && to.length <= MAX_RETURN_LENGTH ? to : '/'
}
