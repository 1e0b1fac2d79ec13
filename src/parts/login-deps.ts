import { createKeepAttempt } from '../attempt/keep.ts'
import { knownCertificates } from '../connection/known-certificates.ts'
import { onDemand } from '../lib/part.ts'
import { createDailySealer, createSealer } from '../lib/seal.ts'
import type { AnswerDeps } from '../login/answer.ts'
import { PENDING_PURPOSE } from '../login/pending.ts'
import type { PartDeps } from './deps.ts'

/**
 * What sign-in and logout both need, one of each for the whole isolate: certificates and our keys are
 * remembered in it.
 */
export function create(deps: PartDeps): AnswerDeps {
  const { stores, config, secrets } = deps
  const { db } = stores
  return {
    ...deps,
    sealer: createDailySealer(secrets, PENDING_PURPOSE),
    keepAttempt: createKeepAttempt(db, config.attempts),
    findSpKeys: onDemand('sp-keys', async () => {
      const { createSpKeys, SP_KEYS_PURPOSE } = await import('../sp/keys.ts')
      return createSpKeys(db, await createSealer(secrets, SP_KEYS_PURPOSE))
    }),
    certificates: knownCertificates(),
  }
}
