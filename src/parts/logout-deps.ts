import { createDailySealer } from '../lib/seal.ts'
import type { AnswerDeps } from '../login/answer.ts'
import type { LogoutDeps } from '../logout/deps.ts'
import { LOGOUT_PURPOSE } from '../logout/kept.ts'
import { publicReach } from '../upkeep/fetch.ts'
import type { PartDeps } from './deps.ts'

export const toLogoutDeps = (deps: PartDeps, login: AnswerDeps): LogoutDeps => ({
  ...login,
  logoutSealer: createDailySealer(deps.secrets, LOGOUT_PURPOSE),
  targets: deps.config.signOutTargets,
  reach: publicReach(deps.guarded),
})
