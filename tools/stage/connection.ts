/** Connections for stages: stored whatever was there before. */
import type { Connection } from '../../src/connection/connection.ts'
import { findVersion, insertConnection, replaceConnection } from '../../src/connection/store.ts'
import type { Instant } from '../../src/lib/instant.ts'

export async function saveConnection(
  db: D1Database,
  connection: Connection,
  now: Instant,
): Promise<void> {
  const version = await findVersion(db, connection.id)
  if (version === null) await insertConnection(db, connection, now)
  else if (!(await replaceConnection(db, connection, { version, now }))) {
    throw new Error(`another write of ${connection.id} came first`)
  }
}
