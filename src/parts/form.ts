import { createFormApp } from '../form/routes.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export const create = (deps: PartDeps): Answer =>
  answering(deps, createFormApp({ ...deps, sealer: deps.forms.sealer }))
