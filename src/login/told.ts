/** What an operator is told of a refused sign-in. */
import type { KeepAttempt } from '../attempt/keep.ts'
import type { Audit, Facts } from '../audit/event.ts'
import type { Connection } from '../connection/connection.ts'
import type { Visit } from '../site/visit.ts'
import type { Refusal } from './error.ts'
import type { ReturnTo } from './return-to.ts'

export interface RefusedLogin {
  /**
   * null: not known. An id alone: this host knows no more, or the connection takes no sign-ins. Then
   * only the operator is told of it.
   */
  readonly connection: Connection | string | null
  readonly refusal: Refusal
  readonly returnTo: ReturnTo
}

export interface RefuseDeps {
  readonly audit: (visit: Visit) => Audit
  readonly keepAttempt: KeepAttempt
}

export interface ToldRefusal {
  readonly user: string | null
  readonly reason: string
  readonly facts: Facts
}

/**
 * The reason, the person that the response names, the facts, and advice.
 *
 * @param explained null: the words for it do not load.
 */
export function toTold(
  { error, named }: Pick<Refusal, 'error' | 'named'>,
  explained: string | null,
): ToldRefusal {
  const { reason, ...facts } = error.reason === 'response' ? error.error : error
  const who = named ? { person: named.person, subject: named.subject } : {}
  return {
    user: named?.user ?? null,
    reason,
    facts: { ...facts, ...who, ...(explained !== null && { explained }) },
  }
}

/** Writes it to the audit, and keeps the attempt. */
export function tellRefused(
  visit: Visit,
  { connection, refusal }: RefusedLogin,
  told: ToldRefusal,
  deps: RefuseDeps,
): void {
  const { authority } = visit.host
  const from = typeof connection === 'string' ? connection : (connection?.id ?? null)
  deps.audit(visit)({ kind: 'login-refused', site: authority, connection: from, ...told })
  deps.keepAttempt(visit, {
    id: visit.requestId,
    kind: 'sign-in',
    host: authority,
    connection: from,
    person: refusal.named?.person ?? null,
    seen: refusal.seen,
    ...told,
  })
}
