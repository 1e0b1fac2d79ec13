/** The console and the API, as one side of the Worker. */
import { Hono } from 'hono/tiny'
import { removeHandOvers } from './admin/handover-store.ts'
import { removeLinks } from './admin/link-store.ts'
import type { AdminDeps, AdminEnv, AdminSide } from './admin/part.ts'
import { createApiApp, tidyApi } from './api/routes.ts'
import { createHandOverApp } from './console/handover.tsx'
import { createConsoleApp, createUnsafeApp } from './console/routes.tsx'
import { ASSETS_PATH, CONSOLE_PATH, HANDOVER_PATH } from './lib/paths.ts'
import { isConsoleSafe } from './site/admins-config.ts'
import { isLoginHost } from './site/host.ts'

export function createAdminSide(deps: AdminDeps): AdminSide {
  const app = new Hono<AdminEnv>()
  const { admins, loginHost, sites } = deps.config
  const isSafe = isConsoleSafe(admins, loginHost, sites)
  for (const path of [CONSOLE_PATH, HANDOVER_PATH, ASSETS_PATH].flatMap((each) => [
    each,
    `${each}/*`,
  ])) {
    app.use(path, (c, next) =>
      isLoginHost(c.var.visit.host, deps.hosts) ? next() : Promise.resolve(c.notFound()),
    )
  }
  app.route('/', isSafe ? createConsoleApp(deps) : createUnsafeApp())
  if (isSafe) app.route('/', createHandOverApp(deps))
  app.route('/', createApiApp(deps))
  const { db } = deps.stores
  return {
    app,
    async tidy(now) {
      await removeLinks(db, now)
      await removeHandOvers(db, now)
      await tidyApi(db, now)
    },
  }
}
