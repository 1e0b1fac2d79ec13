/** What several commands ask of the stored connections. */
import type { Connection } from '../../src/connection/connection.ts'
import {
  findConnection,
  findConnectionByDomain,
  listConnections,
} from '../../src/connection/store.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { refused, type Failure } from '../command.ts'
import { nearest } from '../../src/lib/nearest.ts'

/** The connection of that id; a mistyped one gets a suggestion. */
export async function knownConnection(
  db: D1Database,
  id: string,
): Promise<Result<Connection, Failure>> {
  const connection = await findConnection(db, id)
  if (connection) return ok(connection)
  const ids = (await listConnections(db)).map((each) => each.id)
  const meant = nearest(id, ids)
  const known = ids.length > 0 ? `There is: ${ids.join(', ')}.` : 'There is none yet.'
  return refused(
    `There is no connection "${id}".${meant ? ` Did you mean "${meant}"?` : ''} ${known}`,
  )
}

/** A domain belongs to one connection: no other IdP may speak for its addresses. */
export async function judgeDomains(
  db: D1Database,
  { id, domains }: Connection,
): Promise<Result<null, Failure>> {
  const taken: string[] = []
  for (const domain of domains) {
    const owner = await findConnectionByDomain(db, domain)
    if (owner && owner.id !== id) taken.push(`${domain} belongs to "${owner.id}"`)
  }
  return taken.length === 0
    ? ok(null)
    : refused(
        `${taken.join('; ')}, and a domain has one connection. Take it away there first: \`npx gatehouse connection update <id> --remove-domain <domain>\``,
      )
}
