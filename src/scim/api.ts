/** The SCIM endpoints of one connection, after authentication. Paths are relative to `…/v2`. */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { isRecord } from '../lib/json.ts'
import { ok, type Result } from '../lib/result.ts'
import { readBody } from './body.ts'
import { readBulk, runBulk, type BulkOperation, type Outcome } from './bulk.ts'
import { answer, type Answered, type Conditions, type ScimContext } from './context.ts'
import { notFound, refuseWith, type ScimError } from './error.ts'
import { deleteGroup, getGroup, patchGroup, postGroup, putGroup } from './groups.ts'
import { BODY_BYTES, BULK_BYTES, GROUP_BYTES } from './limits.ts'
import { toProjection, type Projection } from './projection.ts'
import { parseQuery, parseSearch, type ListQuery } from './query.ts'
import { groupType, userType, type ResourceType } from './schema.ts'
import { searchBoth, searchOne } from './search.ts'
import { tell as toResponse } from './tell.ts'
import { deleteUser, getUser, patchUser, postUser, putUser } from './users.ts'

export type ApiEnv = {
  Bindings: {
    readonly context: ScimContext
    /** The path after `…/v2`, with single slashes and no trailing one. */
    readonly path: string
    readonly refused: (error: ScimError) => void
  }
}
type C = Context<ApiEnv>

export function createApi(): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>({ getPath: (_, options) => options?.env?.path ?? '/' })

  api.get('/', (c) => list(c, searchBoth))
  api.post('/.search', (c) => search(c, searchBoth))

  api.get('/Users', (c) => list(c, (context, query) => searchOne(context, userType, query)))
  api.post('/Users', (c) => create(c, userType, BODY_BYTES, postUser))
  api.post('/Users/.search', (c) => search(c, (at, query) => searchOne(at, userType, query)))
  api.get('/Users/:id', (c) => read(c, userType, getUser))
  api.put('/Users/:id', (c) => write(c, userType, BODY_BYTES, putUser))
  api.patch('/Users/:id', (c) => write(c, userType, BODY_BYTES, patchUser))
  api.delete('/Users/:id', (c) => remove(c, deleteUser))

  api.get('/Groups', (c) => list(c, (context, query) => searchOne(context, groupType, query)))
  api.post('/Groups', (c) => create(c, groupType, GROUP_BYTES, postGroup))
  api.post('/Groups/.search', (c) => search(c, (at, query) => searchOne(at, groupType, query)))
  api.get('/Groups/:id', (c) => read(c, groupType, getGroup))
  api.put('/Groups/:id', (c) => write(c, groupType, GROUP_BYTES, putGroup))
  api.patch('/Groups/:id', (c) => write(c, groupType, GROUP_BYTES, patchGroup))
  api.delete('/Groups/:id', (c) => remove(c, deleteGroup))

  api.post('/Bulk', (c) => bulk(c, api))
  // RFC 7644 §3.11: /Me is the user of the token, but our tokens belong to directories.
  api.all('/Me', (c) => tell(c, refuseWith(501, 'A token of a directory is nobody’s.')))

  for (const [path, allowed] of methods) {
    api.all(path, (c) => tell(c, refuseWith(405, `Only ${allowed} here.`, { Allow: allowed })))
  }
  api.notFound((c) => tell(c, notFound('such resource')))
  // Passed on to the onError of the whole app.
  api.onError((error) => {
    throw error
  })
  return api
}

const ONE = 'GET, PUT, PATCH, DELETE'
const methods = [
  ['/', 'GET'],
  ['/.search', 'POST'],
  ['/Users', 'GET, POST'],
  ['/Users/.search', 'POST'],
  ['/Users/:id', ONE],
  ['/Groups', 'GET, POST'],
  ['/Groups/.search', 'POST'],
  ['/Groups/:id', ONE],
  ['/Bulk', 'POST'],
] as const

const baseOf = (c: C): string => c.env.context.base
const idOf = (c: C): string => c.req.param('id') ?? ''

const tell = (c: C, answered: Answered): Response => toResponse(c.req.raw, answered, c.env.refused)

async function list(
  c: C,
  find: (context: ScimContext, query: ListQuery) => Promise<Answered>,
): Promise<Response> {
  const query = parseQuery(new URL(c.req.url).searchParams)
  return tell(c, query.ok ? await find(c.env.context, query.value) : query)
}

async function search(
  c: C,
  find: (context: ScimContext, query: ListQuery) => Promise<Answered>,
): Promise<Response> {
  const body = await readBody(c.req.raw, BODY_BYTES)
  if (!body.ok) return tell(c, body)
  const query = parseSearch(body.value)
  return tell(c, query.ok ? await find(c.env.context, query.value) : query)
}

