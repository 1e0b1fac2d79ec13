/**
 * The JSON API at `/.gatehouse/api/v1` of the login host. It offers every operation of src/admin to
 * programs that have an admin token. It reads no cookie, so no page can use a visitor's rights.
 */
import { Hono } from 'hono/tiny'
import {
  findAdminToken,
  removeOldAdminTokens,
  touchAdminToken,
  type StoredAdminToken,
} from '../admin/admin-token-store.ts'
import { hashAdminToken, parseAdminToken } from '../admin/admin-token.ts'
import { mayDo, type Operator } from '../admin/context.ts'
import type { AdminDeps, AdminEnv } from '../admin/part.ts'
import type { Given } from '../admin/field.ts'
import { toJson, withinSeconds, type Operation } from '../admin/operation.ts'
import { operations } from '../admin/operations.ts'
import { workerContext } from '../admin/worker-context.ts'
import type { Audit } from '../audit/event.ts'
import { createBearer } from '../lib/bearer.ts'
import type { Instant } from '../lib/instant.ts'
import { ownHeaders } from '../lib/own-headers.ts'
import { API_PREFIX } from '../lib/paths.ts'
import { problemResponse, type Problem } from '../lib/problem.ts'
import { ok, type Result } from '../lib/result.ts'
import { createDailySealer, type DailySealer } from '../lib/seal.ts'
import { isLoginHost } from '../site/host.ts'
import type { Visit } from '../site/visit.ts'
import {
  ANSWER_TYPE,
  JSON_TYPE,
  readAccept,
  readIfMatch,
  toEntityTag,
  type AnswerType,
} from './headers.ts'
import { ANSWERS_PURPOSE, answerOnce, parseKey, type Told } from './idempotency.ts'
import { removeOldKeys } from './idempotency-store.ts'
import { readInput } from './input.ts'
import {
  invalidInput,
  keyForReading,
  noValidToken,
  refusalProblem,
  scopeMissing,
  tooManyFailures,
} from './problems.ts'
import { findRoute, toRoutes } from './route.ts'

export type ApiDeps = Pick<
  AdminDeps,
  'stores' | 'config' | 'secrets' | 'assets' | 'audit' | 'hosts' | 'newId' | 'limits'
>

const DOCUMENT_PATH = `${API_PREFIX}/openapi.json`
const DOCUMENT_ASSET = 'https://assets.invalid/.gatehouse/assets/openapi.json'

export function createApiApp(deps: ApiDeps): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>()
  const routes = toRoutes(operations)
  const bearer = createBearer(deps.limits)
  const answers = createDailySealer(deps.secrets, ANSWERS_PURPOSE)

  app.use(`${API_PREFIX}/*`, (c, next) =>
    isLoginHost(c.var.visit.host, deps.hosts) ? next() : Promise.resolve(c.notFound()),
  )
  app.get(DOCUMENT_PATH, async (c) => {
    const document = await deps.assets?.fetch(DOCUMENT_ASSET)
    return document?.ok
      ? new Response(document.body, { headers: { ...ownHeaders, 'Content-Type': JSON_TYPE } })
      : c.notFound()
  })
  app.all(`${API_PREFIX}/*`, async (c) => {
    const { visit } = c.var
    const request = c.req.raw
    const audit = deps.audit(visit)
    const refuse = (
      problem: Problem,
      token: StoredAdminToken | null,
      operation: Operation | null,
    ): Response => {
      const { status, reason } = problem
      const isLookUp = status === 404 && ['GET', 'HEAD'].includes(request.method)
      if (!isLookUp && status !== 429) {
        const named = { token: token?.id ?? null, operation: operation?.name ?? null }
        audit({ kind: 'api-refused', ...named, status, reason })
      }
      return problemResponse(problem, visit.requestId)
    }

    const token = await bearer(request, visit, {
      hashOf: (text) => {
        const secret = parseAdminToken(text)
        return secret && hashAdminToken(secret)
      },
      find: (hash, now) => findAdminToken(deps.stores.db, hash, now),
      touch: ({ id }, now) => touchAdminToken(deps.stores.db, id, now),
    })
    if (!token.ok) {
      const problem = token.error === 'no-valid-token' ? noValidToken : tooManyFailures
      return refuse(problem.error, null, null)
    }
    const path = visit.url.pathname.slice(API_PREFIX.length)
    const found = findRoute(routes, request.method, path)
    if (!found.ok) return refuse(found.error, token.value, null)
    const { operation, named, allow } = found.value
    if (!operation) {
      return new Response(null, { status: 204, headers: { ...ownHeaders, Allow: allow } })
    }
    const told = await serve(request, visit, {
      deps,
      answers,
      audit,
      token: token.value,
      operation,
      named,
    })
    if (!told.ok) return refuse(told.error, token.value, operation)
    const { status, type, headers, body } = told.value
    return new Response(body, {
      status,
      headers: { ...ownHeaders, 'Content-Type': type, ...headers },
    })
  })
  return app
}

