/** How an answer or a refusal of an operation looks on a terminal. */
import { toGiven, type Fault, type Typed } from '../src/admin/field.ts'
import type { Operation, Refusal } from '../src/admin/operation.ts'
import { operations } from '../src/admin/operations.ts'
import type { Block, Cell, See } from '../src/admin/view.ts'
import { toPlainLines } from '../src/lib/plain.ts'
import { err, type Err } from '../src/lib/result.ts'
import { withStop } from '../src/lib/sentence.ts'
import { refused as refuseWith, usage, type Failure } from './command.ts'
import { endWithHint, quote, typedName } from './hint.ts'
import { fields, minute, plain, table } from './text.ts'

export function lineOf(
  { name, subject }: Pick<Operation, 'name' | 'subject'>,
  typed: Typed,
): string {
  const words = Array.from(toGiven(typed), ([field, values]) =>
    values.map((value) => {
      if (field === subject) return quote(value)
      return value === '' ? `--${field}` : `--${field} ${quote(value)}`
    }),
  ).flat()
  return ['npx gatehouse', name, ...words].join(' ')
}

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
    at: typedName(field, subject),
    problem: problem.replace(/\b(authn-context|allow-weak-rsa-until)\b/, '--$1'),
  }))
  const lines = named.map(({ at, problem }) =>
    withStop(`${at}${colon(problem)} ${toPlainLines(problem)}`),
  )
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
