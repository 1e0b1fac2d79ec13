import { createLoginApp } from '../login/routes.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'
import { createLoginDeps } from './login-deps.ts'

export const create = async (deps: PartDeps): Promise<Answer> =>
  answering(deps, createLoginApp(await createLoginDeps(deps)))
