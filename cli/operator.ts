/** The operator's name, for the audit. Anybody can give any name, so no permission depends on it. */
import { userInfo } from 'node:os'
import { parseOperatorName, type Operator } from '../src/admin/context.ts'
import { ok, type Result } from '../src/lib/result.ts'
import { textOf, textOption, usage, type Failure, type Input, type Option } from './command.ts'
import { storeOptions } from './options.ts'

/** Options of a command that changes something. */
export const changeOptions: readonly Option[] = [
  textOption('as', '<name>', 'your name in the audit (default: your user name on this machine)'),
  ...storeOptions,
]

export function readOperator(input: Input): Result<Operator, Failure> {
  const given = textOf(input, 'as')
  const name = parseOperatorName(given ?? systemName())
  if (name !== null) return ok({ name, face: 'command line' })
  return given === null
    ? ok({ name: UNKNOWN, face: 'command line' })
    : usage('--as must be one line of 1 to 100 visible characters: your name.')
}

const UNKNOWN = 'unknown'

/** In a container the user may have a number and no name. */
function systemName(): string {
  try {
    return userInfo().username
  } catch {
    return UNKNOWN
  }
}
