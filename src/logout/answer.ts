/** The identity provider's answer to our LogoutRequest, whatever carried it. */
import type { Connection } from '../connection/connection.ts'
import { toLogoutExpect } from '../connection/expect.ts'
import { rememberCertificates } from '../connection/remember-certificates.ts'
import type { Received } from '../saml/incoming/logout-message.ts'
import { openLogoutResponse, type LogoutAnswer } from '../saml/incoming/logout.ts'
import type { Visit } from '../site/visit.ts'
import type { LogoutDeps } from './deps.ts'
import { auditRefusal } from './refuse.ts'

interface AnswerOf {
  readonly message: Received
  readonly connection: Connection
  /** ID of our LogoutRequest. */
  readonly requestId: string
}

/** Only an answer that is verified says what has ended there. Otherwise the audit has the reason. */
export async function readAnswer(
  visit: Visit,
  { message, connection, requestId }: AnswerOf,
  deps: LogoutDeps,
): Promise<LogoutAnswer['status'] | 'unverified'> {
  const { host, now } = visit
  const prepareCertificate = rememberCertificates(deps.certificates)
  const isSoap = message.binding === 'soap'
  const opened = await openLogoutResponse(message, {
    ...toLogoutExpect(connection, { host, isSoap, prepareCertificate, decryptionKeys: [], now }),
    inResponseTo: requestId,
  })
  if (!opened.ok) {
    auditRefusal(visit, connection, { reason: 'message', error: opened.error }, deps)
    return 'unverified'
  }
  const { status, codes } = opened.value
  deps.audit(visit)({
    kind: 'idp-logout-answered',
    connection: connection.id,
    status,
    codes: codes.map((code) => code.slice(0, 200)),
  })
  return status
}
