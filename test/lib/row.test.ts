import { env } from 'cloudflare:workers'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { flag, instant, jsonOf, parseRow, parseRows } from '../../src/lib/row.ts'

const schema = v.object({
  at: instant,
  on: flag,
  off: flag,
  never: v.nullable(instant),
  names: jsonOf(v.array(v.string())),
})
const columns = `1000 AS at, 1 = 1 AS "on", 1 = 0 AS off, NULL AS never, json_array('a', 'b') AS names`
const read = { at: toInstant(1000), on: true, off: false, never: null, names: ['a', 'b'] }

describe('a row of D1', () => {
  it('is read column by column', async () => {
    expect(parseRow(schema, await env.DB.prepare(`SELECT ${columns}`).first())).toEqual(read)
    const { results } = await env.DB.prepare(`SELECT ${columns} UNION ALL SELECT ${columns}`).all()
    expect(parseRows(schema, results)).toEqual([read, read])
  })

  it('is null where D1 found none', async () => {
    expect(
      parseRow(schema, await env.DB.prepare(`SELECT ${columns} WHERE 1 = 0`).first()),
    ).toBeNull()
    expect(parseRow(schema, undefined)).toBeNull()
    expect(parseRows(schema, [])).toEqual([])
  })

  it.each([
    ['an instant that is text', `'1000' AS at`, instant, 'at'],
    ['an instant that is missing', 'NULL AS at', instant, 'at'],
    ['a flag that is text', `'1' AS at`, flag, 'at'],
    ['JSON that is none', `'[1' AS at`, jsonOf(v.array(v.number())), 'at'],
    ['JSON of another shape', `'{}' AS at`, jsonOf(v.array(v.number())), 'at'],
  ])('refuses %s', async (_, column, reader, name) => {
    const row = await env.DB.prepare(`SELECT ${column}`).first()
    expect(() => parseRow<unknown>(v.object({ [name]: reader }), row)).toThrow(v.ValiError)
    expect(() => parseRows<unknown>(v.object({ [name]: reader }), [row])).toThrow(v.ValiError)
  })
})
