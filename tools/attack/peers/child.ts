/**
 * A process of its own for one library: it may loop, or use up its memory. Reads messages from its
 * parent and answers each with the name that came out, or with nothing but that it was refused.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Seed } from '../entry.ts'
import { libraries, type Load } from './libraries.ts'

export interface Question {
  readonly number: number
  readonly posted: string
  readonly seed: Omit<Seed, 'now'> & { readonly now: string }
}
export type Reply = { readonly name: string } | { readonly refused: string }
/** With its number: a library may throw again after it has answered. */
export interface Numbered {
  readonly number: number
  readonly reply: Reply
}

const [name = '', folder = ''] = process.argv.slice(2)
const library = libraries.find((each) => each.name === name)
if (!library) throw new Error(`${name} is not one of the libraries`)

const required = createRequire(join(folder, 'package.json'))
const load: Load = async <T>(wanted: string) => required(wanted) as T

// Several print what they refuse.
console.log = console.warn = console.error = () => undefined

const RealDate = Date
let clock = RealDate.now()
/** The clock of the response: the captured ones are of one day. */
class SeedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [clock] : given) as [number]))
  }
  static override now(): number {
    return clock
  }
}
globalThis.Date = SeedDate as DateConstructor

// What a library throws outside of its promise is a refusal too; the parent is told by the reply.
let current = 0
process.on('uncaughtException', (error) => answer(current, { refused: error.message }))
process.on('unhandledRejection', (error) => answer(current, { refused: String(error) }))

process.on('message', (question: Question) => {
  const { number } = question
  current = number
  clock = RealDate.parse(question.seed.now)
  const seed = { ...question.seed, now: new RealDate(clock) }
  library.open(load, question.posted, seed).then(
    (nameId: unknown) => answer(number, { name: toText(nameId) }),
    (error: unknown) =>
      answer(number, { refused: error instanceof Error ? error.message : String(error) }),
  )
})

/** Of two names some make a list. */
const toText = (nameId: unknown): string =>
  typeof nameId === 'string' ? nameId : (JSON.stringify(nameId) ?? '')

function answer(number: number, reply: Reply): void {
  process.send?.({ number, reply } satisfies Numbered)
}
