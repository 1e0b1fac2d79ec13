/** One value in the deployed Worker's KV namespace, through Cloudflare's REST API. */
import * as v from 'valibot'
import { ok, type Result } from '../src/lib/result.ts'
import { refused, type Failure } from './command.ts'
import { workerName } from './project.ts'
import { explainRefusal } from './refusal.ts'
import {
  baseOf,
  createCall,
  findAccount,
  readLogin,
  TIMEOUT_MS,
  UNREACHED,
  type Environment,
} from './remote.ts'
import { readWranglerFile } from './wrangler-file.ts'

export interface RemoteValue {
  /** null: there is none. */
  readonly read: () => Promise<Result<string | null, Failure>>
  readonly write: (text: string) => Promise<Result<null, Failure>>
}

const wranglerConfig = v.object({
  name: v.optional(v.string()),
  account_id: v.optional(v.string()),
})
const workerSettings = v.object({
  bindings: v.array(
    v.object({ type: v.string(), name: v.string(), namespace_id: v.optional(v.string()) }),
  ),
})

/** @param binding of the namespace. The deployed Worker says which namespace that is. */
export async function openRemoteValue(
  environment: Environment,
  binding: string,
  key: string,
): Promise<Result<RemoteValue, Failure>> {
  const file = await readWranglerFile()
  if (!file.ok) return refused(file.error)
  const config = v.parse(wranglerConfig, file.value)
  const [call, headers] = [await createCall(environment), await readLogin(environment)]
  if (!call.ok) return call
  if (!headers.ok) return headers
  const account = await findAccount(
    call.value,
    environment['CLOUDFLARE_ACCOUNT_ID'] ?? config.account_id,
  )
  if (!account.ok) return account
  const worker = await call.value(
    `/accounts/${account.value}/workers/scripts/${workerName(config.name)}/settings`,
  )
  if (!worker.ok) return worker
  const settings = v.safeParse(workerSettings, worker.value)
  const bound = settings.success ? settings.output.bindings : []
  const id = bound.find(
    ({ type, name }) => type === 'kv_namespace' && name === binding,
  )?.namespace_id
  if (id === undefined) return refused(`The deployed Worker has no KV namespace "${binding}".`)
  const url = `${baseOf(environment)}/accounts/${account.value}/storage/kv/namespaces/${id}/values/${encodeURIComponent(key)}`
  const ask = (init: RequestInit): Promise<Response | null> =>
    fetch(url, {
      ...init,
      headers: headers.value,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null)
  return ok({
    read: async () => {
      const answer = await ask({})
      if (answer?.status === 404) return ok(null)
      return answer?.ok ? ok(await answer.text()) : refused(`${KV} be read. ${whyNot(answer)}`)
    },
    write: async (text) => {
      const answer = await ask({ method: 'PUT', body: text })
      return answer?.ok ? ok(null) : refused(`${KV} be written to. ${whyNot(answer)}`)
    },
  })
}

const KV = 'Workers KV cannot'

/** @param answer null: none came. */
const whyNot = (answer: Response | null): string =>
  answer ? explainRefusal(answer.status, []) : UNREACHED
