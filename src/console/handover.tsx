/**
 * Hand-over links, at /.gatehouse/hand-over of the login host. Their session is no session of the
 * console: it has a cookie of its own, and no route but these reads it.
 */
import { Hono } from 'hono/tiny'
import type { Context } from '../admin/context.ts'
import {
  finishHandOver,
  giveMetadata,
  handedOperator,
  makeHandedToken,
  tellOpened,
} from '../admin/handed.ts'
import { findHanded, findLink, openLink, type HandOver } from '../admin/handover-store.ts'
import { prepareTest } from '../admin/connection-try.ts'
import type { AdminDeps, AdminEnv } from '../admin/part.ts'
import { findOwnCertificates, findSetUp } from '../admin/set-up.ts'
import { idpOf, parseIdp } from '../connection/set-up.ts'
import { findLastTest } from '../attempt/read-store.ts'
import { findConnection } from '../connection/store.ts'
import type { Given } from '../admin/field.ts'
import { HANDOVER_PATH } from '../lib/paths.ts'
import { isSameOrigin } from '../lib/same-origin.ts'
import { createDailySealer } from '../lib/seal.ts'
import type { Visit } from '../site/visit.ts'
import { contextOf } from './context.ts'
import { clearedEntry, handoverEntry, hashCode, readEntering, readEntry } from './enter-cookie.ts'
import { FLASH_PURPOSE, flashCookie, readFlash, type Flash } from './flash.ts'
import { readForm } from './form.ts'
import {
  deadHandOverPage,
  donePage,
  elsewherePage,
  handedPage,
  openPage,
  tooMuchPage,
} from './handover-page.tsx'
import { seeOther } from './respond.tsx'
import { siteUrlFor } from './site-url.ts'

/** What a page is shown with. */
interface Showing {
  readonly for: string | null
  readonly given: string | null
  readonly flash: Flash | null
  readonly status: number
}

interface Handed {
  readonly handOver: HandOver
  readonly context: Context
  /** Sentences that an operation adds. */
  readonly notes: readonly string[]
}

