/**
 * Opens the deployed Worker's D1 through Cloudflare's REST API, with the operator's login to
 * wrangler. This needs none of our code to be deployed. Unlike `wrangler d1 execute`, it binds
 * parameters.
 */
import * as v from 'valibot'
import { ok, type Result } from '../src/lib/result.ts'
import { refused, type Failure } from './command.ts'
import { explainRefusal } from './refusal.ts'
import { createRestD1 } from './rest-d1.ts'
import { plain } from './text.ts'
import { noDatabase } from './project.ts'
import { readWranglerFile } from './wrangler-file.ts'
import { runWrangler } from './wrangler.ts'

export const TIMEOUT_MS = 30_000
export const UNREACHED = 'Cloudflare cannot be reached. Is there a network?'

const envelope = v.object({
  success: v.boolean(),
  result: v.nullish(v.unknown()),
  errors: v.optional(v.array(v.object({ code: v.optional(v.number()), message: v.string() })), []),
})
const wranglerConfig = v.object({
  account_id: v.optional(v.string()),
  d1_databases: v.array(
    v.object({
      binding: v.string(),
      database_id: v.optional(v.string()),
      database_name: v.optional(v.string()),
    }),
  ),
})
const login = v.variant('type', [
  v.object({ type: v.picklist(['oauth', 'api_token']), token: v.string() }),
  v.object({ type: v.literal('api_key'), key: v.string(), email: v.string() }),
])
const accounts = v.array(v.object({ id: v.string(), name: v.string() }))
const databases = v.array(v.object({ uuid: v.string(), name: v.string() }))

export type Environment = Readonly<Record<string, string | undefined>>
/** GET, or POST where there is a body. A refusal has the status of the answer in its facts; null: none came. */
export type Call = (path: string, body?: unknown) => Promise<Result<unknown, Failure>>

export async function openRemoteD1(
  environment: Environment,
  database: string,
): Promise<Result<D1Database, Failure>> {
  const file = await readWranglerFile()
  if (!file.ok) return refused(file.error)
  const call = await createCall(environment)
  if (!call.ok) return call
  const config = v.parse(wranglerConfig, file.value)
  const account = await findAccount(
    call.value,
    environment['CLOUDFLARE_ACCOUNT_ID'] ?? config.account_id,
  )
  if (!account.ok) return account
  const binding = config.d1_databases.find((each) => each.binding === database)
  if (!binding) return refused(noDatabase(database))
  const path = `/accounts/${account.value}`
  const name = binding.database_name ?? USUAL_DATABASE
  const found = binding.database_id
    ? ok(binding.database_id)
    : await findDatabase(call.value, path, name)
  if (!found.ok) return found
  return found.value === null
    ? refused(`The account has no D1 database "${name}". The first npm run deploy makes it.`)
    : ok(openDatabase(call.value, path, found.value))
}

/** The name of the database where wrangler's file has none. */
export const USUAL_DATABASE = 'gatehouse'

/** @param account the path of the account. */
export const openDatabase = (call: Call, account: string, id: string): D1Database =>
  createRestD1(async (body) => {
    const answer = await call(`${account}/d1/database/${id}/query`, body)
    if (!answer.ok) throw new Error(answer.error.message)
    return answer.value
  })

export async function createCall(environment: Environment): Promise<Result<Call, Failure>> {
  const headers = await readLogin(environment)
  if (!headers.ok) return headers
  const base = baseOf(environment)
  return ok(async (path, body) => {
    for (let tried = 1; ; tried++) {
      const answer = await fetch(base + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers.value, 'Content-Type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
        .then(readWhole)
        .catch(() => null)
      const seconds = waitFor(answer, { isRead: body === undefined, tried })
      if (seconds === null) return readAnswer(answer)
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    }
  })
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const readWhole = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
})

const TRIES = 3
const MOST_WAIT_SECONDS = 10

/**
 * How long to wait before the call is made again; null: it is not. What Cloudflare refused as too
 * much was not done. Any other failure of a call that writes may have been done.
 *
 * @param answer null: none came, or not the whole of one.
 */
export function waitFor(
  answer: Pick<Answer, 'status' | 'headers'> | null,
  { isRead, tried }: { readonly isRead: boolean; readonly tried: number },
): number | null {
  if (tried >= TRIES) return null
  if (answer?.status === 429) {
    const named = Number(answer.headers.get('Retry-After') ?? tried)
    return named >= 0 && named <= MOST_WAIT_SECONDS ? named : null
  }
  return isRead && (answer === null || answer.status >= 500) ? tried : null
}

function readAnswer(answer: Answer | null): Result<unknown, Failure> {
  if (!answer) {
    return refused(UNREACHED, { status: null })
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), envelope), answer.text)
  if (parsed.success && parsed.output.success) return ok(parsed.output.result)
  const said = (parsed.success ? parsed.output.errors : []).map(({ code, message }) => ({
    code: code ?? null,
    message: plain(message),
  }))
  return refused(explainRefusal(answer.status, said), { status: answer.status })
}

export const baseOf = (environment: Environment): string =>
  environment['CLOUDFLARE_API_BASE_URL'] ?? 'https://api.cloudflare.com/client/v4'

/** Asked once: it takes a second or two, and the token lives longer than a command. */
let told: ReturnType<typeof runWrangler> | null = null

export async function readLogin(
  environment: Environment,
): Promise<Result<Record<string, string>, Failure>> {
  const apiToken = environment['CLOUDFLARE_API_TOKEN']
  if (apiToken) return ok({ Authorization: `Bearer ${apiToken}` })
  told ??= runWrangler(['auth', 'token', '--json'])
  const answer = await told
  const parsed = v.safeParse(
    v.pipe(v.string(), v.parseJson(), login),
    answer.ok ? answer.value : '',
  )
  if (!parsed.success) {
    return refused(
      'You are not signed in to Cloudflare. Run npx wrangler login, or set CLOUDFLARE_API_TOKEN.',
    )
  }
  const found = parsed.output
  return ok(
    found.type === 'api_key'
      ? { 'X-Auth-Key': found.key, 'X-Auth-Email': found.email }
      : { Authorization: `Bearer ${found.token}` },
  )
}

export async function findAccount(
  call: Call,
  id: string | undefined,
): Promise<Result<string, Failure>> {
  if (id) return ok(id)
  const answer = await call('/accounts')
  if (!answer.ok) return answer
  const found = v.parse(accounts, answer.value)
  const [only, ...others] = found
  if (only && others.length === 0) return ok(only.id)
  const list = found
    .map((each) => `  CLOUDFLARE_ACCOUNT_ID=${each.id}  (${plain(each.name)})`)
    .join('\n')
  return refused(
    only
      ? `Your login has several accounts. Choose one in the environment:\n${list}`
      : 'Your login has no account at Cloudflare. Sign in as somebody who has one: npx wrangler login',
  )
}

/** null: the account has no database of this name. */
export async function findDatabase(
  call: Call,
  account: string,
  name: string,
): Promise<Result<string | null, Failure>> {
  const answer = await call(`${account}/d1/database?name=${encodeURIComponent(name)}&per_page=100`)
  if (!answer.ok) return answer
  const found = v.parse(databases, answer.value).find((each) => each.name === name)
  return ok(found?.uuid ?? null)
}
