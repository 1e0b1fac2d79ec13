/**
 * `npm run mutate`: switches off one check of the SAML engine at a time, turns one condition of the
 * policies at a time, and runs the tests that reach it until one fails. A check is reported if all
 * tests pass without it. The switches are
 * inserted when the source is loaded here; `src` has none.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createViteServer } from 'vitest/node'
import { gather, VITEST, type Test } from './battery.ts'
import { equivalents } from './equivalents.ts'
import { instrument, type Site } from './sites.ts'
import { turnConditions } from './turns.ts'

const root = join(import.meta.dirname, '..', '..')
/**
 * Also tries the checks of equivalents.ts: a check that a test does notice must not be listed
 * there.
 */
const withExcused = process.argv.includes('--excused')
const sites: Site[] = []
const sourcesIn = (folder: string, withoutChecks: RegExp): readonly string[] =>
  globSync(`${folder}/**/*.ts`, { cwd: root }).filter((file) => !withoutChecks.test(file))
/** `--only policy`, `--only saml/incoming/logout`: the files whose path begins so. */
const only = process.argv[process.argv.indexOf('--only') + 1]
const folder = process.argv.includes('--only') && only !== undefined ? `src/${only}` : 'src/'
// What is left out contains only words, types and schemas.
const mutated = [
  ...sourcesIn('src/saml', /(error|explain)\.ts$/),
  ...sourcesIn('src/policy', /\/(describe|expectations|policy|rule-config)\.ts$/),
  'src/lib/bytes.ts',
  'src/lib/time.ts',
]
  .filter((file) => file.startsWith(folder))
  .toSorted()
const instrumented = new Map(
  mutated.map((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    const find = file.startsWith('src/policy/') ? turnConditions : instrument
    const { code, sites: found } = find(file.replace('src/', ''), source, sites.length)
    sites.push(...found)
    return [join(root, file), code]
  }),
)

declare global {
  var gatehouseOff: (id: number) => boolean
}
let off = -1
let reached = new Set<number>()
globalThis.gatehouseOff = (id) => {
  reached.add(id)
  return id === off
}

const BATTERY = 'virtual:battery'
const server = await createViteServer({
  configFile: false,
  root,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  plugins: [
    {
      name: 'gatehouse-mutate',
      enforce: 'pre',
      resolveId: (id: string) => (id === BATTERY ? `\0${BATTERY}` : null),
      load: (id: string) => (id === `\0${BATTERY}` ? VITEST : (instrumented.get(id) ?? null)),
      transform: (code: string, id: string) =>
        id.endsWith('.test.ts') ? code.replace(/ from 'vitest'/, ` from '${BATTERY}'`) : null,
    },
  ],
})

const files = globSync(
  [
    'test/saml/**/*.test.ts',
    'test/lib/{bytes,time}.test.ts',
    'test/policy/*.test.ts',
    'test/config.test.ts',
  ],
  { cwd: root },
)
  .filter(
    (file) => folder === 'src/' || /^test\/(policy\/|config)/.test(file) === (only === 'policy'),
  )
  .toSorted()
const tests = await gather(files, (file) => server.ssrLoadModule(join(root, file)))
const measured = await measureAll(tests)
const whole = measured.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000
console.log(
  `${sites.length} checks in ${mutated.length} files; ${tests.length} tests, ${whole.toFixed(0)} s`,
)

const unknown = equivalents.filter(
  ({ check }) => `src/${check}`.startsWith(folder) && !sites.some((site) => keyOf(site) === check),
)
const survivors: Site[] = []
let excused = 0
for (const site of sites) {
  const excuse = equivalents.find(({ check }) => check === keyOf(site))
  // Excused checks are skipped: they are the most expensive, because every test that reaches them
  // runs.
  const caughtBy = excuse && !withExcused ? null : await firstToFail(site.id)
  if (!caughtBy && excuse) excused++
  else if (!caughtBy || excuse) survivors.push(site)
  const verdict = excuse ? `excused: ${excuse.why}` : 'NO TEST MISSES IT'
  console.log(`${site.file}:${site.line} ${site.check}\n    ${caughtBy ?? verdict}`)
}
await server.close()

for (const { check } of unknown) console.log(`Excused, but not there: ${check}`)
console.log(
  `${sites.length} checks switched off, ${sites.length - survivors.length - excused} missed by a named test, ${excused} excused, ${survivors.length} missed by none`,
)
process.exit(survivors.length + unknown.length > 0 ? 1 : 0)

interface Measured {
  readonly test: Test
  readonly milliseconds: number
  readonly reaches: ReadonlySet<number>
}

/** Runs all tests with every check on; all must pass. */
async function measureAll(all: readonly Test[]): Promise<readonly Measured[]> {
  const done: Measured[] = []
  for (const test of all) {
    reached = new Set()
    const start = performance.now()
    if (!(await isPassing(test))) {
      console.error(`Fails with every check on: ${test.name}`)
      process.exit(1)
    }
    done.push({ test, milliseconds: performance.now() - start, reaches: reached })
  }
  return done.toSorted((a, b) => a.milliseconds - b.milliseconds)
}

/** The name of the first test that fails without the check, quickest tests first; null: none. */
async function firstToFail(id: number): Promise<string | null> {
  off = id
  for (const { test, reaches } of measured) {
    if (!reaches.has(id) || (await isPassing(test))) continue
    off = -1
    return test.name
  }
  off = -1
  return null
}

async function isPassing({ run }: Test): Promise<boolean> {
  try {
    await run()
    return true
  } catch {
    return false
  }
}

function keyOf({ file, check }: Site): string {
  return `${file} ${check}`
}
