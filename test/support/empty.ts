/** The stores of workerd, emptied. */
import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

/**
 * Deletes everything in KV and D1, and creates our tables.
 *
 * `reset` deletes the stores that are awake. A store that nobody has asked for ten seconds sleeps,
 * keeps what is in it, and has it still when the next test file asks. So each is woken first.
 */
export const emptyEverything = (): Promise<void> => emptyAt(Infinity)

/** The same, with the schema as it was up to the migration of this number. */
export async function emptyAt(schema: number): Promise<void> {
  await Promise.all([env.SESSIONS.list({ limit: 1 }), env.DB.prepare('SELECT 1').run()])
  await reset()
  const before = env.TEST_MIGRATIONS.filter(({ name }) => numberOf(name) <= schema)
  await applyD1Migrations(env.DB, before)
}

/** Applies the migrations that are missing, as a deploy does. */
export const migrateOn = (): Promise<void> => applyD1Migrations(env.DB, env.TEST_MIGRATIONS)

/** `0013_sign_ins.sql` → 13 */
export const numberOf = (name: string): number => Number(/^\d+/.exec(name)?.[0])
