import type { FC } from 'hono/jsx'
import { Hono } from 'hono/tiny'
import type { AdminDeps, AdminEnv } from '../admin/part.ts'
import { adminTokenCreate } from '../admin/admin-tokens.ts'
import { adminLink } from '../admin/link.ts'
import { withinSeconds, type Operation } from '../admin/operation.ts'
import { mayDo, type Context, type Operator, type Scope } from '../admin/context.ts'
import type { Block } from '../admin/view.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { ASSETS_PATH, CONSOLE_PATH, LOGIN_PATH } from '../lib/paths.ts'
import { isSameOrigin } from '../lib/same-origin.ts'
import { createDailySealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'
import { findVisitor, type Admin, type Visitor } from './admin.ts'
import { findChange, needsSignIn, readChange, run, toFlash, type Change } from './change.ts'
import { answerExport, EXPORT_PATH } from './audit-export.ts'
import { contextOf } from './context.ts'
import { answerPersonExport } from './person-export.ts'
import { createEnterApp } from './enter.tsx'
import { FLASH_PURPOSE, flashCookie, readFlash, type Flash } from './flash.ts'
import { readForm } from './form.ts'
import { matchPage } from './match.ts'
import type { RefusedForm } from './page.ts'
import { pages } from './pages.ts'
import { respond, seeOther } from './respond.tsx'
import {
  besideSitePage,
  forbiddenPage,
  newLinkPage,
  noAssetsPage,
  noWayInByLinkPage,
  notSamePage,
  signInAgainPage,
  strangerPage,
  tooLargePage,
} from './stops.tsx'
import { Blocks } from './blocks.tsx'

const files: Readonly<Record<string, string>> = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
}

/** They outlast the session. */
const waysIn: readonly Operation[] = [adminLink, adminTokenCreate]

/** What a page is shown with. */
interface Showing {
  readonly admin: Admin
  readonly context: Context
  readonly visit: Visit
  readonly refused: RefusedForm | null
  /** Of the refusal: such as what it would remove. */
  readonly view: readonly Block[]
  readonly flash: Flash | null
  readonly status: number
}

