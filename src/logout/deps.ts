import type { DailySealer } from '../lib/seal.ts'
import type { AnswerDeps } from '../login/answer.ts'
import type { MetadataReach } from '../upkeep/fetch.ts'
import type { SignOutTarget } from '../site/sign-out-config.ts'

export interface LogoutDeps extends AnswerDeps {
  /** Made for LOGOUT_PURPOSE. */
  readonly logoutSealer: DailySealer
  /** Where people may go on to after sign-out. */
  readonly targets: readonly SignOutTarget[]
  /** How identity providers are asked by SOAP. */
  readonly reach: MetadataReach
}
