/**
 * `node .ci/count.ts <step>:<exit code>:<file> …` adds up what the steps of .ci/run came to. A file
 * is of vitest's JSON reporter; a step without one has only its exit code.
 */
import { globSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'

export interface Step {
  readonly name: string
  readonly exitCode: number
  /** Paths of the test files that must have run; null: the step runs no tests. */
  readonly expected: readonly string[] | null
  /** null: there is none. */
  readonly report: Report | null
}

export interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly TestResult[]
  }[]
}

interface TestResult {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

export interface Count {
  readonly passed: number
  readonly failed: number
  /** Each test that failed: its file, its name, and the start of what it said. */
  readonly failures: readonly string[]
  /** What went wrong beside tests; each counts as one that failed. */
  readonly problems: readonly string[]
}

export function countStep({ name, exitCode, expected, report }: Step): Count {
  if (expected === null) {
    return withoutTests(exitCode === 0 ? [] : [`${name}: code ${exitCode}`])
  }
  if (!report) return withoutTests([`${name}: no results (code ${exitCode})`])
  const { numPassedTests: passed, numFailedTests: failedTests, testResults } = report
  const ran = new Map(testResults.map((file) => [file.name, file]))
  const problems = [
    ...(passed === 0 ? [`${name}: no test passed`] : []),
    // A test that did not run proves nothing, so it is a problem.
    ...expected
      .filter((file) => !ran.get(file)?.assertionResults.some(({ status }) => status === 'passed'))
      .map((file) => `${name}: nothing of ${file} passed`),
    ...(report.numPendingTests + report.numTodoTests > 0
      ? [`${name}: ${report.numPendingTests + report.numTodoTests} tests were skipped`]
      : []),
    ...testResults
      .filter(
        ({ status, assertionResults }) =>
          status === 'failed' && assertionResults.every(({ status: each }) => each !== 'failed'),
      )
      .map(({ name: file }) => `${name}: ${file} failed outside its tests`),
  ]
  const isUnexplained = exitCode !== 0 && failedTests === 0 && problems.length === 0
  const all = isUnexplained ? [`${name}: code ${exitCode} without a failed test`] : problems
  return {
    passed,
    failed: failedTests + all.length,
    failures: testResults.flatMap(failuresOf),
    problems: all,
  }
}

export const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  failures: counts.flatMap(({ failures }) => failures),
  problems: counts.flatMap(({ problems }) => problems),
})

const withoutTests = (problems: readonly string[]): Count => ({
  passed: 0,
  failed: problems.length,
  failures: [],
  problems,
})

const failuresOf = ({ name: file, assertionResults }: Report['testResults'][number]): string[] =>
  assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) =>
      [`${file}: ${fullName}`, ...failureMessages.map(startOf)].join('\n'),
    )

const startOf = (message: string): string =>
  message
    .split('\n')
    .slice(0, 12)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join('\n')

const isLive = (file: string): boolean => file.startsWith('test/live/')

function readStep(argument: string): Step {
  const [name = '', exitCode = '', file = ''] = argument.split(':')
  // The packages that the live tests install bring tests of their own.
  const all = globSync('test/**/*.test.ts', { exclude: ['**/node_modules/**'] }).map((path) =>
    path.replaceAll('\\', '/'),
  )
  return {
    name,
    exitCode: Number(exitCode),
    expected: file === '' ? null : all.filter((path) => isLive(path) === (name === 'live tests')),
    report: file === '' ? null : readReport(file),
  }
}

function readReport(file: string): Report | null {
  try {
    const report: Report = JSON.parse(readFileSync(file, 'utf8'))
    const testResults = report.testResults.map((each) => ({
      ...each,
      name: relative(resolve('.'), each.name).replaceAll('\\', '/'),
    }))
    return { ...report, testResults }
  } catch {
    return null
  }
}

if (import.meta.main) {
  const { passed, failed, failures, problems } = sum(
    process.argv.slice(2).map((each) => countStep(readStep(each))),
  )
  for (const failure of failures) console.log(failure)
  for (const problem of problems) console.log(problem)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}
