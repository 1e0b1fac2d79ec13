import type { Visit } from '../site/visit.ts'
import { explain, toPublic } from './error.ts'
import { refusedPage } from './refused-page.ts'
import { tellRefused, toTold, type RefusedLogin, type RefuseDeps } from './told.ts'

/** Writes the refusal with every fact to the audit, and shows the visitor a page. */
export function answerRefused(
  visit: Visit,
  refused: RefusedLogin,
  deps: RefuseDeps,
): Promise<Response> {
  const { refusal, returnTo } = refused
  const connection = typeof refused.connection === 'string' ? null : refused.connection
  tellRefused(visit, refused, toTold(refusal, explain(refusal.error)), deps)
  const person = refusal.named?.person ?? null
  return refusedPage(visit, {
    shown: toPublic(refusal.error, visit.words()),
    as: connection && person !== null ? { person, provider: connection.displayName } : null,
    connection: connection?.id ?? null,
    returnTo,
  })
}
