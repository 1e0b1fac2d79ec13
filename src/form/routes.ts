import { Hono } from 'hono/tiny'
import { readText } from '../lib/body.ts'
import { FORM_PATH } from '../lib/paths.ts'
import { FORM_KEY } from '../lib/tab-memory.ts'
import type { SessionReader } from '../session/reader.ts'
import type { Visit } from '../site/visit.ts'
import { isOfOther, MAX_SEALED, openForm } from './kept.ts'
import type { FormDeps } from './keep.ts'
import { confirmPage, keptPage, otherPersonPage, spoiltPage } from './pages.ts'

export interface FormAppDeps extends Pick<FormDeps, 'sealer'> {
  readonly readSession: SessionReader
}

/** Shows a kept form to the person who may send it. Only our own pages post here. */
export function createFormApp({
  sealer,
  readSession,
}: FormAppDeps): Hono<{ Variables: { visit: Visit } }> {
  const app = new Hono<{ Variables: { visit: Visit } }>()
  app.post(FORM_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    if (raw.headers.get('Sec-Fetch-Site') !== 'same-origin') return spoiltPage(visit)
    const body = await readText(raw, MAX_SEALED + 100)
    const sealed = new URLSearchParams(body.ok ? body.value : '').get(FORM_KEY) ?? ''
    const form = await openForm(sealed, visit, sealer)
    if (!form) return spoiltPage(visit)
    const reading = await readSession(raw, visit)
    if (reading.kind !== 'live') {
      return keptPage(visit, sealed, { again: null, headers: {} })
    }
    return isOfOther(form, reading.live.session.userId)
      ? otherPersonPage(visit)
      : confirmPage(visit, form, sealed, reading.live)
  })
  return app
}
