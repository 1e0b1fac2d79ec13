/** How many items of a list a command shows. */
import { limitField } from '../src/admin/field.ts'
import type { Result } from '../src/lib/result.ts'
import { listOf, textOption, usage, type Failure, type Input, type Option } from './command.ts'

/** @param usual how many without the option. */
export const limitOption = (usual?: number): Option =>
  textOption('limit', '<number>', limitField(usual).meaning)

export function readLimit(input: Input, usual?: number): Result<number, Failure> {
  const limit = limitField(usual).parse(listOf(input, 'limit'))
  return limit.ok ? limit : usage(`--limit ${limit.error}.`)
}
