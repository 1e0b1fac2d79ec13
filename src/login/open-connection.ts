import type { Connection } from '../connection/connection.ts'
import { findConnection } from '../connection/store.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Hosts } from '../site/host.ts'

interface OpenDeps {
  readonly stores: Pick<SessionStores, 'db'>
  readonly hosts: Hosts
}

/** null: there is no connection with this id, or people may not sign in with it at any host. */
export async function openConnection(
  id: string,
  { stores, hosts }: OpenDeps,
): Promise<Connection | null> {
  const found = await findConnection(stores.db, id)
  return found?.enabled && hosts.take(found.id) ? found : null
}
