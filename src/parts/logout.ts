import { createDailySealer } from '../lib/seal.ts'
import { LOGOUT_PURPOSE } from '../logout/kept.ts'
import { createLogoutApp } from '../logout/routes.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'
import { createLoginDeps } from './login-deps.ts'

export const create = async (deps: PartDeps): Promise<Answer> =>
  answering(
    deps,
    createLogoutApp({
      ...(await createLoginDeps(deps)),
      logoutSealer: createDailySealer(deps.secrets, LOGOUT_PURPOSE),
      targets: deps.config.signOutTargets,
      reach: publicReach(deps.guarded),
    }),
  )