export function createHandOverApp(deps: AdminDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>()
  const { db } = deps.stores
  const sealer = createDailySealer(deps.secrets, FLASH_PURPOSE)
  const flashSession = ({ id }: HandOver): string => `hand-over ${id}`

  /** D1 is asked each time, so that a revoked session is over at once. */
  async function readHanded(request: Request, visit: Visit): Promise<Handed | null> {
    const hash = await readEntry(handoverEntry, request.headers)
    const handOver = hash === null ? null : await findHanded(db, hash, visit.now)
    if (!handOver) return null
    const notes: string[] = []
    const note = (sentence: string) => void notes.push(sentence)
    const context = contextOf(handedOperator(handOver), visit, deps, note)
    return { handOver, context, notes }
  }

  async function show(
    { handOver, context }: Handed,
    { given, flash, status, for: wanted }: Showing,
    visit: Visit,
  ): Promise<Response> {
    const connection = await findConnection(db, handOver.connection)
    if (!connection) return deadHandOverPage(visit)
    const [setUp, certificates, test] = await Promise.all([
      findSetUp(context, connection),
      findOwnCertificates(context, connection),
      findLastTest(db, connection.id, handOver.openedAt ?? visit.now),
    ])
    const props = {
      handOver,
      setUp,
      idp: parseIdp(wanted) ?? idpOf(connection),
      host: visit.host,
      siteUrl: siteUrlFor(deps.config, connection.id),
      certificates,
      given,
      canTest: connection.certificates.length > 0,
      test,
    }
    return handedPage(props, { status, flash }, visit)
  }

  app.get(`${HANDOVER_PATH}/enter`, async (c) => {
    const { visit } = c.var
    const code = c.req.query('code') ?? ''
    const hash = await hashCode(code)
    const link = hash === null ? null : await findLink(db, hash, visit.now)
    return link ? openPage(code, link, visit) : deadHandOverPage(visit)
  })

  app.post(`${HANDOVER_PATH}/enter`, async (c) => {
    const { visit } = c.var
    if (!isSameOrigin(c.req.raw, visit.host.url)) return elsewherePage(visit)
    const entering = await readEntering(handoverEntry, c.req.raw)
    const opened = entering && (await openLink(db, entering, visit.now))
    if (!opened) return deadHandOverPage(visit)
    await tellOpened(
      contextOf(handedOperator(opened), visit, deps, () => undefined),
      opened,
    )
    return seeOther(HANDOVER_PATH, entering.cookie)
  })

  app.get(HANDOVER_PATH, async (c) => {
    const { visit } = c.var
    const handed = await readHanded(c.req.raw, visit)
    if (!handed) return deadHandOverPage(visit)
    const session = flashSession(handed.handOver)
    const flash = await readFlash(c.req.raw.headers, sealer, { session, now: visit.now })
    return show(handed, { for: c.req.query('for') ?? null, given: null, flash, status: 200 }, visit)
  })

  app.post(`${HANDOVER_PATH}/:action`, async (c) => {
    const { visit } = c.var
    const act = Object.entries(actions).find(([name]) => name === c.req.param('action'))?.[1]
    if (!act) return c.notFound()
    if (!isSameOrigin(c.req.raw, visit.host.url)) return elsewherePage(visit)
    const handed = await readHanded(c.req.raw, visit)
    if (!handed) return deadHandOverPage(visit)
    const form = await readForm(c.req.raw)
    if (!form.ok) return form.error === 'too-large' ? tooMuchPage(visit) : elsewherePage(visit)
    return act(handed, form.value, visit)
  })

  /** Back to the page, which says what was done. */
  async function goOn(
    { handOver, notes }: Handed,
    form: Given,
    { visit, sentence, secret }: { visit: Visit; sentence: string; secret: string | null },
  ): Promise<Response> {
    const flash = { isProblem: false, sentences: [sentence, ...notes], secret, undo: null }
    const idp = parseIdp(wantedIn(form))
    return seeOther(
      HANDOVER_PATH + (idp === null ? '' : `?for=${idp}`),
      await flashCookie(flash, sealer, { session: flashSession(handOver), now: visit.now }),
    )
  }

  /** The page again, which says why nothing was done. */
  function refuse(
    handed: Handed,
    form: Given,
    { visit, problem, status }: { visit: Visit; problem: string; status: number },
  ): Promise<Response> {
    const flash = { isProblem: true, sentences: [problem], secret: null, undo: null }
    const given = form.get('metadata')?.[0] ?? null
    return show(handed, { for: wantedIn(form), given, flash, status }, visit)
  }

  const actions: Readonly<
    Record<string, (handed: Handed, form: Given, visit: Visit) => Promise<Response>>
  > = {
    async metadata(handed, form, visit) {
      const [text = '', ...others] = form.get('metadata') ?? []
      if (others.length > 0) {
        const problem = 'Give the metadata in one way, not in several.'
        return refuse(handed, form, { visit, problem, status: 422 })
      }
      const idp = parseIdp(wantedIn(form)) ?? 'generic'
      const given = await giveMetadata(handed.context, handed.handOver, { text, idp })
      if (!given.ok) return refuse(handed, form, { visit, problem: given.error, status: 422 })
      const sentence = given.value.connection.enabled
        ? 'The metadata is taken. Now test a sign-in.'
        : 'The metadata is taken. Nobody can sign in yet: the people who sent you the link have switched the connection off.'
      return goOn(handed, form, { visit, sentence, secret: null })
    },

    // Not a redirect: the Content-Security-Policy lets a form lead to no other site.
    async test(handed, form, visit) {
      const prepared = await prepareTest(handed.context, handed.handOver.connection)
      if (!prepared.ok) {
        const problem = 'A sign-in can be tested once the metadata are there: give them first.'
        return refuse(handed, form, { visit, problem, status: 409 })
      }
      const sentence = 'The test is prepared. It works once, within ten minutes.'
      return goOn(handed, form, { visit, sentence, secret: prepared.value.link })
    },

    async token(handed, form, visit) {
      const made = await makeHandedToken(handed.context, handed.handOver)
      if (!made) {
        const problem = 'No token was made: this link allows none, or its one was made before.'
        return refuse(handed, form, { visit, problem, status: 409 })
      }
      const sentence = 'This is the token. Enter it at your identity provider now.'
      return goOn(handed, form, { visit, sentence, secret: made.secret })
    },

    async done({ context, handOver }, _form, visit) {
      await finishHandOver(context, handOver)
      const page = await donePage(visit)
      page.headers.append('Set-Cookie', clearedEntry(handoverEntry))
      return page
    },
  }

  return app
}

/** The identity provider that the page is shown for. */
const wantedIn = (form: Given): string | null => form.get('for')?.[0] ?? null
