/** Asks an identity provider to sign a person out by SOAP: from here, without the browser. */
import type { Connection } from '../connection/connection.ts'
import { readText } from '../lib/body.ts'
import { err, type Result } from '../lib/result.ts'
import { soapEnvelope } from '../saml/outgoing/logout.ts'
import type { Visit } from '../site/visit.ts'
import { piecesOf, type MetadataReach } from '../upkeep/fetch.ts'
import { readAnswer } from './answer.ts'
import type { LogoutDeps } from './deps.ts'
import type { Outcome } from './kept.ts'
import { auditRefusal } from './refuse.ts'

/** Of an envelope, in both directions. */
export const MAX_SOAP_BYTES = 64 * 1024
/** The person waits for it. */
const SOAP_SECONDS = 10

interface AskBySoap {
  readonly connection: Connection
  readonly url: string
  readonly id: string
  /** The signed LogoutRequest. */
  readonly xml: string
}

export async function askBySoap(
  visit: Visit,
  { connection, url, id, xml }: AskBySoap,
  deps: LogoutDeps,
): Promise<Outcome> {
  const answer = await post(url, soapEnvelope(xml), deps.reach)
  if (!answer.ok) {
    auditRefusal(visit, connection, { reason: 'logout-unanswered', url, fault: answer.error }, deps)
    return 'silent'
  }
  const message = { binding: 'soap', xml: answer.value } as const
  return readAnswer(visit, { message, connection, requestId: id }, deps)
}

/**
 * Redirects are not followed: the message names a person, and is for this address alone.
 *
 * @returns the body of an answer with 200, which every SAML status has (Bindings §3.2.3.3). The error
 * goes on from "The address".
 */
async function post(
  url: string,
  body: string,
  { fetch, judgeAddress }: MetadataReach,
): Promise<Result<string, string>> {
  const problem = judgeAddress(url, url)
  if (problem !== null) return err(problem)
  const signal = AbortSignal.timeout(SOAP_SECONDS * 1000)
  const asked = fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  const response = await asked.catch(() => null)
  if (!response) return err(noAnswer)
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined)
    return err(`answered ${response.status}, not 200`)
  }
  const read = await readText({ body: piecesOf(response.body, signal) }, MAX_SOAP_BYTES)
  return read.ok ? read : err(explained[read.error])
}

const headers = {
  'Content-Type': 'text/xml; charset=utf-8',
  // Bindings §3.2.3.1.
  SOAPAction: '"http://www.oasis-open.org/committees/security"',
  // Bindings §3.2.3.2.
  'Cache-Control': 'no-cache, no-store',
  Pragma: 'no-cache',
}

const noAnswer = `did not answer within ${SOAP_SECONDS} seconds, or cannot be reached`
const explained = {
  'too-large': `sends more than ${MAX_SOAP_BYTES / 1024} KiB`,
  'cut-off': noAnswer,
  'not-utf8': 'sends what is not UTF-8',
}
