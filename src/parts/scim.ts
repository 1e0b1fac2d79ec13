import { Hono } from 'hono/tiny'
import { SCIM_PREFIX } from '../lib/paths.ts'
import { createScimApp } from '../scim/routes.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export function create(deps: PartDeps): Answer {
  const here = new Hono<{ Variables: { visit: Visit } }>()
  here.use(`${SCIM_PREFIX}/*`, (c, next) =>
    isLoginHost(c.var.visit.host, deps.hosts) ? next() : Promise.resolve(c.notFound()),
  )
  return answering(deps, here, createScimApp<Visit>({ ...deps, db: deps.stores.db }))
}
