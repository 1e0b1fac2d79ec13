/** In JSON the token has had this name from the beginning. */
import { ok } from '../src/lib/result.ts'
import type { Outcome } from './command.ts'
import type { Done } from './face.ts'

export const nameToken = (outcome: Outcome, { answer: { secret, facts } }: Done): Outcome =>
  outcome.ok ? ok({ ...outcome.value, json: { token: secret, ...facts } }) : outcome
