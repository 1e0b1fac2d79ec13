/** Connections by id, and the words where there is none. */
import {
  explainUnknownConnection,
  findKnownConnection,
  type UnknownConnection,
} from '../../src/admin/connections.ts'
import type { Connection } from '../../src/connection/connection.ts'
import type { Err, Result } from '../../src/lib/result.ts'
import { type Failure } from '../command.ts'
import { refuse } from '../operation.ts'

export async function knownConnection(
  db: D1Database,
  id: string,
): Promise<Result<Connection, Failure>> {
  const connection = await findKnownConnection(db, id)
  return connection.ok ? connection : explainUnknown(connection.error)
}

export const explainUnknown = (unknown: UnknownConnection): Err<Failure> =>
  refuse(explainUnknownConnection(unknown))
