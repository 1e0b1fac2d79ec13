/**
 * `npm run mutate:hosts`: turns one condition at a time of what passes a sign-in on to another host
 * and of what says whether a session counts, in the source and in its SQL, and runs the tests of it in
 * workerd until one fails. Each condition is tried as if it always held and as if it never did.
 * `--only target`: the conditions whose file or text matches.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { turnStatements, type Mutant } from './statements.ts'
import { turnConditions } from './turns.ts'

const root = join(import.meta.dirname, '..', '..')
/** In turn, until one fails: the tests of a session alone are quick. */
const ofSessions = ['test/session/']
const ofSignIns = [
  'test/site/hosts.test.ts',
  'test/login/hostile.test.ts',
  'test/login/hosts.test.ts',
  'test/login/ways.test.ts',
  'test/login/switch.test.ts',
  'test/home/home.test.ts',
  'test/binding/',
]
const turned = [
  'login/transfer.ts',
  'login/pass-on.ts',
  'login/arrival.ts',
  'login/target.ts',
  'login/transfer-store.ts',
  'site/host.ts',
  // Left out: name-id-store.ts, whose tests are those of single logout, and what names a browser.
  ...globSync('session/*.ts', { cwd: join(root, 'src') })
    .filter((file) => !/\/(name-id-store|device)\.ts$/.test(file))
    .toSorted(),
]

/** The source with one switch on, and the others gone. */
const withOne = (code: string, id: number): string =>
  code.replaceAll(/gatehouseOff\((\d+)\)/g, (_, each: string) => String(Number(each) === id))

const mutants = turned.flatMap((file): readonly Mutant[] => {
  const source = readFileSync(join(root, 'src', file), 'utf8')
  const { code, sites } = turnConditions(file, source, 0)
  return [
    ...sites.map(({ id, line, check }) => ({ file, line, check, code: withOne(code, id) })),
    ...turnStatements(file, source),
  ]
})

const at = process.argv.indexOf('--only')
const only = new RegExp(at === -1 ? '' : (process.argv[at + 1] ?? ''))
// The tests run on a copy, because workerd reads its modules from files.
const copy = mkdtempSync(join(tmpdir(), 'gatehouse-turned-'))
for (const each of [
  'src',
  'test',
  'tools',
  'client',
  'migrations',
  'vitest.config.ts',
  'wrangler.toml',
  'worker.ts',
  'gatehouse.config.ts',
  'tsconfig.json',
  'package.json',
]) {
  cpSync(join(root, each), join(copy, each), { recursive: true })
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))

/** The name of the first test that fails; null: all pass. */
function firstToFail(tests: readonly string[], tries = 3): string | null {
  const args = ['run', '--project', 'unit', '--bail', '1', ...tests]
  const env = { ...process.env, NO_COLOR: '1' }
  const { stdout, stderr, status } = spawnSync('vitest', args, { cwd: copy, env, encoding: 'utf8' })
  if (status === 0) return null
  const failed = / FAIL .*?(test\/.*)/.exec(stdout + stderr)?.[1]
  if (failed !== undefined) return failed
  // Where a run ends with its first failure, vitest now and then leaves it out of the report.
  if (tries > 1) return firstToFail(tests, tries - 1)
  throw new Error(`no test failed, but the run did\n${stdout}${stderr}`)
}

const before = firstToFail([...ofSessions, ...ofSignIns])
if (before !== null) throw new Error(`fails with every condition as it is: ${before}`)
let tried = 0
let survived = 0
for (const { file, line, check, code } of mutants) {
  const name = `${file}:${line} ${check}`
  if (!only.test(name)) continue
  const path = join(copy, 'src', file)
  writeFileSync(path, code)
  const quick = file.startsWith('session/') ? firstToFail(ofSessions) : null
  const failed = quick ?? firstToFail([...ofSessions, ...ofSignIns])
  cpSync(join(root, 'src', file), path)
  tried++
  if (failed === null) survived++
  console.log(`${name}\n    ${failed ?? 'NO TEST MISSES IT'}`)
}
console.log(`${tried} turned, ${tried - survived} missed by a named test, ${survived} by none`)
rmSync(copy, { recursive: true })
process.exit(survived > 0 ? 1 : 0)
