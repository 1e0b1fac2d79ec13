import type { Connection } from '../connection/connection.ts'
import { findConnection } from '../connection/store.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { SessionStores } from '../session/reader.ts'
import type { Hosts } from '../site/host.ts'
import type { RefusedLogin } from './told.ts'

interface OpenDeps {
  readonly stores: Pick<SessionStores, 'db'>
  readonly hosts: Hosts
}

/** The error is the id of a connection with which people may not sign in anywhere; null: of none. */
type Opened = Result<Connection, string | null>

export async function openConnection(id: string, { stores, hosts }: OpenDeps): Promise<Opened> {
  const found = await findConnection(stores.db, id)
  return found?.enabled && hosts.take(found.id) ? ok(found) : err(found?.id ?? null)
}

/** The connection of a refused sign-in: whole, or its id alone where it takes no sign-ins. */
export const cameFrom = (opened: Opened): RefusedLogin['connection'] =>
  opened.ok ? opened.value : opened.error
