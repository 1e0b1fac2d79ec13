/** What was asked for, and what the account has of it already. */
import type { Config } from '../../src/config.ts'
import { openDatabase } from '../remote.ts'
import { SECRET } from '../secret.ts'
import { isRead } from '../terminal.ts'
import { findDeployedWorker, findTakenDomains, openAccount, type Account } from './account.ts'
import type { Plan } from './plan.ts'
import { findStores, type Stores } from './stores.ts'

export interface Asked {
  readonly settings: Config
  /** The config as its file exports it. */
  readonly exported: unknown
  readonly plan: Plan
  /** The value of --config. */
  readonly config: string | undefined
  readonly isDespite: boolean
  readonly mayAsk: boolean
  readonly waitSeconds: number
  /** The first module of the Worker; null: wrangler bundles it. */
  readonly built: string | null
  /** For wrangler. */
  readonly others: readonly string[]
}

/** What is in the account already. */
export interface There {
  readonly account: Account
  readonly stores: Stores
  /** null: there is no database yet. */
  readonly store: { readonly db: D1Database } | null
  readonly hasSecret: boolean
  /** Id of the version that answers all requests; null: none does alone. */
  readonly version: string | null
}
export type Looked =
  { readonly ok: true; readonly value: There } | { readonly ok: false; readonly error: string }

export async function lookAround({ plan }: Asked): Promise<Looked> {
  const account = await openAccount(process.env, plan.accountId)
  if (!account.ok) return { ok: false, error: account.error.message }
  const worker = await findDeployedWorker(account.value, plan.worker)
  if (!worker.ok) return { ok: false, error: worker.error.message }
  const stores = await findStores(account.value, plan, worker.value)
  if (!stores.ok) return { ok: false, error: stores.error.message }
  const taken = isRead() ? [] : await findTakenDomains(account.value, plan.worker, plan.domains)
  if (taken.length > 0) {
    const list = taken.map((each) => `\n  ${each}`).join('')
    const error = `a custom domain is in use, and wrangler would take it without a question:${list}\nDelete that first, or run npm run deploy at a terminal, where wrangler asks.`
    return { ok: false, error }
  }
  const { d1 } = stores.value
  const { secrets = [], version = null } = worker.value ?? {}
  return {
    ok: true,
    value: {
      account: account.value,
      stores: stores.value,
      store: d1 === null ? null : { db: openDatabase(account.value.call, account.value.path, d1) },
      hasSecret: secrets.includes(SECRET),
      version,
    },
  }
}
