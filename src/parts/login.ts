import { createLoginApp, type LoginDeps } from '../login/routes.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export const create = (deps: PartDeps, login: LoginDeps): Answer =>
  answering(deps, createLoginApp(login))
