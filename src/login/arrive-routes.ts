/** The end of a sign-in at a site that the login host passed it on to, and the choice of an account. */
import { Hono } from 'hono/tiny'
import { readFields } from '../lib/form-fields.ts'
import { ARRIVE_PATH, SWITCH_PATH } from '../lib/paths.ts'
import { isFromSite } from '../lib/same-origin.ts'
import type { Visit } from '../site/visit.ts'
import { answerArrival } from './arrival.ts'
import type { ArriveDeps } from './arrive.ts'
import { readPending } from './pending.ts'
import { HOME, toUrl } from './return-to.ts'
import { seeOther } from './see-other.ts'
import { decideSwitch } from './switch.ts'

type ArriveEnv = { Variables: { visit: Visit } }

export function createArriveApp(deps: ArriveDeps): Hono<ArriveEnv> {
  const app = new Hono<ArriveEnv>()

  const take = async (request: Request, visit: Visit, given: URLSearchParams) => {
    const logins = await readPending(request.headers, deps.sealer, visit)
    const arrival = { code: given.get('code') ?? '', login: given.get('login') ?? '' }
    return answerArrival(visit, arrival, logins, deps)
  }
  app.get(ARRIVE_PATH, ({ req: { raw }, var: { visit } }) =>
    take(raw, visit, visit.url.searchParams),
  )
  app.post(ARRIVE_PATH, async ({ req: { raw }, var: { visit } }) =>
    take(raw, visit, await readFields(raw)),
  )

  app.post(SWITCH_PATH, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    return isFromSite(raw, visit.host.url)
      ? decideSwitch(raw, await readFields(raw), visit, deps)
      : seeOther(toUrl(visit.host.url, HOME))
  })
  return app
}
