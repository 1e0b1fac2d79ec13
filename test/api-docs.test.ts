/** docs/api.md beside the API. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { operations } from '../src/admin/operations.ts'
import { findRoute, toRoutes } from '../src/api/route.ts'
import { toGiven } from '../src/admin/field.ts'

const document = readFileSync('docs/api.md', 'utf8')

it('has every reason that the API itself gives, with its status', () => {
  const source = readFileSync('src/api/problems.ts', 'utf8')
  const said = [...source.matchAll(/problem\(\s*(\d{3}),\s*'([a-z-]+)'/g)].map(
    ([, ...each]) => each,
  )
  expect(said.length).toBeGreaterThan(10)
  const rows = [...document.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)].map(
    ([, reason = '', status = '']) => `${status} ${reason}`,
  )
  const told = said.map((each) => each.join(' '))
  expect(rows.toSorted()).toEqual([...new Set(told)].toSorted())
})

it('asks for nothing that the API would not take', () => {
  const lines = [...document.matchAll(/^curl "\$GATEHOUSE_API([^"?]+)(?:\?([^"]*))?" (.*)$/gm)]
  expect(lines.length).toBeGreaterThan(2)
  for (const [line, path = '', query = '', rest = ''] of lines) {
    const json = /--json '([^']+)'/.exec(rest)?.[1]
    const method = json === undefined ? (/-X (\w+)/.exec(rest)?.[1] ?? 'GET') : 'POST'
    const found = findRoute(toRoutes(operations), method, path)
    if (!found.ok || !found.value.operation) throw new Error(line)
    const { operation, named } = found.value
    const body: Record<string, string> = json === undefined ? {} : JSON.parse(json)
    const sent = { ...Object.fromEntries(new URLSearchParams(query)), ...body }
    expect(Object.keys(sent).filter((name) => !(name in operation.fields))).toEqual([])
    const given = toGiven({ ...sent, ...Object.fromEntries(named) })
    expect(operation.prepare(given).ok, line).toBe(true)
  }
})
