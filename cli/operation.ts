/** The face that the command line gives to the operations of src/admin: each becomes a command. */
import type { Context } from '../src/admin/context.ts'
import {
  readFields,
  toGiven,
  type Fault,
  type Field,
  type Fields,
  type Given,
  type InputOf,
  type Typed,
} from '../src/admin/field.ts'
import {
  toJson,
  type Act,
  type Answer,
  type Operation,
  type Refusal,
} from '../src/admin/operation.ts'
import { operations } from '../src/admin/operations.ts'
import type { Block, Cell, See } from '../src/admin/view.ts'
import { err, ok, type Err, type Result } from '../src/lib/result.ts'
import { boundOf } from './bound.ts'
import {
  refused as refuseWith,
  said,
  switchOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Option,
  type Outcome,
  type World,
} from './command.ts'
import { plainFace, type Done, type Face } from './face.ts'
import { faces } from './faces.ts'
import { endWithHint, quote } from './hint.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import { fields, minute, plain, table } from './text.ts'

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

function lineOf({ name, subject }: Pick<Operation, 'name' | 'subject'>, typed: Typed): string {
  const words = Array.from(toGiven(typed), ([field, values]) =>
    values.map((value) => {
      if (field === subject) return quote(value)
      return value === '' ? `--${field}` : `--${field} ${quote(value)}`
    }),
  ).flat()
  return ['npx gatehouse', name, ...words].join(' ')
}

async function run(operation: Operation, face: Face, input: Input, world: World): Promise<Outcome> {
  const typed = givenIn(operation, face, input)
  if (!typed.ok) return typed
  const given = await face.read(typed.value)
  if (!given.ok) return given
  const done = await perform(operation, given.value, world, (context) =>
    face.enter(context, input, world),
  )
  if (!done.ok) return done
  return face.leave(say(done.value.answer), { input, world, ...done.value })
}

function say(answer: Answer): Outcome {
  const { view, secret, next } = answer
  const blocks = [
    viewText(view),
    ...(secret === null ? [] : [secret]),
    ...(next === null ? [] : [`There are more: --cursor ${next}`]),
  ]
  return said(blocks.join('\n\n'), toJson(answer))
}

/** @param enter what the command changes of the context. */
export async function perform(
  operation: Operation,
  given: Given,
  world: World,
  enter: (context: Context) => Promise<Result<Context, Failure>> = async (context) => ok(context),
): Promise<Result<Pick<Done, 'context' | 'answer'>, Failure>> {
  const prepared = prepare(operation, given)
  if (!prepared.ok) return prepared
  const opened = await world.openAdmin()
  if (!opened.ok) return opened
  const context = await enter(opened.value)
  if (!context.ok) return context
  const done = await prepared.value(context.value, { bound: await boundOf(world), ifVersion: null })
  return done.ok
    ? ok({ context: context.value, answer: done.value })
    : refuse(done.error, operation.subject)
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

function prepare(operation: Operation, given: Given): Result<Act, Failure> {
  const prepared = operation.prepare(given)
  return prepared.ok
    ? prepared
    : usage(prepared.error.map((fault) => faultText(operation, fault)).join('\n'))
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

const faultText = ({ subject }: Operation, { field, problem }: Fault): string =>
  field === null ? problem : `${field === subject ? `<${field}>` : `--${field}`} ${problem}.`

/** The words of an operation for what it refuses, and the command that helps. */
export function refuse(refused: Refusal, subject: string | null = null): Err<Failure> {
  const { kind, reason, message, view, see, facts, faults } = refused
  if (faults) return explainFaults(faults, subject)
  const isAsked = reason === 'unconfirmed'
  const yes = isAsked
    ? ` If you mean that, add --yes.${see === null ? '' : ' Instead, you can:'}`
    : ''
  const words = [withSee(plain(message) + yes, see), ...view.map(blockText)].join('\n\n')
  return kind === 'invalid' ? usage(words) : refuseWith(words, { reason, ...facts })
}

/** Every fault, with the name of the option that the operator typed. */
function explainFaults(faults: readonly Fault[], subject: string | null): Err<Failure> {
  const named = faults.map(({ field, problem }) => ({
    at: field === subject ? `<${field}>` : `--${field}`,
    problem: problem.replace(/\b(authn-context|allow-weak-rsa-until)\b/, '--$1'),
  }))
  const lines = named.map(({ at, problem }) => `${at}${colon(problem)} ${plain(problem)}`)
  return err({ kind: 'usage', message: lines.join('\n'), facts: { faults: named } })
}

/** Some problems go on from the name of the option. Others are sentences, and come after a colon. */
const colon = (problem: string): string => (/^["A-Z]/.test(problem) ? ':' : '')

export function withSee(message: string, see: See | null): string {
  if (see === null) return message
  const helping = operations.find(({ name }) => name === see.operation)
  const typed = lineOf(helping ?? { name: see.operation, subject: null }, see.input ?? {})
  return endWithHint(message, see.asks === null ? typed : `${typed} <${see.asks}>`)
}

/** A sentence stands below the sentence before it; other blocks stand apart. */
export const viewText = (view: readonly Block[]): string =>
  view
    .map((block, i) => {
      const isNear = block.kind === 'sentence' && view[i - 1]?.kind === 'sentence'
      return (i === 0 ? '' : isNear ? '\n' : '\n\n') + blockText(block)
    })
    .join('')

function blockText(block: Block): string {
  switch (block.kind) {
    case 'sentence':
      return withSee(plain(block.text), block.see ?? null)
    case 'lines':
      return block.lines.map(plain).join('\n')
    case 'values':
      return fields(block.rows.map(([name, cell]) => [name, cellText(cell, 'none')] as const))
    case 'table':
      return table([
        block.head.map((name) => name.toUpperCase()),
        ...block.rows.map((row) => row.map((cell) => cellText(cell, '-'))),
      ])
  }
}

function cellText(cell: Cell, nothing: string): string {
  if (cell === null) return nothing
  if (typeof cell !== 'object') return String(cell)
  return cell.at === null ? 'never' : minute(cell.at)
}
