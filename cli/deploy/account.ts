/** The Worker in the operator's account at Cloudflare, as it is now. */
import * as v from 'valibot'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { createCall, findAccount, type Call, type Environment } from '../remote.ts'

export interface Account {
  /** `/accounts/<id>` */
  readonly path: string
  readonly call: Call
}

export interface Deployed {
  /** Names of the secrets. Nobody can read what they are. */
  readonly secrets: readonly string[]
  /** Ids of its stores, by the name of the binding. */
  readonly stores: ReadonlyMap<string, string>
  /** Id of the version that answers all requests; null: none does alone. */
  readonly version: string | null
}

const settings = v.object({
  bindings: v.array(
    v.object({
      type: v.string(),
      name: v.string(),
      namespace_id: v.optional(v.string()),
      id: v.optional(v.string()),
    }),
  ),
})
const secrets = v.array(v.object({ name: v.string() }))
const deployments = v.object({
  deployments: v.array(
    v.object({
      versions: v.array(v.object({ version_id: v.string(), percentage: v.number() })),
    }),
  ),
})
const changes = v.object({
  updated: v.optional(v.array(v.object({ id: v.string(), modified: v.optional(v.boolean()) })), []),
  conflicting: v.optional(v.array(v.object({ hostname: v.string() })), []),
})
const domain = v.object({ hostname: v.string(), service: v.string() })

export async function openAccount(
  environment: Environment,
  accountId: string | undefined,
): Promise<Result<Account, Failure>> {
  const call = await createCall(environment)
  if (!call.ok) return call
  const id = await findAccount(call.value, environment['CLOUDFLARE_ACCOUNT_ID'] ?? accountId)
  return id.ok ? ok({ path: `/accounts/${id.value}`, call: call.value }) : id
}

/** null: there is no such Worker yet. */
export async function findDeployedWorker(
  { call, path }: Account,
  name: string,
): Promise<Result<Deployed | null, Failure>> {
  const at = `${path}/workers/scripts/${name}`
  const bound = await call(`${at}/settings`)
  if (!bound.ok) return bound.error.facts['status'] === 404 ? ok(null) : bound
  const set = await call(`${at}/secrets`)
  if (!set.ok) return set
  const rolled = await call(`${at}/deployments`)
  if (!rolled.ok) return rolled
  const shape = v.safeParse(v.tuple([settings, secrets, deployments]), [
    bound.value,
    set.value,
    rolled.value,
  ])
  if (!shape.success)
    return refused(`Cloudflare's answer about the Worker ${name} is not readable.`)
  const [{ bindings }, named, { deployments: list }] = shape.output
  const [only, ...others] = list[0]?.versions ?? []
  return ok({
    secrets: named.map((each) => each.name),
    stores: new Map(
      bindings.flatMap((each) => {
        const id =
          each.type === 'kv_namespace'
            ? each.namespace_id
            : each.type === 'd1'
              ? each.id
              : undefined
        return id === undefined ? [] : [[each.name, id] as const]
      }),
    ),
    version: only && others.length === 0 ? only.version_id : null,
  })
}

/**
 * Custom domains that belong to something else. At a terminal wrangler asks before it takes one;
 * elsewhere it takes it without a word. Where Cloudflare does not say, none is named.
 */
export async function findTakenDomains(
  { call, path }: Account,
  name: string,
  domains: readonly object[],
): Promise<readonly string[]> {
  if (domains.length === 0) return []
  const asked = await call(
    `${path}/workers/scripts/${name}/domains/changeset?replace_state=true`,
    domains,
  )
  const found = v.safeParse(changes, asked.ok ? asked.value : null)
  if (!found.success) return []
  const { updated, conflicting } = found.output
  const moved = await Promise.all(
    updated.flatMap(({ id, modified }) =>
      modified ? [call(`${path}/workers/domains/records/${id}`)] : [],
    ),
  )
  const others = moved.flatMap((answer) => {
    const known = v.safeParse(domain, answer.ok ? answer.value : null)
    return known.success && known.output.service !== name
      ? [`${known.output.hostname} belongs to the Worker ${known.output.service}`]
      : []
  })
  return [...others, ...conflicting.map(({ hostname }) => `${hostname} has a DNS record already`)]
}
