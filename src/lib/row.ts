/** Schemas for rows of D1 and for types of columns that valibot does not have. */
import * as v from 'valibot'
import { toInstant } from './instant.ts'

export const instant = v.pipe(v.number(), v.transform(toInstant))

/** SQLite has no booleans; true is stored as 1. */
export const flag = v.pipe(
  v.number(),
  v.transform((value) => value === 1),
)

/** A text column with JSON of this schema. */
export const jsonOf = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(v.string(), v.parseJson(), schema)

/** @returns null: D1 found no row. @throws if the row does not match the schema. */
export const parseRow = <T>(schema: v.GenericSchema<unknown, T>, row: unknown): T | null =>
  row === null || row === undefined ? null : v.parse(schema, row)

export const parseRows = <T>(
  schema: v.GenericSchema<unknown, T>,
  rows: readonly unknown[],
): readonly T[] => rows.map((row) => v.parse(schema, row))