export function createConsoleApp(deps: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>()
  const sealer = createDailySealer(deps.secrets, FLASH_PURPOSE)

  app.get(`${ASSETS_PATH}/:file`, async (c) => {
    const type = files[c.req.param('file')]
    const found = type && deps.assets ? await deps.assets.fetch(c.req.url) : null
    if (!type || !found?.ok) return c.notFound()
    return new Response(found.body, {
      headers: { ...ownHeaders, 'Content-Type': type, 'Cache-Control': 'public, max-age=300' },
    })
  })

  app.route('/', createEnterApp(deps))

  app.post(`${CONSOLE_PATH}/do/:slug`, async (c) => {
    const { visit } = c.var
    const operation = findChange(c.req.param('slug'))
    if (!operation) return c.notFound()
    if (!isSameOrigin(c.req.raw, visit.host.url)) return notSamePage(visit)
    const visitor = await findVisitor(c.req.raw, visit, deps, true)
    if (visitor.kind !== 'admin') return stopVisitor(visitor, '', visit)
    const form = await readForm(c.req.raw)
    if (!form.ok) return form.error === 'too-large' ? tooLargePage(visit) : notSamePage(visit)
    const { admin } = visitor
    return answerChange(readChange(operation, form.value), admin, visit)
  })

  app.get(CONSOLE_PATH + EXPORT_PATH, (c) =>
    answerFile(c.req.raw, c.var.visit, 'read', (context) => answerExport(context, c.var.visit)),
  )
  app.get(`${CONSOLE_PATH}/people/:id/export`, (c) =>
    answerFile(c.req.raw, c.var.visit, 'people', (context) =>
      answerPersonExport(context, c.req.param('id')),
    ),
  )

  app.get(CONSOLE_PATH, (c) => answerPage(c.req.raw, c.var.visit))
  app.get(`${CONSOLE_PATH}/*`, (c) => answerPage(c.req.raw, c.var.visit))

  async function answerFile(
    request: Request,
    visit: Visit,
    scope: Scope,
    answer: (context: Context) => Promise<Response>,
  ): Promise<Response> {
    const visitor = await findVisitor(request, visit, deps, false)
    const { pathname, search } = visit.url
    if (visitor.kind !== 'admin') {
      return stopVisitor(visitor, pathname.slice(CONSOLE_PATH.length) + search, visit)
    }
    const context = contextOf(operatorOf(visitor.admin), visit, deps, () => undefined)
    return mayDo(context.operator, scope) ? answer(context) : forbiddenPage(visitor.admin, visit)
  }

  async function answerPage(request: Request, visit: Visit): Promise<Response> {
    if (!deps.assets) return noAssetsPage(visit)
    const visitor = await findVisitor(request, visit, deps, false)
    const { pathname, search } = visit.url
    if (visitor.kind !== 'admin') {
      return stopVisitor(visitor, pathname.slice(CONSOLE_PATH.length) + search, visit)
    }
    const { admin } = visitor
    const { now } = visit
    const flash = await readFlash(request.headers, sealer, { session: admin.session, now })
    const context = contextOf(operatorOf(admin), visit, deps, () => undefined)
    return show(visit.url, { admin, context, visit, refused: null, view: [], flash, status: 200 })
  }

  async function answerChange(change: Change, admin: Admin, visit: Visit): Promise<Response> {
    const { operation, back, next } = change
    const notes: string[] = []
    const context = contextOf(operatorOf(admin), visit, deps, (note) => void notes.push(note))
    if (!mayDo(context.operator, operation.scope)) return forbiddenPage(admin, visit)
    if (admin.isByLink && waysIn.includes(operation)) return noWayInByLinkPage(operation, visit)
    if (needsSignIn(operation, admin, visit)) {
      return admin.isByLink ? newLinkPage(visit) : signInAgainPage(back, [], visit)
    }
    const outcome = await run(change, context, withinSeconds(deps.config.revocationSeconds))
    if (outcome.kind === 'refused') {
      const { form: refused, view, status } = outcome
      const page = new URL(CONSOLE_PATH + back, visit.host.url)
      return show(page, { admin, context, visit, refused, view, flash: null, status })
    }
    const flash = toFlash(outcome.answer, notes)
    const { session } = admin
    return seeOther(
      CONSOLE_PATH + next,
      await flashCookie(flash, sealer, { session, now: visit.now }),
    )
  }

  async function show(url: URL, showing: Showing): Promise<Response> {
    const { admin, context, visit, refused, view, flash, status } = showing
    const matched = matchPage(pages, url.pathname)
    if (!matched) return forbiddenPage(null, visit)
    const { page, params } = matched
    if (!mayDo(context.operator, page.scope)) return forbiddenPage(admin, visit)
    const query = url.searchParams
    const shown = await page.show({ admin, context, deps, visit, params, query, refused })
    const { title, section } = shown
    const body = (
      <>
        {refused ? <Refusal refused={refused} view={view} /> : null}
        {shown.body}
      </>
    )
    return respond({ status: shown.status ?? status, title, section, body, admin, flash }, visit)
  }

  return app
}

interface RefusalProps {
  readonly refused: RefusedForm
  readonly view: readonly Block[]
}

/** Why a change was not made. A button has no other place for it; a form marks its fields besides. */
const Refusal: FC<RefusalProps> = ({ refused: { faults, reason }, view }) => (
  <div class="message problem" role="alert">
    {reason === 'unconfirmed' ? null : (
      <p>
        <strong>This was not done.</strong>
      </p>
    )}
    {faults.map(({ field, problem }) => (
      <p>{field === null ? problem : `${field}: ${problem}`}</p>
    ))}
    <Blocks view={view} caption="What this is about" />
  </div>
)

/** In place of the console, where a script of a site could use it. */
export function createUnsafeApp(): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>()
  for (const path of [CONSOLE_PATH, `${CONSOLE_PATH}/*`]) {
    app.all(path, (c) => besideSitePage(c.var.visit))
  }
  return app
}

const operatorOf = ({ name, scopes, user }: Admin): Operator => ({
  name,
  face: 'console',
  scopes,
  user,
})

/** @param to the page of the console that was asked for. */
function stopVisitor(
  visitor: Exclude<Visitor, { kind: 'admin' }>,
  to: string,
  visit: Visit,
): Promise<Response> {
  switch (visitor.kind) {
    case 'nobody':
      return Promise.resolve(
        new Response(null, {
          status: 302,
          headers: {
            ...ownHeaders,
            Location: `${LOGIN_PATH}?to=${encodeURIComponent(CONSOLE_PATH + to)}`,
            Vary: 'Cookie',
          },
        }),
      )
    case 'anew':
      return signInAgainPage(to, visitor.decision.anew.contexts ?? [], visit)
    case 'stranger': {
      const { email, userName } = visitor.live.session
      return strangerPage(email ?? userName, visit)
    }
  }
}
