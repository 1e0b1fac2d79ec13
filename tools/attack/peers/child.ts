/**
 * Runs one library in a process of its own, because it may loop forever or use up its memory. For
 * each message from the parent process it replies with the name that the library returned, or with
 * the refusal.
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
/** Numbered, because a library may throw again after it has replied. */
export interface Numbered {
  readonly number: number
  readonly reply: Reply
}

const [name = '', folder = ''] = process.argv.slice(2)
const library = libraries.find((each) => each.name === name)
if (!library) throw new Error(`${name} is not one of the libraries`)

const required = createRequire(join(folder, 'package.json'))
const load: Load = async <T>(wanted: string) => required(wanted) as T

// Some libraries print what they refuse.
console.log = console.warn = console.error = () => undefined

const RealDate = Date
let clock = RealDate.now()
/** Sets the clock to the time of the response, because the captured responses have expired. */
class SeedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [clock] : given) as [number]))
  }
  static override now(): number {
    return clock
  }
}
globalThis.Date = SeedDate as DateConstructor

// An error that the library throws outside its promise counts as a refusal. The parent learns it
// from the reply.
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

/** Some libraries return a list if there are two names. */
const toText = (nameId: unknown): string =>
  typeof nameId === 'string' ? nameId : (JSON.stringify(nameId) ?? '')

function answer(number: number, reply: Reply): void {
  process.send?.({ number, reply } satisfies Numbered)
}
