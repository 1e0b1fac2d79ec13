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
  if (name !== null) return ok(operatorCalled(name))
  return given === null
    ? ok(operatorCalled(UNKNOWN))
    : usage('--as must be one line of 1 to 100 visible characters: your name.')
}

/** The command line has the store, so no permission would keep it from anything. */
const operatorCalled = (name: string): Operator => ({
  name,
  face: 'command line',
  scopes: ['all'],
  user: null,
})

const UNKNOWN = 'unknown'

/** In a container the user may have a number and no name. */
function systemName(): string {
  try {
    return userInfo().username
  } catch {
    return UNKNOWN
  }
}
