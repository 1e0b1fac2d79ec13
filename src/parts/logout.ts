import { createDailySealer } from '../lib/seal.ts'
import type { LoginDeps } from '../login/routes.ts'
import { LOGOUT_PURPOSE } from '../logout/kept.ts'
import { createLogoutApp } from '../logout/routes.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export const create = (deps: PartDeps, login: LoginDeps): Answer =>
  answering(
    deps,
    createLogoutApp({
      ...login,
      logoutSealer: createDailySealer(deps.secrets, LOGOUT_PURPOSE),
      targets: deps.config.signOutTargets,
      reach: publicReach(deps.guarded),
    }),
  )
