/** The stores of workerd, emptied. */
import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

/**
 * Deletes everything in KV and D1, and creates our tables.
 *
 * `reset` deletes the stores that are awake. A store that nobody has asked for ten seconds sleeps,
 * keeps what is in it, and has it still when the next test file asks. So each is woken first.
 */
export async function emptyEverything(): Promise<void> {
  await Promise.all([env.SESSIONS.list({ limit: 1 }), env.DB.prepare('SELECT 1').run()])
  await reset()
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
}
