/** Into the console by a one-time link, and out again. */
import { Hono } from 'hono/tiny'
import type { AdminDeps, AdminEnv } from '../admin/part.ts'
import { CONSOLE_PATH } from '../lib/paths.ts'
import { isSameOrigin } from '../lib/same-origin.ts'
import { clearedEntry, consoleEntry, hashCode, readEntering, readEntry } from './enter-cookie.ts'
import { enter, isOpen, leave } from '../admin/link-store.ts'
import { seeOther } from './respond.tsx'
import { deadLinkPage, enterPage, leftPage, notSamePage } from './stops.tsx'

export function createEnterApp({ stores: { db }, audit }: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>()

  // A program that looks at links in messages must not use the link up, so a person presses a button.
  app.get(`${CONSOLE_PATH}/enter`, async (c) => {
    const { visit } = c.var
    const code = c.req.query('code') ?? ''
    const hash = await hashCode(code)
    return hash !== null && (await isOpen(db, hash, visit.now))
      ? enterPage(code, visit)
      : deadLinkPage(visit)
  })

  app.post(`${CONSOLE_PATH}/enter`, async (c) => {
    const { visit } = c.var
    if (!isSameOrigin(c.req.raw, visit.host.url)) return notSamePage(visit)
    const entering = await readEntering(consoleEntry, c.req.raw)
    const entered = entering && (await enter(db, entering, visit.now))
    if (!entered) return deadLinkPage(visit)
    audit(visit)({
      kind: 'operator',
      actor: 'console',
      operator: entered.madeBy,
      command: 'admin enter',
      connection: null,
      user: null,
      facts: { link: entered.id },
    })
    return seeOther(CONSOLE_PATH, entering.cookie)
  })

  app.post(`${CONSOLE_PATH}/leave`, async (c) => {
    const { visit } = c.var
    if (!isSameOrigin(c.req.raw, visit.host.url)) return notSamePage(visit)
    const hash = await readEntry(consoleEntry, c.req.raw.headers)
    if (hash !== null) await leave(db, hash, visit.now)
    const page = await leftPage(visit)
    page.headers.append('Set-Cookie', clearedEntry(consoleEntry))
    return page
  })

  return app
}
