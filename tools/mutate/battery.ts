/**
 * Loads the tests of test/saml with a replacement for `vitest`, so that each test can run many
 * times.
 */
import { format } from 'node:util'
import { expect } from 'vitest'

export interface Test {
  readonly name: string
  readonly run: () => unknown
}

type Body = (...values: readonly unknown[]) => unknown
/** The arguments after the name: the body, with options before it or a time limit after it. */
type Rest = readonly (Body | object | number)[]

function bodyOf(rest: Rest): Body {
  const body = rest.find((each) => typeof each === 'function')
  if (!body) throw new Error('a test without a body')
  return body as Body
}

const tests: Test[] = []
let hooks: Body[] = []
let path: readonly string[] = []

const named = (name: string, values: readonly unknown[], index: number): string =>
  format(
    name.replaceAll('%#', String(index)),
    ...values.slice(0, name.match(/%[sj]/g)?.length ?? 0),
  )

const each =
  (define: (name: string, body: Body) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, ...rest: Rest): void =>
    rows.forEach((row, index) => {
      const body = bodyOf(rest)
      const values: readonly unknown[] = Array.isArray(row) ? row : [row]
      define(named(name, values, index), () => body(...values))
    })

function describe(name: string, ...rest: Rest): void {
  const outer = path
  path = [...path, name]
  bodyOf(rest)()
  path = outer
}

function it(name: string, ...rest: Rest): void {
  tests.push({ name: [...path, name].join(' › '), run: bodyOf(rest) })
}

const vitest = {
  describe: Object.assign(describe, { each: each(describe) }),
  it: Object.assign(it, { each: each(it) }),
  test: Object.assign(it, { each: each(it) }),
  beforeAll: (body: Body) => void hooks.push(body),
  // Time limits do not apply here.
  vi: { setConfig: () => undefined },
  expect,
}

/** The module that replaces `vitest` in the tests. It reads the global object. */
export const VITEST = `export const { ${Object.keys(vitest).join(', ')} } = globalThis.gatehouseBattery`

declare global {
  var gatehouseBattery: typeof vitest
}
globalThis.gatehouseBattery = vitest

/** The tests that these files define, after running their `beforeAll` hooks. */
export async function gather(
  files: readonly string[],
  load: (file: string) => Promise<unknown>,
): Promise<readonly Test[]> {
  for (const file of files) {
    path = [file.replace(/^test\//, '')]
    hooks = []
    await load(file)
    for (const hook of hooks) await hook()
  }
  return tests
}
