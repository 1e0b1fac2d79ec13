import { createHealthApp } from '../health/routes.ts'
import { createIdentityApp } from '../identity/routes.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

/** What monitors and origins ask: whether the Worker is well, and the keys of our tokens. */
export const create = (deps: PartDeps): Answer =>
  answering(deps, createHealthApp(deps.stores), createIdentityApp(deps))
