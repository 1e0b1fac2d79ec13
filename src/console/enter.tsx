/** Into the console by a one-time link, and out again. */
import { Hono } from 'hono/tiny'
import type { AdminDeps, AdminEnv } from '../admin/part.ts'
import { ownHeaders } from '../lib/page.ts'
import { CONSOLE_PATH } from '../lib/paths.ts'
import { isSameOrigin } from '../lib/same-origin.ts'
import { clearedEntry, consoleEntry, hashCode, newEntry, readEntry } from './enter-cookie.ts'
import { enter, isOpen, leave } from '../admin/link-store.ts'
import { readForm } from './form.ts'
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
    const form = await readForm(c.req.raw)
    const codeHash = await hashCode(form.ok ? (form.value.get('code')?.[0] ?? '') : '')
    // Made here and not an argument: a session that can be guessed protects nothing.
    const { sessionHash, cookie } = await newEntry(
      consoleEntry,
      crypto.getRandomValues(new Uint8Array(32)),
    )
    const entered = codeHash === null ? null : await enter(db, { codeHash, sessionHash }, visit.now)
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
    return new Response(null, {
      status: 303,
      headers: { ...ownHeaders, Location: CONSOLE_PATH, 'Set-Cookie': cookie },
    })
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
