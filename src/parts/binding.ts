import { createBindingApp } from '../binding/routes.ts'
import { findSite } from '../site/match.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export const create = (deps: PartDeps): Answer =>
  answering(
    deps,
    createBindingApp({
      ...deps,
      db: deps.stores.db,
      routesOf: ({ url }) => findSite(deps.config.sites, url)?.routes ?? [],
    }),
  )