async function create(
  c: C,
  type: ResourceType,
  maxBytes: number,
  post: (context: ScimContext, body: unknown, projection: Projection) => Promise<Answered>,
): Promise<Response> {
  const projection = readProjection(c, type)
  if (!projection.ok) return tell(c, projection)
  const body = await readBody(c.req.raw, maxBytes)
  return tell(c, body.ok ? await post(c.env.context, body.value, projection.value) : body)
}

async function read(
  c: C,
  type: ResourceType,
  get: (context: ScimContext, id: string, projection: Projection) => Promise<Answered>,
): Promise<Response> {
  const projection = readProjection(c, type)
  if (!projection.ok) return tell(c, projection)
  const found = await get(c.env.context, idOf(c), projection.value)
  const etag = found.ok ? found.value.headers['ETag'] : undefined
  const known = c.req.header('If-None-Match')
  if (etag === undefined || known === undefined) return tell(c, found)
  return tell(c, isKnown(known, etag) ? answer(304, null, { ETag: etag }) : found)
}

/** Weak comparison: `"1"` equals `W/"1"` (RFC 9110 §13.1.2). */
const isKnown = (known: string, etag: string): boolean => {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return known.trim() === '*' || known.split(',').some((each) => opaque(each) === opaque(etag))
}

async function write(
  c: C,
  type: ResourceType,
  maxBytes: number,
  change: (
    context: ScimContext,
    id: string,
    body: unknown,
    conditions: Conditions,
  ) => Promise<Answered>,
): Promise<Response> {
  const projection = readProjection(c, type)
  if (!projection.ok) return tell(c, projection)
  const body = await readBody(c.req.raw, maxBytes)
  if (!body.ok) return tell(c, body)
  const conditions = { ifMatch: readIfMatch(c), projection: projection.value }
  return tell(c, await change(c.env.context, idOf(c), body.value, conditions))
}

async function remove(
  c: C,
  change: (
    context: ScimContext,
    id: string,
    conditions: Pick<Conditions, 'ifMatch'>,
  ) => Promise<Answered>,
): Promise<Response> {
  return tell(c, await change(c.env.context, idOf(c), { ifMatch: readIfMatch(c) }))
}

async function bulk(c: C, api: Hono<ApiEnv>): Promise<Response> {
  const body = await readBody(c.req.raw, BULK_BYTES)
  if (!body.ok) return tell(c, body)
  const request = readBulk(body.value)
  if (!request.ok) return tell(c, request)
  const run = async ({ method, path, version, data }: BulkOperation): Promise<Outcome> => {
    const isAllowed = BULK_METHODS.includes(method) && !/^\/+Bulk/i.test(path)
    if (!isAllowed) return toOutcome(tell(c, refuseWith(400, 'No operation of a bulk request.')))
    const headers = new Headers(version === null ? {} : { 'If-Match': version })
    const sent = method === 'DELETE' ? {} : { body: JSON.stringify(data ?? null) }
    const url = new URL(c.req.url)
    const alone = new Request(url.origin, { method, headers, ...sent })
    alone.headers.set('Content-Type', 'application/scim+json')
    return toOutcome(await api.fetch(alone, { ...c.env, path }))
  }
  const Operations = await runBulk(request.value, baseOf(c), run)
  return tell(
    c,
    answer(200, { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'], Operations }),
  )
}

const BULK_METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE']

async function toOutcome(response: Response): Promise<Outcome> {
  const text = await response.text()
  const body: unknown = text === '' ? null : JSON.parse(text)
  const id = isRecord(body) ? body['id'] : null
  return {
    status: response.status,
    location: response.headers.get('Location'),
    etag: response.headers.get('ETag'),
    id: response.status === 201 && typeof id === 'string' ? id : null,
    error: response.ok ? null : body,
  }
}

function readProjection(c: C, type: ResourceType): Result<Projection, ScimError> {
  const query = parseQuery(new URL(c.req.url).searchParams)
  if (!query.ok) return query
  return ok(toProjection(type, query.value.attributes, query.value.excludedAttributes))
}

/**
 * The versions of If-Match; null: any version. A tag that we did not make matches no version. The
 * groups part of a tag is ignored.
 */
function readIfMatch(c: C): readonly number[] | null {
  const header = c.req.header('If-Match')
  if (header === undefined || header.trim() === '*') return null
  return Array.from(header.matchAll(/"(\d{1,15})(?:-\w{1,8})?"/g), ([, digits]) => Number(digits))
}
