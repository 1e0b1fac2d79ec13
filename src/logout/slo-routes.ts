/** Messages of single logout, which an IdP sends by the browser or itself. */
import { Hono } from 'hono/tiny'
import { findConnection } from '../connection/store.ts'
import { readText } from '../lib/body.ts'
import { sloPath, sloSoapPath } from '../lib/paths.ts'
import { readPostedBody } from '../login/form.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import { MAX_SOAP_BYTES } from './by-soap.ts'
import type { LogoutDeps } from './deps.ts'
import { takeMessage, takeSoap } from './from-idp.ts'
import { refuseLogout, refuseSoap } from './refuse.ts'

type SloEnv = { Variables: { visit: Visit } }

export function createSloApp(deps: LogoutDeps): Hono<SloEnv> {
  const app = new Hono<SloEnv>()
  const { db } = deps.stores
  const isHere = ({ host }: Visit) => isLoginHost(host, deps.hosts)

  const path = sloPath(':connection')
  app.on(['GET', 'POST'], path, async (c) => {
    const { visit } = c.var
    const { raw } = c.req
    const connection = await findConnection(db, c.req.param('connection') ?? '')
    if (!isHere(visit)) return refuseLogout(visit, connection, { reason: 'not-login-host' }, deps)
    if (!connection) return refuseLogout(visit, null, { reason: 'unknown-connection' }, deps)
    if (raw.method === 'GET') {
      const message = { binding: 'redirect', query: visit.url.search.slice(1) } as const
      return takeMessage(raw, visit, { message, connection }, deps)
    }
    const body = await readPostedBody(raw)
    if (!body.ok) return refuseLogout(visit, connection, { reason: body.error }, deps)
    const message = { binding: 'post', body: body.value } as const
    return takeMessage(raw, visit, { message, connection }, deps)
  })
  app.post(sloSoapPath(':connection'), async (c) => {
    const { visit } = c.var
    const connection = await findConnection(db, c.req.param('connection') ?? '')
    if (!isHere(visit)) return refuseSoap(visit, connection, { reason: 'not-login-host' }, deps)
    if (!connection) return refuseSoap(visit, null, { reason: 'unknown-connection' }, deps)
    const xml = await readText(c.req.raw, MAX_SOAP_BYTES)
    return xml.ok
      ? takeSoap(visit, xml.value, connection, deps)
      : refuseSoap(visit, connection, { reason: xml.error }, deps)
  })
  return app
}
