import { createSloApp } from '../logout/slo-routes.ts'
import type { AnswerDeps } from '../login/answer.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'
import { toLogoutDeps } from './logout-deps.ts'

export const create = (deps: PartDeps, login: AnswerDeps): Answer =>
  answering(deps, createSloApp(toLogoutDeps(deps, login)))
