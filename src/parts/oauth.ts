import { createFindDocument } from '../oauth/document.ts'
import { createOauthApp } from '../oauth/routes.ts'
import { publicReach } from '../upkeep/fetch.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export function create(deps: PartDeps): Answer {
  const { oauth: terms, loginHost, sites } = deps.config
  if (!terms) return answering(deps)
  const findDocument = createFindDocument(publicReach(deps.guarded))
  return answering(
    deps,
    createOauthApp({ ...deps, db: deps.stores.db, terms, loginHost, sites, findDocument }),
  )
}
