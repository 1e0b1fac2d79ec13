/** .ci/run must not claim what did not happen. */
import { describe, expect, it } from 'vitest'
import { countStep, sum, type Report, type Step } from '../../.ci/count.ts'

const passed = { fullName: 'a gate is shut', status: 'passed', failureMessages: [] }

const report = (fields: Partial<Report> = {}): Report => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: ['test/a.test.ts', 'test/b.test.ts'].map((name) => ({
    name,
    status: 'passed',
    assertionResults: [passed],
  })),
  ...fields,
})
const step = (fields: Partial<Step> = {}): Step => ({
  name: 'npm test',
  exitCode: 0,
  expected: ['test/a.test.ts', 'test/b.test.ts'],
  report: report(),
  ...fields,
})

describe('what .ci/run counts', () => {
  it('is what passed, where all did', () => {
    expect(countStep(step())).toEqual({ passed: 3, failed: 0, failures: [], problems: [] })
  })

  it('is what failed, once', () => {
    const failed = report({ numFailedTests: 2 })
    expect(countStep(step({ exitCode: 1, report: failed }))).toMatchObject({ passed: 3, failed: 2 })
  })

  it('names each test that failed, with what it said', () => {
    const failure = { ...passed, status: 'failed', failureMessages: ['expected 1 to be 2\n at a'] }
    const testResults = [
      { name: 'test/a.test.ts', status: 'failed', assertionResults: [passed, failure] },
    ]
    const failed = step({ exitCode: 1, report: report({ numFailedTests: 1, testResults }) })
    expect(sum([countStep(failed)]).failures).toEqual([
      'test/a.test.ts: a gate is shut\n  expected 1 to be 2\n   at a',
    ])
  })

  it.each<[string, Partial<Step>]>([
    ['there are no results', { report: null, exitCode: 1 }],
    ['there are no results, in spite of its exit code', { report: null }],
    ['nothing ran', { expected: [], report: report({ numPassedTests: 0, testResults: [] }) }],
    ['a file is missing', { expected: ['test/a.test.ts', 'test/b.test.ts', 'test/c.test.ts'] }],
    ['a test was skipped', { report: report({ numPendingTests: 1 }) }],
    ['a test is yet to be written', { report: report({ numTodoTests: 1 }) }],
    ['the exit code says so, and no test', { exitCode: 1 }],
    ['a step without tests failed', { expected: null, report: null, exitCode: 1 }],
  ])('is one failure where %s', (_, fields) => {
    const count = countStep(step(fields))
    expect([count.failed, count.problems.length]).toEqual([1, 1])
  })

  it('is one failure where a file broke before its tests', () => {
    const testResults = [{ name: 'test/a.test.ts', status: 'failed', assertionResults: [passed] }]
    const broken = step({
      exitCode: 1,
      expected: ['test/a.test.ts'],
      report: report({ testResults }),
    })
    expect(countStep(broken)).toMatchObject({ passed: 3, failed: 1 })
  })

  it('is the sum of the steps', () => {
    expect(sum([countStep(step()), countStep(step({ report: null }))])).toMatchObject({
      passed: 3,
      failed: 1,
    })
  })
})
