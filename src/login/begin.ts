/** The first step of a sign-in: by which connection, and on to its identity provider. */
import type { Connection } from '../connection/connection.ts'
import { emailDomain, forDomain, offered } from '../connection/discovery.ts'
import { listConnections } from '../connection/store.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Visit } from '../site/visit.ts'
import { choosePage, keepTie, loginUrl, noConnectionPage, onwardPage } from './pages.ts'
import type { ReturnTo } from './return-to.ts'
import { startLogin, type StartDeps } from './start.ts'

export interface Begin {
  readonly returnTo: ReturnTo
  /** The id of a connection; null: none was named. */
  readonly connection: string | null
  /** What the person typed, or the site knows of them; null: nothing. */
  readonly email: string | null
  /** Whether the IdP is to ask who it is, even where it knows. */
  readonly isFresh: boolean
  /**
   * `link`: the browser comes from a page, whose fragment is still to be taken along. `form`: it has
   * posted a form of ours, or of the site. `onward`: anything else.
   */
  readonly by: 'link' | 'form' | 'onward'
}

export interface BeginDeps extends StartDeps {
  readonly stores: SessionStores
}

export async function beginLogin(
  request: Request,
  visit: Visit,
  begin: Begin,
  deps: BeginDeps,
): Promise<Response> {
  return keepTie(await answer(request, visit, begin, deps), request, begin.returnTo)
}

async function answer(
  request: Request,
  visit: Visit,
  { returnTo, connection, email, isFresh, by }: Begin,
  deps: BeginDeps,
): Promise<Response> {
  const { requestId, site } = visit
  const connections = offered(await listConnections(deps.stores.db), site.connections)
  if (connections.length === 0) return noConnectionPage(requestId)
  const domain = emailDomain(email ?? '')
  const chosen =
    connections.find(({ id }) => id === connection) ??
    (domain === null ? null : forDomain(connections, domain)) ??
    (connections.length === 1 ? connections[0] : null) ??
    null
  if (by === 'link') {
    return onwardPage(requestId, loginUrl(chosen?.id ?? null, returnTo, isFresh))
  }
  if (!chosen) {
    const unknown = by === 'form' ? (email?.slice(0, 320) ?? null) : null
    return choosePage(requestId, connections, returnTo, isFresh, unknown)
  }
  const ask = { returnTo, isForm: by === 'form', isForeign: true }
  return startLogin(request, visit, isFresh ? askedAnew(chosen) : chosen, ask, deps)
}

const askedAnew = (connection: Connection): Connection => ({
  ...connection,
  settings: { ...connection.settings, forceAuthn: true },
})
