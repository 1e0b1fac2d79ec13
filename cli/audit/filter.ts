/** The filter of audit commands: the fields of the operation `audit list`, as options. */
import { filterFields } from '../../src/admin/audit-filter.ts'
import type { Given } from '../../src/admin/field.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Failure, Input, Option } from '../command.ts'
import { optionsOf, readOptions } from '../operation.ts'

export const filterOptions: readonly Option[] = Object.entries(filterFields).flatMap(
  ([name, field]) => optionsOf(name, field),
)

/** As typed, and checked before a store is opened. */
export function readFilter({ texts }: Input): Result<Given, Failure> {
  const read = readOptions(filterFields, texts)
  return read.ok
    ? ok(new Map([...texts].filter(([name]) => Object.hasOwn(filterFields, name))))
    : read
}
