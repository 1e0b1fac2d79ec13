/** The face that the command line gives to the operations of src/admin: each becomes a command. */
import { toGiven, type Fault, type Given } from '../src/admin/field.ts'
import type { Answer, Example, Operation, Refusal } from '../src/admin/operation.ts'
import { operations } from '../src/admin/operations.ts'
import type { Block, Cell } from '../src/admin/view.ts'
import type { Err } from '../src/lib/result.ts'
import { boundOf } from './bound.ts'
import {
  refused,
  said,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { endWithHint, quote } from './hint.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import { fields, minute, plain, table } from './text.ts'

/** Every operation, as a command. Lists and pages come before changes. */
export const operationCommands: readonly Command[] = operations
  .toSorted((a, b) => Number(a.changes) - Number(b.changes))
  .map((operation) => toCommand(operation))

function toCommand(operation: Operation): Command {
  const { name, summary, details, subject } = operation
  const given = Object.entries(operation.fields)
  return {
    name,
    summary,
    details,
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
        .map(([field, { placeholder, meaning, isList }]) => ({
          name: field,
          value: placeholder === null ? null : `<${placeholder}>`,
          isRepeatable: isList,
          help: meaning,
        })),
      ...(operation.changes ? changeOptions : storeOptions),
    ],
    examples: operation.examples.map((example) => ({
      says: example.says,
      line: lineOf(operation, example),
    })),
    run: (input, world) => run(operation, input, world),
  }
}

function lineOf({ name, subject }: Operation, { input }: Example): string {
  const words = Array.from(toGiven(input), ([field, values]) =>
    values.map((value) => {
      if (field === subject) return quote(value)
      return value === '' ? `--${field}` : `--${field} ${quote(value)}`
    }),
  ).flat()
  return ['npx gatehouse', name, ...words, '--remote'].join(' ')
}

async function run(operation: Operation, input: Input, world: World): Promise<Outcome> {
  const prepared = operation.prepare(givenIn(operation, input))
  if (!prepared.ok) {
    return usage(prepared.error.map((fault) => faultText(operation, fault)).join('\n'))
  }
  const context = await world.openAdmin()
  if (!context.ok) return context
  const done = await prepared.value(context.value, { bound: await boundOf(world), ifVersion: null })
  if (!done.ok) return refuse(done.error)
  return say(done.value)
}

function say({ view, facts, secret, next }: Answer): Outcome {
  const blocks = [
    ...view.map(blockText),
    ...(secret === null ? [] : [secret]),
    ...(next === null ? [] : [`There are more: --cursor ${next}`]),
  ]
  return said(blocks.join('\n\n'), {
    ...facts,
    ...(secret === null ? {} : { secret }),
    ...(next === null ? {} : { next }),
  })
}

function givenIn({ fields: known, subject }: Operation, input: Input): Given {
  const [about] = input.positionals
  return new Map(
    [
      ...input.texts,
      ...[...input.switches].map((name) => [name, ['']] as const),
      ...(subject !== null && about !== undefined ? [[subject, [about]] as const] : []),
    ].filter(([name]) => Object.hasOwn(known, name)),
  )
}

const faultText = ({ subject }: Operation, { field, problem }: Fault): string =>
  field === null ? problem : `${field === subject ? `<${field}>` : `--${field}`} ${problem}.`

/** The words of an operation for what it refuses, and the command that helps. */
export function refuse({ kind, reason, message, view, see, facts }: Refusal): Err<Failure> {
  const words = [endWithHint(plain(message), see), ...view.map(blockText)].join('\n\n')
  return kind === 'invalid' ? usage(words) : refused(words, { reason, ...facts })
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'sentence':
      return plain(block.text)
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
