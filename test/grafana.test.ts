/** The dashboard for Grafana, its queries, and the columns that docs/monitoring.md tells. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { auditKinds } from '../src/audit/share.ts'
import { blobs, doubles } from '../src/metrics/columns.ts'

const DATA_SOURCE = 'vertamedia-clickhouse-datasource'
const monitoring = readFileSync('docs/monitoring.md', 'utf8')
const file: unknown = JSON.parse(readFileSync('docs/grafana/gatehouse.json', 'utf8'))

/**
 * The JSON model of a dashboard (Grafana's documentation, "JSON model"), with what an import asks for
 * (`__inputs`). Strict in the places where a typing mistake would go unnoticed.
 */
const dataSource = v.strictObject({
  type: v.literal(DATA_SOURCE),
  uid: v.literal('${DS_GATEHOUSE}'),
})
const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const target = v.looseObject({
  datasource: dataSource,
  refId: v.pipe(v.string(), v.regex(/^[A-Z]$/)),
  query: v.string(),
  rawQuery: v.string(),
  format: v.picklist(['time_series', 'table']),
  editorMode: v.literal('sql'),
  dateTimeType: v.literal('DATETIME'),
  dateTimeColDataType: v.literal('timestamp'),
})
const panel = v.strictObject({
  id: whole,
  title: v.pipe(v.string(), v.minLength(1)),
  type: v.picklist(['timeseries', 'stat', 'table']),
  description: v.string(),
  datasource: dataSource,
  gridPos: v.strictObject({ x: whole, y: whole, w: whole, h: whole }),
  fieldConfig: v.strictObject({ defaults: v.looseObject({}), overrides: v.array(v.unknown()) }),
  options: v.looseObject({}),
  targets: v.tuple([target]),
})
const dashboard = v.looseObject({
  __inputs: v.tuple([
    v.looseObject({
      name: v.literal('DS_GATEHOUSE'),
      type: v.literal('datasource'),
      pluginId: v.literal(DATA_SOURCE),
    }),
  ]),
  __requires: v.array(
    v.strictObject({
      type: v.picklist(['grafana', 'datasource', 'panel']),
      id: v.string(),
      name: v.string(),
      version: v.string(),
    }),
  ),
  id: v.null(),
  uid: v.literal('gatehouse'),
  title: v.literal('Gatehouse'),
  schemaVersion: whole,
  time: v.strictObject({ from: v.string(), to: v.string() }),
  templating: v.strictObject({
    list: v.array(
      v.looseObject({ type: v.literal('textbox'), name: v.string(), query: v.string() }),
    ),
  }),
  panels: v.array(panel),
})

const { panels, templating, __requires: required } = v.parse(dashboard, file)
const queries = panels.map(({ title, targets: [{ query }] }) => [title, query] as const)

describe('the dashboard', () => {
  it('has panels that do not overlap, within the 24 columns, each with a number of its own', () => {
    expect(panels.length).toBeGreaterThan(10)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(w > 0 && h > 0 && x + w <= 24).toBe(true)
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
  })

  it('requires each type of panel that it has', () => {
    const types = required.flatMap(({ type, id }) => (type === 'panel' ? [id] : []))
    expect(new Set(types)).toEqual(new Set(panels.map(({ type }) => type)))
  })

  it('has the queries of docs/monitoring.md, under the same titles', () => {
    const told = [...monitoring.matchAll(/^\*\*(.+)\*\*\n\n```sql\n([^`]*)\n```$/gm)]
    expect(told.map(([, title, query]) => [title, query])).toEqual(queries)
    for (const { targets } of panels) expect(targets[0].rawQuery).toBe(targets[0].query)
  })
})

/** The pages "SQL reference" of Workers Analytics Engine, and the macros of the plugin. */
const documented = {
  words: `SELECT FROM WHERE GROUP BY HAVING ORDER ASC DESC LIMIT AS AND OR NOT IN LIKE BETWEEN`,
  functions: `sum sumIf count countIf avg avgIf min max quantileExactWeighted intDiv toUInt32 if`,
  macros: `$timeFilter $timeSeries`,
}
const listOf = (words: string): ReadonlySet<string> => new Set(words.split(' '))

describe.each(queries)('the query of "%s"', (_, query) => {
  const code = query.replace(/'[^']*'/g, "''")

  it('reads only columns that Gatehouse writes', () => {
    const used = code.match(/\b(blob|double|index)\d+\b/g) ?? []
    const written = [
      'index1',
      ...blobs.map((__, i) => `blob${i + 1}`),
      ...doubles.map((__, i) => `double${i + 1}`),
    ]
    expect(used.length).toBeGreaterThan(0)
    expect(used.filter((name) => !written.includes(name))).toEqual([])
  })

  it('uses only words, functions and macros that are documented', () => {
    const aliases = [...code.matchAll(/\bAS (\w+)/g)].map(([, name]) => name)
    const variables = templating.list.map(({ name }) => `$${name}`)
    const known = new Set([
      ...listOf(documented.words),
      ...listOf(documented.functions),
      ...listOf(documented.macros),
      ...aliases,
      ...variables,
      '_sample_interval',
      'timestamp',
    ])
    const names = code.match(/\$?[a-z_]\w*/gi) ?? []
    expect(names.filter((name) => !known.has(name) && !/^(blob|double)\d+$/.test(name))).toEqual([])
    expect(query.match(/\$\w+/g)?.filter((name) => !known.has(name))).toEqual([])
  })

  it('multiplies by the sample interval, and is bound to the times that are shown', () => {
    expect(code).toMatch(/_sample_interval|\bmax\(/)
    expect(code).toContain('$timeFilter')
    expect(code.match(/\bcount\w*\(/i)).toBeNull()
  })

  it('asks for kinds that there are', () => {
    const ours = 'passed sign-in denied refused failed done request event cron'
    const kinds = [...auditKinds, ...ours.split(' ')]
    const asked = (query.match(/'[^']+'/g) ?? []).map((text) => text.slice(1, -1))
    expect(asked.filter((name) => name !== '$site' && !kinds.includes(name))).toEqual([])
  })
})

describe('docs/monitoring.md', () => {
  it('has a row for each column, under the name that the code has', () => {
    const rows = [...monitoring.matchAll(/^\| `((?:blob|double)\d+)` +\| `(\w+)`/gm)]
    expect(rows.map(([, column, name]) => [column, name])).toEqual([
      ...blobs.map((name, i) => [`blob${i + 1}`, name]),
      ...doubles.map((name, i) => [`double${i + 1}`, name]),
    ])
  })
})
