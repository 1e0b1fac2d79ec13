/** Readers of a row of D1, and of the columns that valibot has no word for. */
import * as v from 'valibot'
import { toInstant } from './instant.ts'

export const instant = v.pipe(v.number(), v.transform(toInstant))

/** SQLite has no booleans: true is 1. */
export const flag = v.pipe(
  v.number(),
  v.transform((value) => value === 1),
)

/** Text that is JSON of this schema. */
export const jsonOf = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(v.string(), v.parseJson(), schema)

/** @returns null: D1 found no row. @throws when the row is not as the schema says. */
export const parseRow = <T>(schema: v.GenericSchema<unknown, T>, row: unknown): T | null =>
  row === null || row === undefined ? null : v.parse(schema, row)

export const parseRows = <T>(
  schema: v.GenericSchema<unknown, T>,
  rows: readonly unknown[],
): readonly T[] => rows.map((row) => v.parse(schema, row))
