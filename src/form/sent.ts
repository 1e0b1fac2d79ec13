/** Forms at the gate. The code that keeps and opens them loads with the first form. */
import { onDemand } from '../lib/part.ts'
import type { LiveSession } from '../session/session.ts'
import type { SiteVisit } from '../site/visit.ts'
import type { FormDeps, Incoming, SentForm } from './keep.ts'

/** The purpose that createDailySealer needs for forms. */
export const FORM_PURPOSE = 'kept-forms'

const findForms = onDemand('forms', () => import('./keep.ts'))

/**
 * Only a navigation of this site's own pages with a body of plain text is looked into. Any other
 * form passes as it is.
 *
 * @param request of a person who sent a form.
 * @returns null for a kept form that cannot be opened any more, or that goes elsewhere.
 */
export async function readSent(
  request: Request,
  visit: SiteVisit,
  deps: FormDeps,
): Promise<Incoming | null> {
  const { method, headers } = request
  const mayBeKept =
    method === 'POST' &&
    headers.get('Sec-Fetch-Site') === 'same-origin' &&
    headers.get('Content-Type')?.toLowerCase().startsWith('text/plain')
  if (!mayBeKept) return { request, sent: null }
  return (await findForms()).readKept(request, visit, deps)
}

/** @returns the refusal; null if the form may be sent. */
export const useUp = async (
  sent: SentForm,
  live: LiveSession | null,
  visit: SiteVisit,
  deps: FormDeps,
): Promise<Response | null> => (await findForms()).useUp(sent, live, visit, deps)
