import { plusSeconds, type Instant } from '../lib/instant.ts'
import { fromStore } from '../lib/store-error.ts'
import { takenSql } from '../login/store.ts'

interface Leaver {
  readonly connection: string
  readonly signIn: string
}

/** A ticket counts for less than that. */
const KEPT_SECONDS = 300

/**
 * One ticket could be sent many times in its minute, and each time we would ask the identity provider.
 *
 * @returns false if this sign-in was signed out there before.
 */
export async function takeLeaving(
  db: D1Database,
  { connection, signIn }: Leaver,
  now: Instant,
): Promise<boolean> {
  const id = `logout-${signIn}`
  const until = plusSeconds(now, KEPT_SECONDS)
  const { meta } = await fromStore('D1', 'using a sign-out up', () =>
    db
      .prepare(takenSql('?2'))
      .bind(connection, JSON.stringify([{ kind: 'request', id, until }]))
      .run(),
  )
  return meta.changes === 1
}
