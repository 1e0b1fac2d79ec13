/** Answers a request to the service of one connection, from HTTP or from a bulk request. */
import { tryDecodeURIComponent } from 'hono/utils/url'
import { ok, type Result } from '../lib/result.ts'
import type { Answered, Conditions, ScimContext } from './context.ts'
import { notFound, refuseWith, type ScimError } from './error.ts'
import { deleteGroup, getGroup, patchGroup, postGroup, putGroup } from './groups.ts'
import { BODY_BYTES, GROUP_BYTES } from './limits.ts'
import { toProjection, type Projection } from './projection.ts'
import { parseQuery, parseSearch, type ListQuery } from './query.ts'
import { groupType, userType, type ResourceType } from './schema.ts'
import { searchBoth, searchOne } from './search.ts'
import { deleteUser, getUser, patchUser, postUser, putUser } from './users.ts'

export interface ScimRequest {
  readonly method: string
  /** The path after `…/v2`. */
  readonly path: string
  readonly query: URLSearchParams
  /** If-Match, or the version that a bulk operation states; null: neither. */
  readonly ifMatch: string | null
  readonly readBody: (maxBytes: number) => Promise<Result<unknown, ScimError>>
}

type Change = (
  context: ScimContext,
  id: string,
  body: unknown,
  conditions: Conditions,
) => Promise<Answered>

interface Endpoint {
  readonly type: ResourceType
  readonly maxBytes: number
  readonly post: (context: ScimContext, body: unknown, shown: Projection) => Promise<Answered>
  readonly get: (context: ScimContext, id: string, shown: Projection) => Promise<Answered>
  readonly put: Change
  readonly patch: Change
  readonly remove: (
    context: ScimContext,
    id: string,
    conditions: Pick<Conditions, 'ifMatch'>,
  ) => Promise<Answered>
}

const endpoints: readonly Endpoint[] = [
  {
    type: userType,
    maxBytes: BODY_BYTES,
    post: postUser,
    get: getUser,
    put: putUser,
    patch: patchUser,
    remove: deleteUser,
  },
  {
    type: groupType,
    maxBytes: GROUP_BYTES,
    post: postGroup,
    get: getGroup,
    put: putGroup,
    patch: patchGroup,
    remove: deleteGroup,
  },
]

/** An endpoint, optionally followed by one name. */
const PLACE = /^(\/Users|\/Groups)?(?:\/([^/]+))?\/?$/

export async function serve(context: ScimContext, request: ScimRequest): Promise<Answered> {
  const place = PLACE.exec(request.path)
  if (!place) return notFound('such resource')
  const [, at, name] = place
  const endpoint = endpoints.find(({ type }) => type.endpoint === at)
  if (endpoint) {
    return name === undefined
      ? serveAll(context, request, endpoint)
      : serveOne(context, request, endpoint, name)
  }
  const find: Find = (query) => searchBoth(context, query)
  switch (name) {
    case undefined:
      return request.method === 'GET' ? list(request, find) : only('GET')
    case '.search':
      return request.method === 'POST' ? search(request, find) : only('POST')
    // RFC 7644 §3.11: /Me is the user of the token, but our tokens belong to directories.
    case 'Me':
      return refuseWith(
        501,
        'The token belongs to a directory and not to a user, so there is no /Me.',
      )
    default:
      return notFound('such resource')
  }
}

/** RFC 9110 §15.5.6: the response must list the allowed methods. */
export const only = (allowed: string): Answered =>
  refuseWith(405, `Only ${allowed} here.`, { Allow: allowed })

async function serveAll(
  context: ScimContext,
  request: ScimRequest,
  { type, maxBytes, post }: Endpoint,
): Promise<Answered> {
  const { method } = request
  if (method === 'GET') return list(request, (query) => searchOne(context, type, query))
  if (method !== 'POST') return only('GET, POST')
  const projection = readProjection(request, type)
  if (!projection.ok) return projection
  const body = await request.readBody(maxBytes)
  return body.ok ? post(context, body.value, projection.value) : body
}

async function serveOne(
  context: ScimContext,
  request: ScimRequest,
  { type, maxBytes, get, put, patch, remove }: Endpoint,
  name: string,
): Promise<Answered> {
  const { method } = request
  const isSearch = name === '.search'
  if (isSearch && method === 'POST') {
    return search(request, (query) => searchOne(context, type, query))
  }
  const id = tryDecodeURIComponent(name)
  const ifMatch = versionsOf(request)
  if (method === 'DELETE') return remove(context, id, { ifMatch })
  const change = method === 'PUT' ? put : method === 'PATCH' ? patch : null
  if (!change && method !== 'GET') return only(isSearch ? 'POST' : 'GET, PUT, PATCH, DELETE')
  const projection = readProjection(request, type)
  if (!projection.ok) return projection
  if (!change) return get(context, id, projection.value)
  const body = await request.readBody(maxBytes)
  return body.ok ? change(context, id, body.value, { ifMatch, projection: projection.value }) : body
}

type Find = (query: ListQuery) => Promise<Answered>

async function list({ query }: ScimRequest, find: Find): Promise<Answered> {
  const wanted = parseQuery(query)
  return wanted.ok ? find(wanted.value) : wanted
}

async function search({ readBody }: ScimRequest, find: Find): Promise<Answered> {
  const body = await readBody(BODY_BYTES)
  if (!body.ok) return body
  const wanted = parseSearch(body.value)
  return wanted.ok ? find(wanted.value) : wanted
}

function readProjection({ query }: ScimRequest, type: ResourceType): Result<Projection, ScimError> {
  const wanted = parseQuery(query)
  if (!wanted.ok) return wanted
  return ok(toProjection(type, wanted.value.attributes, wanted.value.excludedAttributes))
}

/**
 * The versions of If-Match; null: any version. A tag that we did not make matches no version. What
 * a tag says of a user's groups is ignored: a change of the groups is no change of the user.
 */
function versionsOf({ ifMatch }: ScimRequest): readonly number[] | null {
  if (ifMatch === null || ifMatch.trim() === '*') return null
  return Array.from(ifMatch.matchAll(/"(\d{1,15})(?:-\w{1,8})?"/g), ([, digits]) => Number(digits))
}
