/** docs/interop.md beside the live tests that there are: each ✓ has its tests, and nothing else has. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../cli/project.ts'
import { products } from './stage.ts'

interface LiveTest {
  readonly name: string
  readonly file: string
}

const [header = [], , ...rows] = readFileSync(join(root, 'docs/interop.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()))

/** By vitest itself, which knows what became of every `each` and every condition. */
let tests: readonly LiveTest[] = []
beforeAll(async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'list', '--project', 'live', '--json', '--no-static-parse']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  tests = JSON.parse(stdout)
})

/** A row names its tests by file, and by what else stands in their names, in order: `one … two`. */
function testsOf(product: string, named: string): readonly LiveTest[] {
  const [, file = '', words = ''] = /^\[([a-z-]+)\]\[\w\] `([^`]+)`$/.exec(named) ?? []
  const parts = words.split(' … ')
  return tests.filter(
    (test) =>
      basename(test.file) === `${file}.test.ts` &&
      isOf(product, test.name) &&
      hasInOrder(test.name, parts),
  )
}

/** A test, or one of those that it stands in, begins with the product. */
const isOf = (product: string, name: string): boolean =>
  name.split(' > ').some((part) => `${part} `.startsWith(`${product} `))

function hasInOrder(name: string, parts: readonly string[]): boolean {
  let rest = name
  for (const part of parts) {
    const at = rest.indexOf(part)
    if (at < 0) return false
    rest = rest.slice(at + part.length)
  }
  return true
}

describe('docs/interop.md', () => {
  it('has a column for each product', () => {
    expect(header).toEqual(['', ...products, 'tests'])
    expect(rows.length).toBeGreaterThan(0)
  })

  it.each(rows)('says who %s, as the tests do', (...row) => {
    const [, ...cells] = row
    const named = cells.pop() ?? ''
    const found = products.map((product) => (testsOf(product, named).length > 0 ? '✓' : '—'))
    expect(cells).toEqual(found)
    expect(found).toContain('✓')
  })
})
