import { createLogoutApp } from '../logout/routes.ts'
import type { AnswerDeps } from '../login/answer.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'
import { toLogoutDeps } from './logout-deps.ts'

export const create = (deps: PartDeps, login: AnswerDeps): Answer =>
  answering(deps, createLogoutApp(toLogoutDeps(deps, login)))
