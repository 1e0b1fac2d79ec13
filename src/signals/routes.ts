/** What identity providers and transmitters of Shared Signals call, on the login host. */
import { Hono } from 'hono/tiny'
import type { Audit } from '../audit/event.ts'
import type { AuditVisit } from '../audit/trail.ts'
import { revocationPath, signalsPath } from '../lib/paths.ts'
import { isLoginHost, type Hosts } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { receive } from './receive.ts'
import type { TakeDeps } from './take.ts'
import { revoke } from './revoke.ts'

export interface SignalDeps extends TakeDeps {
  readonly audit: (moment: AuditVisit) => Audit
  readonly hosts: Hosts
}

type SignalEnv = { Variables: { visit: Visit } }

export function createSignalsApp(deps: SignalDeps): Hono<SignalEnv> {
  const { audit, hosts } = deps
  const app = new Hono<SignalEnv>()

  app.post(signalsPath(':stream'), async (c) => {
    const { visit } = c.var
    if (!isLoginHost(visit.host, hosts)) return c.notFound()
    const { now } = visit
    const push = { stream: c.req.param('stream') ?? '', now, audit: audit(visit) }
    return (await receive(c.req.raw, push, deps)) ?? c.notFound()
  })

  app.post(revocationPath(':connection'), (c) => {
    const { visit } = c.var
    if (!isLoginHost(visit.host, hosts)) return c.notFound()
    const connection = c.req.param('connection') ?? ''
    const asked = {
      connection,
      audience: visit.host.url + revocationPath(connection),
      now: visit.now,
      audit: audit(visit),
    }
    return revoke(c.req.raw, asked, deps)
  })
  return app
}
