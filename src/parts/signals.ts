import { createChoose } from '../signals/refresh.ts'
import { createSignalsApp } from '../signals/routes.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export function create(deps: PartDeps): Answer {
  const { db } = deps.stores
  const choose = createChoose({ db, reach: publicReach(deps.guarded) })
  return answering(deps, createSignalsApp({ ...deps, db, choose }))
}
