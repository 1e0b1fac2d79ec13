/** The groups of directories. Only the directory changes them. */
import { findGroups, type GroupEntry } from '../directory/overview-store.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Named } from './people.ts'

export type GroupRefusal =
  | { readonly reason: 'unknown-group'; readonly named: Named }
  | {
      readonly reason: 'several-groups'
      readonly named: Named
      readonly candidates: readonly GroupEntry[]
    }

/** By display name, id or external id, in full. */
export async function findOneGroup(
  db: D1Database,
  named: Named,
): Promise<Result<GroupEntry, GroupRefusal>> {
  const { text, connection } = named
  const candidates = (await findGroups(db, text)).filter(
    (group) => connection === null || group.connection === connection,
  )
  const [group, ...others] = candidates
  if (!group) return err({ reason: 'unknown-group', named })
  return others.length === 0 ? ok(group) : err({ reason: 'several-groups', named, candidates })
}
