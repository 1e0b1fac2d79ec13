/**
 * The service's description, public (RFC 7644 §4). These handlers have no database, so they cannot
 * reveal anything about a directory; connections that do not exist look like all others.
 */
import type { Context } from 'hono'
import { Hono } from 'hono/tiny'
import { answer } from './context.ts'
import { resourceTypes, schemas, serviceProviderConfig } from './discovery.ts'
import { notFound, refuseWith, type ScimError } from './error.ts'
import { tell } from './tell.ts'

export type DescribeEnv = {
  Bindings: {
    /** The base URL of the service, for `location`. */
    readonly base: string
    readonly path: string
    readonly refused: (error: ScimError) => void
  }
}
type C = Context<DescribeEnv>

export const isDescription = (path: string): boolean =>
  /^\/(ServiceProviderConfig|ResourceTypes|Schemas)(\/|$)/.test(path)

export function createDescriptions(): Hono<DescribeEnv> {
  const app = new Hono<DescribeEnv>({ getPath: (_, options) => options?.env?.path ?? '/' })
  app.get('/ServiceProviderConfig', (c) => show(c, serviceProviderConfig(c.env.base)))
  app.get('/ResourceTypes', (c) => show(c, toList(resourceTypes(c.env.base))))
  app.get('/ResourceTypes/:id', (c) => showOne(c, resourceTypes(c.env.base)))
  app.get('/Schemas', (c) => show(c, toList(schemas(c.env.base))))
  app.get('/Schemas/:id', (c) => showOne(c, schemas(c.env.base)))
  for (const path of ['/ServiceProviderConfig', '/:kind', '/:kind/:id']) {
    app.all(path, (c) => (c.req.method === 'GET' ? nothing(c) : onlyGet(c)))
  }
  app.notFound(nothing)
  // Passed on to the onError of the whole app.
  app.onError((error) => {
    throw error
  })
  return app
}

/** RFC 7644 §4: a `filter` on these endpoints is refused with 403. */
function show(c: C, body: object): Response {
  const isFiltered = [...new URL(c.req.url).searchParams.keys()].some(
    (key) => key.toLowerCase() === 'filter',
  )
  const answered = isFiltered
    ? refuseWith(403, 'This endpoint does not support a filter.')
    : answer(200, body)
  return tell(c.req.raw, answered, c.env.refused)
}

function showOne(c: C, all: readonly { readonly id: string }[]): Response {
  const id = (c.req.param('id') ?? '').toLowerCase()
  const found = all.find((each) => each.id.toLowerCase() === id)
  return found ? show(c, found) : nothing(c)
}

const nothing = (c: C): Response => tell(c.req.raw, notFound('such description'), c.env.refused)

const onlyGet = (c: C): Response =>
  tell(c.req.raw, refuseWith(405, 'Only GET is supported here.', { Allow: 'GET' }), c.env.refused)

const toList = (resources: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
})
