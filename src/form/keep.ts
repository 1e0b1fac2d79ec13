/** A form is posted without a session, and again after sign-in, when the person confirms it. */
import { utf8 } from '../lib/bytes.ts'
import { readBytes } from '../lib/body.ts'
import { MAX_RETURN_LENGTH, targetOf } from '../lib/paths.ts'
import { FORM_KEY } from '../lib/tab-memory.ts'
import type { DailySealer } from '../lib/seal.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import {
  isOfOther,
  MAX_FORM_BYTES,
  MAX_SEALED,
  openForm,
  sealForm,
  type Again,
  type KeptForm,
} from './kept.ts'
import { keptPage, notKeptPage, otherPersonPage, sentBeforePage } from './pages.ts'
import { takeForm } from './store.ts'

export interface FormDeps {
  readonly db: D1Database
  readonly sealer: DailySealer
  readonly newId: () => string
}

export interface SentForm {
  readonly kept: KeptForm
  readonly sealed: string
}

export interface Posted {
  /** A form that was kept before, and that this request sends. */
  readonly sent: SentForm | null
  /** The person of the session that has ended; null: unknown. */
  readonly userId: string | null
  /** Path and query of the page that the form was on. */
  readonly from: string
  /** What a policy asks of a new sign-in; null: nobody is signed in. */
  readonly again: Again | null
  /** Of the answer. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Keeps a form of the site's own pages. A form of another origin is never kept: sent again, it would
 * come from a page of this site, so the site behind would take it for its own.
 */
export async function keepForm(
  request: Request,
  visit: SiteVisit,
  { sent, userId, from, again, headers }: Posted,
  deps: FormDeps,
): Promise<Response> {
  await visit.learn()
  const fetchSite = request.headers.get('Sec-Fetch-Site')
  const shown = { again, headers }
  // The session ended again before the person sent the form, which is still theirs.
  if (sent) return keptPage(visit, sent.sealed, shown)
  const form = fetchSite === 'same-origin' ? await toKept(request, visit, userId, deps) : null
  if (!form) return notKeptPage(visit, fetchSite === 'cross-site', shown)
  return keptPage(visit, await sealForm({ ...form, from }, visit, deps.sealer), shown)
}

/** The encodings that forms have (HTML, `enctype`). */
const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

async function toKept(
  request: Request,
  { url, now }: SiteVisit,
  userId: string | null,
  { newId }: FormDeps,
): Promise<Omit<KeptForm, 'from'> | null> {
  const contentType = request.headers.get('Content-Type') ?? ''
  const target = targetOf(url)
  if (request.method !== 'POST' || !formTypes.test(contentType) || contentType.length > 200) {
    return null
  }
  if (target.length > MAX_RETURN_LENGTH) return null
  const body = await readBytes(request, MAX_FORM_BYTES)
  if (!body.ok) return null
  return { id: newId(), keptAt: now, userId, target, contentType, body: body.value }
}

export interface Incoming {
  readonly request: Request
  /** The kept form that the request sends; null: it is any other request. */
  readonly sent: SentForm | null
}

const begin = utf8(`${FORM_KEY}=`)

/**
 * A kept form that our page sends becomes the request that it was. Any other text passes as it is.
 *
 * @param request a form of this site's own pages, with a body of plain text.
 * @returns null for a kept form that cannot be opened any more, or that goes elsewhere.
 */
export async function readKept(
  request: Request,
  visit: SiteVisit,
  { sealer }: FormDeps,
): Promise<Incoming | null> {
  const most = begin.length + MAX_SEALED + 2
  const isShort = Number(request.headers.get('Content-Length') ?? Infinity) <= most
  if (!isShort) return { request, sent: null }
  const read = await readBytes(request, most)
  if (!read.ok) return null
  const body = read.value
  if (!begin.every((byte, i) => body[i] === byte)) {
    return { request: new Request(request, { method: 'POST', body }), sent: null }
  }
  const sealed = new TextDecoder().decode(body.slice(begin.length)).trim()
  const kept = await openForm(sealed, visit, sealer)
  if (kept?.target !== targetOf(visit.url)) return null
  const restored = new Request(request, { method: 'POST', body: kept.body })
  restored.headers.set('Content-Type', kept.contentType)
  restored.headers.set('Referer', visit.site.url + kept.from)
  restored.headers.delete('Content-Length')
  return { request: restored, sent: { kept, sealed } }
}

/**
 * Uses the form up, just before the site behind gets it.
 *
 * @returns the refusal; null if the form may be sent.
 */
export async function useUp(
  { kept }: SentForm,
  live: LiveSession | null,
  visit: SiteVisit,
  { db }: FormDeps,
): Promise<Response | null> {
  await visit.learn()
  // On a route that has become public nobody looks at the session.
  if (!live || isOfOther(kept, live.session.userId)) return otherPersonPage(visit)
  return (await takeForm(db, kept)) ? null : sentBeforePage(visit, kept)
}
