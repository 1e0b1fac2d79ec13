/** `gatehouse test`: the expectations in gatehouse.test.ts, beside the config. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import type { Config } from '../../src/config.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { options } from '../../src/lib/options.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { count } from '../../src/admin/view.ts'
import {
  refused,
  textOf,
  textOption,
  switchOption,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { configFile } from '../project.ts'
import { importDefault } from '../settings.ts'
import { plain } from '../text.ts'
import { explainVerdict, sayAnswer } from '../../src/admin/verdict-words.ts'
import { parseFrom, parseMoment, parseRequest } from '../../src/admin/question.ts'
import { personSchema, toPerson } from './read.ts'
import { isAllowed, verdictOf, type Question, type Verdict } from '../../src/admin/verdict.ts'

export const testCommand: Command = {
  name: 'test',
  summary: 'check that gatehouse.config.ts lets in the people that gatehouse.test.ts names',
  positionals: [],
  options: [
    textOption('config', '<file>', 'instead of gatehouse.config.ts'),
    textOption('tests', '<file>', 'instead of gatehouse.test.ts beside the config'),
    switchOption('json', 'print one JSON document'),
  ],
  details: 'Needs no store and no network. Exit code 1 when an expectation is not met.',
  examples: [{ says: 'in CI', line: 'npx gatehouse test' }],
  run: test,
}

const oneOrMore = v.union([v.string(), v.array(v.string())], 'must be text or a list of texts')
const testsSchema = options({
  people: v.record(v.string(), personSchema, 'must be an object: { name: person }'),
  expect: v.pipe(
    v.array(
      options({
        who: oneOrMore,
        may: v.exactOptional(oneOrMore),
        mayNot: v.exactOptional(oneOrMore),
        from: v.exactOptional(
          options({ country: v.exactOptional(v.string()), ip: v.exactOptional(v.string()) }),
        ),
        at: v.exactOptional(v.string()),
      }),
      'must be a list of expectations',
    ),
    v.minLength(1, 'must have an expectation'),
  ),
})
type Tests = v.InferOutput<typeof testsSchema>

export interface Tried {
  readonly who: string
  readonly request: string
  readonly expected: 'may' | 'may not'
  readonly isMet: boolean
  readonly verdict: Verdict
}

async function test(input: Input, world: World): Promise<Outcome> {
  const config = await world.readConfig()
  if (!config.ok) return config
  const file =
    textOf(input, 'tests') ??
    join(dirname(textOf(input, 'config') ?? configFile), 'gatehouse.test.ts')
  const tests = await readTests(file)
  if (!tests.ok) return tests
  const tried = tryAll(config.value, tests.value, world.now)
  if (!tried.ok) return refused(`${file}:\n${tried.error.map((fault) => `  ${fault}`).join('\n')}`)
  return report(tried.value)
}

async function readTests(file: string): Promise<Result<Tests, Failure>> {
  const path = resolve(file)
  if (!existsSync(path)) {
    return refused(
      `There is no ${path}. docs/policies.md shows how it begins; --tests names another file.`,
    )
  }
  const exported = await importDefault(path)
  if (!exported.ok) return exported
  const parsed = v.safeParse(testsSchema, exported.value)
  if (parsed.success) return ok(parsed.output)
  const faults = parsed.issues.map(
    (issue) => `  ${v.getDotPath(issue) ?? 'the default export'} ${issue.message}`,
  )
  return refused(`${path}:\n${faults.join('\n')}`)
}

/** The error has every expectation that cannot be read. */
function tryAll(
  config: Config,
  { people, expect }: Tests,
  now: Instant,
): Result<readonly Tried[], readonly string[]> {
  const tried: Tried[] = []
  const faults: string[] = []
  for (const [e, { who, may = [], mayNot = [], from = {}, at }] of expect.entries()) {
    const place = `expect[${e}]`
    const moment = at === undefined ? ok(now) : parseMoment(at)
    const asks = parseFrom(from)
    if (!moment.ok) faults.push(`${place}.at ${moment.error}`)
    if (!asks.ok) faults.push(`${place}.from ${asks.error}`)
    if (!moment.ok || !asks.ok) continue
    const requests = [
      ...[may].flat().map((request) => ({ request, expected: 'may' as const })),
      ...[mayNot].flat().map((request) => ({ request, expected: 'may not' as const })),
    ]
    if (requests.length === 0) faults.push(`${place} has neither may nor mayNot`)
    for (const name of [who].flat()) {
      const given = Object.hasOwn(people, name) ? people[name] : undefined
      if (!given && name !== 'nobody')
        faults.push(`${place}.who names ${name}, who is not among people`)
      const person = given ? toPerson(given, moment.value) : null
      for (const { request, expected } of requests) {
        const parsed = parseRequest(request, config)
        if (!parsed.ok) {
          faults.push(`${place} "${plain(request)}" ${parsed.error}`)
          continue
        }
        const question: Question = { ...parsed.value, ...asks.value, now: moment.value }
        const verdict = verdictOf(config, person, question)
        tried.push({
          who: name,
          request,
          expected,
          verdict,
          isMet: isAllowed(verdict) === (expected === 'may'),
        })
      }
    }
  }
  return faults.length > 0 ? err([...new Set(faults)]) : ok(tried)
}

function report(tried: readonly Tried[]): Outcome {
  const failed = tried.filter(({ isMet }) => !isMet)
  const summary =
    failed.length === 0
      ? `${count(tried.length, 'expectation')}, all met.`
      : `${failed.length} of ${count(tried.length, 'expectation')} not met.`
  const lines = failed.flatMap(({ who, request, expected, verdict }) => [
    `${plain(who)}: ${plain(request)}`,
    `  - expected   ${expected}`,
    `  + answer     ${sayAnswer(verdict)}`,
    ...explainVerdict(verdict).map((line) => `    ${line}`),
    '',
  ])
  return ok({
    text: [...lines, summary].join('\n'),
    json: {
      expectations: tried.length,
      failed: failed.map(({ who, request, expected, verdict }) => ({
        who,
        request,
        expected,
        answer: sayAnswer(verdict),
      })),
    },
    isRefusal: failed.length > 0,
  })
}
