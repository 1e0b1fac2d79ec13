/** Connections by id, and the words for what an operation on connections refuses. */
import {
  explainUnknownConnection,
  findKnownConnection,
  type ConnectionRefusal,
  type UnknownConnection,
} from '../../src/admin/connections.ts'
import type { Connection } from '../../src/connection/connection.ts'
import type { Err, Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { refuse } from '../operation.ts'
import { explainFaults } from './given.ts'

export async function knownConnection(
  db: D1Database,
  id: string,
): Promise<Result<Connection, Failure>> {
  const connection = await findKnownConnection(db, id)
  return connection.ok ? connection : explainUnknown(connection.error)
}

export const explainUnknown = (unknown: UnknownConnection): Err<Failure> =>
  refuse(explainUnknownConnection(unknown))

/** @param option the option that gives certificates. */
export function explainConnection(
  refusal: ConnectionRefusal,
  option: 'certificate' | 'add-certificate' = 'certificate',
): Err<Failure> {
  switch (refusal.reason) {
    case 'unknown-connection':
      return explainUnknown(refusal)
    case 'input':
      return explainFaults(refusal.faults, option)
    case 'connection-exists':
      return refused(
        `There is a connection "${refusal.id}" already. Change it: \`npx gatehouse connection update ${refusal.id}\``,
      )
    case 'connection-gone':
      return refused(`Connection "${refusal.id}" is gone: somebody else removed it.`)
    case 'connection-changed':
      return refused(
        `Somebody else changed connection "${refusal.id}" at the same time, so this change was not made. Look at it, and run the command again: \`npx gatehouse connection show ${refusal.id}\``,
      )
    case 'domains-taken': {
      const taken = refusal.taken.map(({ domain, owner }) => `${domain} belongs to "${owner}"`)
      return refused(
        `${taken.join('; ')}, and a domain has one connection. Take it away there first: \`npx gatehouse connection update <id> --remove-domain <domain>\``,
      )
    }
  }
}
