/** The filter of audit commands: the fields of the operation `audit list`, as options. */
import { filterFields, findFilter } from '../../src/admin/audit-filter.ts'
import { readFields, type InputOf } from '../../src/admin/field.ts'
import { explainPerson } from '../../src/admin/people-shown.ts'
import type { AuditFilter } from '../../src/audit/store.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { usage, type Failure, type Input, type Option, type World } from '../command.ts'
import { refuse } from '../operation.ts'
import { plain } from '../text.ts'

export type GivenFilter = InputOf<typeof filterFields>

export const filterOptions: readonly Option[] = Object.entries(filterFields).map(
  ([name, { meaning, placeholder, isList }]) => ({
    name,
    value: placeholder === null ? null : `<${placeholder}>`,
    isRepeatable: isList,
    help: meaning,
  }),
)

/** Read before the store is opened. `user` is as typed. */
export function readFilter({ texts }: Input): Result<GivenFilter, Failure> {
  const read = readFields(filterFields, texts)
  return read.ok
    ? read
    : usage(read.error.map(({ field, problem }) => plain(`--${field} ${problem}.`)).join('\n'))
}

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
