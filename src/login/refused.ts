import type { KeepAttempt } from '../attempt/keep.ts'
import type { Audit } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import type { Visit } from '../site/visit.ts'
import { toAudit, toPublic, type Refusal } from './error.ts'
import { refusedPage } from './refused-page.ts'
import type { ReturnTo } from './return-to.ts'

export interface RefusedLogin {
  readonly connection: Connection | null
  readonly refusal: Refusal
  readonly returnTo: ReturnTo
}

export interface RefuseDeps {
  readonly audit: (visit: Visit) => Audit
  readonly keepAttempt: KeepAttempt
}

/** Writes the refusal with every fact to the audit, and shows the visitor a page. */
export function answerRefused(
  visit: Visit,
  { connection, refusal, returnTo }: RefusedLogin,
  deps: RefuseDeps,
): Promise<Response> {
  const { host } = visit
  const from = connection?.id ?? null
  const told = toAudit(refusal)
  deps.audit(visit)({ kind: 'login-refused', site: host.authority, connection: from, ...told })
  const person = refusal.named?.person ?? null
  deps.keepAttempt(visit, {
    id: visit.requestId,
    kind: 'sign-in',
    host: host.authority,
    connection: from,
    person,
    seen: refusal.seen,
    ...told,
  })
  return refusedPage(visit, {
    shown: toPublic(refusal.error, visit.words()),
    as: connection && person !== null ? { person, provider: connection.displayName } : null,
    connection: from,
    returnTo,
  })
}
