/**
 * Routes `/.gatehouse/scim/<connection>/v2/…`: authenticates the client and calls the endpoints of
 * its connection.
 */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import type { Audit } from '../audit/event.ts'
import { noteRequest } from '../directory/request-store.ts'
import { createBearer } from '../lib/bearer.ts'
import type { Instant } from '../lib/instant.ts'
import type { Limits } from '../lib/limits.ts'
import { SCIM_PREFIX, scimPath } from '../lib/paths.ts'
import { sameName } from './attribute.ts'
import { answerApi } from './api.ts'
import { authenticate, limitReader } from './auth.ts'
import type { ScimContext } from './context.ts'
import { createDescriptions, isDescription } from './describe.ts'
import { errorResponse, notFound, type ScimError } from './error.ts'
import { createWork } from './work.ts'

export interface ScimDeps<V> {
  readonly db: D1Database
  readonly audit: (visit: V) => Audit
  readonly newId: () => string
  readonly limits: Limits
}

/** The fields of a visit that SCIM needs. */
export interface ScimVisit {
  readonly host: { readonly url: string; readonly connections: readonly string[] | null }
  readonly now: Instant
  readonly waitUntil: (work: Promise<unknown>) => void
}

export function createScimApp<V extends ScimVisit>(
  deps: ScimDeps<V>,
): Hono<{ Variables: { visit: V } }> {
  const app = new Hono<{ Variables: { visit: V } }>()
  const descriptions = createDescriptions()
  const auth = { db: deps.db, bearer: createBearer(deps.limits) }

  const handle = async (c: Context<{ Variables: { visit: V } }>): Promise<Response> => {
    const { visit } = c.var
    const place = readPlace(new URL(c.req.url).pathname)
    const isHere =
      place !== null &&
      (visit.host.connections === null || visit.host.connections.includes(place.connection))
    if (!isHere) return errorResponse(c.req.raw, notFound('such directory').error)
    const { connection, path } = place
    const audit = deps.audit(visit)
    const errors: ScimError[] = []
    const refused = (token: string | null) => (error: ScimError) => {
      const { status, detail } = error
      errors.push(error)
      const isLookup = status === 404 && c.req.method === 'GET'
      if (isLookup || status === 429) return
      audit({ kind: 'scim-refused', connection, token, status, reason: detail })
    }
    const base = visit.host.url + scimPath(connection)
    // A token is checked even where none is needed: a client that tests its token must learn that
    // it is wrong.
    const isOpen =
      isDescription(path) && c.req.method === 'GET' && c.req.header('Authorization') === undefined
    if (isOpen) {
      const fault = await limitReader(c.req.raw, deps.limits, visit.now)
      if (fault) return errorResponse(c.req.raw, fault)
      return descriptions.fetch(c.req.raw, { base, path, refused: refused(null) })
    }
    const token = await authenticate(c.req.raw, connection, visit, auth)
    if (!token.ok) {
      refused(null)(token.error)
      return errorResponse(c.req.raw, token.error)
    }
    const { id } = token.value
    const context: ScimContext = {
      db: deps.db,
      connection,
      base,
      now: visit.now,
      newId: deps.newId,
      work: createWork(),
      audit: (change) => audit({ kind: 'directory-changed', connection, token: id, ...change }),
      auditHeld: () => audit({ kind: 'removals-held', connection, token: id }),
      waitUntil: visit.waitUntil,
    }
    const answered = await (isDescription(path)
      ? descriptions.fetch(c.req.raw, { base, path, refused: refused(id) })
      : answerApi(c.req.raw, { context, path, refused: refused(id) }))
    const { scimType = null, detail = null } = errors.at(-1) ?? {}
    const { status } = answered
    const noted = { at: visit.now, method: c.req.method, path, status, scimType, detail }
    visit.waitUntil(noteRequest(deps.db, connection, id, noted))
    return answered
  }
  app.all(SCIM_PREFIX, handle)
  app.all(`${SCIM_PREFIX}/*`, handle)
  return app
}

const endpoints = [
  'Users',
  'Groups',
  'Bulk',
  'Me',
  'Schemas',
  'ResourceTypes',
  'ServiceProviderConfig',
]

/**
 * Doubled and trailing slashes are ignored: clients produce them from a base URL. The case of an
 * endpoint's name is ignored too: Microsoft's requests use `/users`.
 */
function readPlace(pathname: string): { connection: string; path: string } | null {
  const names = pathname
    .slice(SCIM_PREFIX.length)
    .split('/')
    .filter((name) => name !== '')
  const [connection = '', version, endpoint, ...rest] = names
  if (!/^[a-z0-9-]{1,64}$/.test(connection) || version !== 'v2') return null
  if (endpoint === undefined) return { connection, path: '/' }
  const known = endpoints.find((name) => sameName(name, endpoint)) ?? endpoint
  return { connection, path: `/${[known, ...rest].join('/')}` }
}
