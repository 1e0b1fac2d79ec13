/** How many of a list. */
import { ok, type Result } from '../src/lib/result.ts'
import { textOf, textOption, usage, type Failure, type Input } from './command.ts'

const MOST = 1000

export const limitOption = textOption(
  'limit',
  '<number>',
  `how many at most (default 100, at most ${MOST})`,
)

export function readLimit(input: Input): Result<number, Failure> {
  const limit = textOf(input, 'limit') ?? '100'
  return /^[1-9]\d{0,3}$/.test(limit) && Number(limit) <= MOST
    ? ok(Number(limit))
    : usage(`--limit must be 1 to ${MOST}; it is "${limit}".`)
}