interface Asked {
  readonly deps: ApiDeps
  readonly answers: DailySealer
  readonly audit: Audit
  readonly token: StoredAdminToken
  readonly operation: Operation
  readonly named: ReadonlyMap<string, string>
}

/** Every answer that is no error of the request, in the order in which HTTP asks for the checks. */
async function serve(
  request: Request,
  visit: Visit,
  { deps, answers, audit, token, operation, named }: Asked,
): Promise<Result<Told, Problem>> {
  const { http, prepare } = operation
  const operator = toOperator(token)
  if (!mayDo(operator, operation.scope)) return scopeMissing(operation.scope)
  const type = readAccept(request.headers.get('Accept'))
  if (!type.ok) return type
  const given = await readInput(request, visit.url.searchParams, operation, named)
  if (!given.ok) return given
  const ifVersion = readIfMatch(request.headers.get('If-Match'), http.heedsVersion ?? false)
  if (!ifVersion.ok) return ifVersion
  const act = prepare(given.value)
  if (!act.ok) return invalidInput(act.error)

  const context = workerContext(visit, deps, {
    operator,
    onUnaudited: ({ store, during }) => audit({ kind: 'store-unavailable', store, during }),
  })
  const work = async (): Promise<Result<Told, Problem>> => {
    const bound = withinSeconds(deps.config.revocationSeconds)
    const answer = await act.value(context, { bound, ifVersion: ifVersion.value })
    const hasWords = type.value === ANSWER_TYPE
    if (!answer.ok) return refusalProblem(answer.error, hasWords)
    const { version, next } = answer.value
    const body = hasWords ? answer.value : toJson(answer.value)
    return ok({
      status: http.creates ? 201 : 200,
      type: type.value,
      headers: {
        ...(version === null ? {} : { ETag: toEntityTag(version) }),
        ...(next === null ? {} : { Link: linkTo(visit.url, next) }),
      },
      body: JSON.stringify(body),
    })
  }
  const header = request.headers.get('Idempotency-Key')
  if (header === null) return work()
  if (!operation.changes) return keyForReading
  const key = parseKey(header)
  if (!key.ok) return key
  return answerOnce(
    { db: deps.stores.db, sealer: answers, newId: deps.newId, now: visit.now },
    {
      token: token.id,
      key: key.value,
      request: describe(operation, given.value, ifVersion.value, type.value),
    },
    work,
  )
}

/** The label says which program it is; the id, which token. */
const toOperator = ({ id, label, scopes, maker }: StoredAdminToken): Operator => ({
  name: `${label} (token ${id})`,
  face: 'api',
  scopes,
  user: maker,
})

/** RFC 8288: the same list, from the cursor on. */
function linkTo(url: URL, cursor: string): string {
  const next = new URL(url)
  next.searchParams.set('cursor', cursor)
  return `<${next.pathname}${next.search}>; rel="next"`
}

/** Two requests that ask for the same have the same description, whatever white space is in them. */
const describe = (
  { name }: Operation,
  given: Given,
  ifVersion: string | null,
  type: AnswerType,
): string =>
  JSON.stringify([name, [...given].toSorted(([a], [b]) => (a < b ? -1 : 1)), ifVersion, type])

/** For cron. */
export async function tidyApi(db: D1Database, now: Instant): Promise<void> {
  await removeOldKeys(db, now)
  await removeOldAdminTokens(db, now)
}
