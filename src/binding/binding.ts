/** What an isolate needs to bind sessions to devices, made of the Worker's secrets. */
import { createDailySealer, type SealingSecrets } from '../lib/seal.ts'
import { BOUND_PURPOSE, createBoundCookies } from '../session/bound-cookie.ts'
import { CHALLENGE_PURPOSE, createChallenges } from './challenge.ts'

export const createBinding = (secrets: SealingSecrets) => ({
  boundCookies: createBoundCookies(createDailySealer(secrets, BOUND_PURPOSE)),
  challenges: createChallenges(createDailySealer(secrets, CHALLENGE_PURPOSE)),
})
