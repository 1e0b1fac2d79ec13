import { createLoginApp } from '../login/routes.ts'
import type { AnswerDeps } from '../login/answer.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export const create = (deps: PartDeps, login: AnswerDeps): Answer =>
  answering(deps, createLoginApp(login))
