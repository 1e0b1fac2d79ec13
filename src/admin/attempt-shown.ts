/** An attempt to sign in with what an operator sees of it: steps, message, certificates, open routes. */
import type { KeptAttempt } from '../attempt/attempt.ts'
import { findAttempt } from '../attempt/read-store.ts'
import { findConnection } from '../connection/store.ts'
import type { Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { stepsOf, type Step } from './attempt-steps.ts'
import type { Context } from './context.ts'
import { openRoutes, type OpenRoute } from './routes-open.ts'
import { certificatesIn, readKept, showXml } from './xml-shown.ts'

export interface ShownAttempt {
  readonly attempt: KeptAttempt
  readonly steps: readonly Step[]
  readonly document: readonly string[]
  readonly certificates: readonly ShownCertificate[]
  readonly routes: readonly OpenRoute[] | null
  /** Whether the connection is still there. */
  readonly hasConnection: boolean
}

export interface ShownCertificate {
  readonly fingerprint: string
  readonly notAfter: Instant
  /** Whether it is one of the connection's, as the connection is now. */
  readonly isKnown: boolean
}

export interface UnknownAttempt {
  readonly reason: 'unknown-attempt'
  readonly number: string
}

export async function showAttempt(
  { db, config, now }: Context,
  number: string,
): Promise<Result<ShownAttempt, UnknownAttempt>> {
  const attempt = await findAttempt(db, number.trim().toLowerCase())
  if (!attempt) return err({ reason: 'unknown-attempt', number })
  const { connection: id, document, reason, kind } = attempt
  const connection = id === null ? null : await findConnection(db, id)
  const root = document === null ? null : readKept(document)
  const brought = root ? await certificatesIn(root) : []
  const person = kind === 'test' && reason === null && connection ? personIn(attempt) : null
  return ok({
    attempt,
    steps: stepsOf(attempt),
    hasConnection: connection !== null,
    document: root ? showXml(root) : [],
    certificates: brought.map(({ certificate: { notAfter }, fingerprint }) => ({
      fingerprint,
      notAfter,
      isKnown: connection?.certificates.some((own) => own.fingerprint === fingerprint) ?? false,
    })),
    routes: person && connection ? openRoutes(person, connection.id, { config, now }) : null,
  })
}

/** As the test kept them. */
function personIn({ facts }: KeptAttempt) {
  const { email, groups } = facts
  return {
    email: typeof email === 'string' ? email : null,
    groups: typeof groups === 'object' && groups !== null ? groups : [],
    areGroupsOmitted: facts['areGroupsOmitted'] === true,
  }
}
