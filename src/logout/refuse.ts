import type { Connection } from '../connection/connection.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { soapFault } from '../saml/outgoing/logout.ts'
import type { Visit } from '../site/visit.ts'
import type { LogoutDeps } from './deps.ts'
import { toAudit, type LogoutError } from './error.ts'
import { refusedLogoutPage } from './idp-pages.ts'

/** The visitor sees that it failed; the operator finds why in the audit, by the request number. */
export function refuseLogout(
  visit: Visit,
  connection: Connection | null,
  error: LogoutError,
  deps: LogoutDeps,
): Promise<Response> {
  auditRefusal(visit, connection, error, deps)
  return error.reason === 'logout-unknown' || error.reason === 'logout-replayed'
    ? refusedLogoutPage(visit, { status: 400, text: 'logout-unknown' })
    : refusedLogoutPage(visit, { status: 403, text: 'logout-refused' })
}

/** The sender is not verified, so the answer is no SAML message, and gives no reason. */
export function refuseSoap(
  visit: Visit,
  connection: Connection | null,
  error: LogoutError,
  deps: LogoutDeps,
): Response {
  auditRefusal(visit, connection, error, deps)
  const words = `The LogoutRequest was not accepted. Gatehouse has the reason under the request number ${visit.requestId}.`
  return new Response(soapFault(words), {
    // SOAP 1.1 §6.2: a fault comes with 500.
    status: 500,
    headers: { ...ownHeaders, 'Content-Type': 'text/xml; charset=utf-8' },
  })
}

export function auditRefusal(
  visit: Visit,
  connection: Connection | null,
  error: LogoutError,
  deps: LogoutDeps,
): void {
  const site = visit.host.authority
  const from = connection?.id ?? null
  deps.audit(visit)({ kind: 'logout-refused', site, connection: from, ...toAudit(error) })
}
