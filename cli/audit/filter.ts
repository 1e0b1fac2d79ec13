/** The filter of audit commands: the fields of the operation `audit list`, as options. */
import { filterFields, findFilter } from '../../src/admin/audit-filter.ts'
import type { InputOf } from '../../src/admin/field.ts'
import { explainPerson } from '../../src/admin/people-shown.ts'
import type { AuditFilter } from '../../src/audit/store.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Failure, Input, Option, World } from '../command.ts'
import { optionsOf, readOptions, refuse } from '../operation.ts'

export type GivenFilter = InputOf<typeof filterFields>

export const filterOptions: readonly Option[] = Object.entries(filterFields).flatMap(
  ([name, field]) => optionsOf(name, field),
)

/** Read before the store is opened. `user` is as typed. */
export const readFilter = ({ texts }: Input): Result<GivenFilter, Failure> =>
  readOptions(filterFields, texts)

export async function openAudit(
  given: GivenFilter,
  { openStore, now }: World,
): Promise<Result<{ readonly db: D1Database; readonly filter: AuditFilter }, Failure>> {
  const db = await openStore()
  if (!db.ok) return db
  const filter = await findFilter(db.value, given, now)
  return filter.ok
    ? ok({ db: db.value, filter: filter.value })
    : refuse(explainPerson(filter.error))
}
