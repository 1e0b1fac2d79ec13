import { Hono } from 'hono/tiny'
import type { Visit } from '../site/visit.ts'
import type { Answer, PartDeps } from './deps.ts'

type OwnEnv = { Bindings: { visit: Visit }; Variables: { visit: Visit } }

/** Answers by these apps, and 404 for what none of them knows. */
export function answering(
  { notFound }: Pick<PartDeps, 'notFound'>,
  ...apps: readonly Hono<{ Variables: { visit: Visit } }>[]
): Answer {
  const own = new Hono<OwnEnv>()
  own.use((c, next) => {
    c.set('visit', c.env.visit)
    return next()
  })
  for (const app of apps) own.route('/', app)
  own.notFound((c) => notFound(c.req.raw, c.env.visit))
  // Errors go on to `lastResort` in `fetch`, the one place that handles them.
  own.onError((error) => {
    throw error
  })
  return (request, visit) => own.fetch(request, { visit })
}
