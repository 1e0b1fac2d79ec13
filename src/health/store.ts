/** Asks KV and D1 whether they answer. */
import { fromStoreSoon, StoreUnavailable } from '../lib/store-error.ts'

export interface Stores {
  readonly kv: KVNamespace
  readonly db: D1Database
}

export interface StoresHealth {
  readonly kv: boolean
  readonly d1: boolean
}

/** Both at once, so the slower one decides how long it takes. */
export async function askStores({ kv, db }: Stores): Promise<StoresHealth> {
  const [isKvWell, isD1Well] = await Promise.all([
    // No such key is ever written.
    isAnswered(fromStoreSoon('KV', 'a health check', () => kv.get('health'))),
    // Of a table of ours: a database without the migrations is not ready.
    isAnswered(
      fromStoreSoon('D1', 'a health check', () =>
        db.prepare('SELECT id FROM connections LIMIT 1').first(),
      ),
    ),
  ])
  return { kv: isKvWell, d1: isD1Well }
}

async function isAnswered(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return true
  } catch (error) {
    if (error instanceof StoreUnavailable) return false
    throw error
  }
}
