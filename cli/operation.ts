/** The face that the command line gives to the operations of src/admin: each becomes a command. */
import {
  readFields,
  type Field,
  type Fields,
  type Given,
  type InputOf,
} from '../src/admin/field.ts'
import { toJson, type Answer, type Operation } from '../src/admin/operation.ts'
import { operations } from '../src/admin/operations.ts'
import { ok, type Result } from '../src/lib/result.ts'
import {
  said,
  switchOption,
  textOf,
  usage,
  type Command,
  type Failure,
  type Input,
  type Option,
  type Outcome,
  type World,
} from './command.ts'
import { plainFace, type Face } from './face.ts'
import { faces } from './faces.ts'
import { changeOptions } from './operator.ts'
import { storeOptions, versionOption } from './options.ts'
import { perform, prepare } from './perform.ts'
import { lineOf, viewText } from './shown.ts'
import { plain } from './text.ts'

/** Every operation, as a command. Lists and pages come before changes. */
export const operationCommands: readonly Command[] = operations
  .toSorted((a, b) => Number(a.changes) - Number(b.changes))
  .map((operation) => toCommand(operation, faces[operation.name] ?? plainFace))

function toCommand(operation: Operation, face: Face): Command {
  const { name, summary, details, subject } = operation
  const given = Object.entries(operation.fields)
  return {
    name,
    summary,
    details: face.details ?? details,
    positionals: given
      .filter(([field]) => field === subject)
      .map(([field, { meaning, isRequired }]) => ({
        name: field,
        help: meaning,
        isOptional: !isRequired,
      })),
    options: [
      ...given
        .filter(([field]) => field !== subject)
        .flatMap(([field, described]) => optionsOf(field, described, face)),
      ...face.options,
      ...(operation.http.heedsVersion ? [versionOption] : []),
      ...(operation.changes ? changeOptions : storeOptions),
    ],
    examples: [
      ...operation.examples.map(({ says, input }) => ({
        says,
        line: `${lineOf(operation, input)} --remote`,
      })),
      ...face.examples,
    ],
    run: (input, world) => run(operation, face, input, world),
  }
}

export function optionsOf(
  field: string,
  { placeholder, meaning, isList, hasNo }: Field<unknown>,
  face: Face = plainFace,
): readonly Option[] {
  const switches = face.switches[field] ?? {
    on: switchOption(field, meaning),
    off: switchOption(`no-${field}`, `undo --${field}`),
  }
  if (hasNo) return [switches.on, switches.off]
  const value = face.placeholders[field] ?? placeholder
  return [
    {
      name: field,
      value: value === null ? null : `<${value}>`,
      isRepeatable: isList,
      help: meaning,
    },
  ]
}

async function run(operation: Operation, face: Face, input: Input, world: World): Promise<Outcome> {
  const typed = givenIn(operation, face, input)
  if (!typed.ok) return typed
  const given = await face.read(typed.value)
  if (!given.ok) return given
  const done = await perform(operation, given.value, world, {
    findHost: () => face.findHost(input, world),
    ifVersion: textOf(input, versionOption.name),
  })
  if (!done.ok) return done
  return face.leave(say(operation, done.value.answer), { input, world, ...done.value })
}

/** A program finds the version beside the facts, and gives it back with --if-version. */
function say({ secretName }: Operation, answer: Answer): Outcome {
  const { view, secret, next, version } = answer
  const blocks = [
    viewText(view),
    ...(secret === null ? [] : [`${secretName ?? 'Secret'}: ${secret}`]),
    ...(next === null ? [] : [`There are more: --cursor ${next}`]),
  ]
  return said(blocks.join('\n\n'), {
    ...toJson(answer),
    ...(version === null ? {} : { version }),
  })
}

/** Whether an operation takes what was typed, as far as it can be told without its files. */
export function prepareTyped(name: string, input: Input): Result<unknown, Failure> {
  const operation = operations.find((each) => each.name === name)
  if (!operation) return ok(null)
  const given = givenIn(operation, faces[name] ?? plainFace, input)
  return given.ok ? prepare(operation, given.value) : given
}

/** Fields as options of a command that is written here. */
export function readOptions<F extends Fields>(known: F, given: Given): Result<InputOf<F>, Failure> {
  const read = readFields(known, given)
  return read.ok
    ? read
    : usage(read.error.map(({ field, problem }) => plain(`--${field} ${problem}.`)).join('\n'))
}

function givenIn(
  { fields: known, subject }: Operation,
  face: Face,
  input: Input,
): Result<Given, Failure> {
  const [about] = input.positionals
  const given = new Map<string, readonly string[]>([
    ...input.texts,
    ...(subject !== null && about !== undefined ? [[subject, [about]] as const] : []),
  ])
  for (const [field, { hasNo, placeholder }] of Object.entries(known)) {
    if (placeholder !== null) continue
    const own = face.switches[field]
    const [on, off] = [own?.on.name ?? field, own?.off.name ?? `no-${field}`]
    const isOn = input.switches.has(on)
    const isOff = hasNo === true && input.switches.has(off)
    if (isOn && isOff) return usage(`--${on} and --${off} contradict each other: give one.`)
    if (isOn || isOff) given.set(field, [String(isOn)])
  }
  return ok(new Map([...given].filter(([name]) => Object.hasOwn(known, name))))
}
