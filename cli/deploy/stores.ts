/**
 * The KV namespace and the D1 database, found or made. wrangler makes them too, but it stops at a
 * namespace that an earlier deploy made before it failed (workers-sdk issue 14284).
 */
import * as v from 'valibot'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { findDatabase } from '../remote.ts'
import type { Account, Deployed } from './account.ts'
import type { Plan } from './plan.ts'

/** Ids; null: there is none yet. */
export interface Stores {
  readonly kv: string | null
  readonly d1: string | null
}

const PAGE = 100
/** An account has 1,000 namespaces at most, unless Cloudflare raises that. */
const PAGES = 50

const namespaces = v.array(v.object({ id: v.string(), title: v.string() }))
const namespace = v.object({ id: v.string() })
const database = v.object({ uuid: v.string() })

export async function findStores(
  account: Account,
  plan: Plan,
  worker: Deployed | null,
): Promise<Result<Stores, Failure>> {
  const kvId = plan.kv.id ?? worker?.stores.get(plan.kv.binding)
  const kv = kvId === undefined ? await findNamespace(account, plan.kv.title) : ok(kvId)
  if (!kv.ok) return kv
  const d1 =
    plan.d1.id === null
      ? await findDatabase(account.call, account.path, plan.d1.name)
      : ok(plan.d1.id)
  if (!d1.ok) return d1
  if (d1.value === null && worker?.stores.has(plan.d1.binding)) {
    return refused(
      `The Worker ${plan.worker} has a database already, and it is not called "${plan.d1.name}". An empty one in its place would lose all connections and people. Correct database_name, or make the empty one yourself: npx wrangler d1 create ${plan.d1.name}`,
    )
  }
  return ok({ kv: kv.value, d1: d1.value })
}

export async function makeNamespace(
  account: Account,
  { kv: { title } }: Plan,
): Promise<Result<string, Failure>> {
  const made = await account.call(`${account.path}/storage/kv/namespaces`, { title })
  return settle(
    made,
    namespace,
    ({ id }) => id,
    () => findNamespace(account, title),
  )
}

export async function makeDatabase(
  { call, path }: Account,
  { d1: { name, jurisdiction } }: Plan,
): Promise<Result<string, Failure>> {
  const made = await call(`${path}/d1/database`, {
    name,
    ...(jurisdiction === null ? {} : { jurisdiction }),
  })
  return settle(
    made,
    database,
    ({ uuid }) => uuid,
    () => findDatabase(call, path, name),
  )
}

/** What was not answered may have been made all the same, and somebody else may have been faster. */
async function settle<S extends v.GenericSchema>(
  made: Result<unknown, Failure>,
  schema: S,
  idOf: (value: v.InferOutput<S>) => string,
  find: () => Promise<Result<string | null, Failure>>,
): Promise<Result<string, Failure>> {
  const parsed = v.safeParse(schema, made.ok ? made.value : null)
  if (parsed.success) return ok(idOf(parsed.output))
  const found = await find()
  if (found.ok && found.value !== null) return ok(found.value)
  return made.ok ? refused("Cloudflare's answer is not readable.") : made
}

async function findNamespace(
  { call, path }: Account,
  title: string,
): Promise<Result<string | null, Failure>> {
  for (let page = 1; page <= PAGES; page++) {
    const answer = await call(
      `${path}/storage/kv/namespaces?per_page=${PAGE}&order=title&direction=asc&page=${page}`,
    )
    if (!answer.ok) return answer
    const list = v.safeParse(namespaces, answer.value)
    if (!list.success) return refused("Cloudflare's list of KV namespaces is not readable.")
    const found = list.output.find((each) => each.title === title)
    if (found) return ok(found.id)
    if (list.output.length < PAGE) return ok(null)
  }
  return refused(
    `The account has more than ${PAGE * PAGES} KV namespaces. Write the id of yours into the file of wrangler.`,
  )
}
