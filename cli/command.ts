/** What a command consists of. cli/main.ts runs it. */
import type { Context } from '../src/admin/context.ts'
import type { Config } from '../src/config.ts'
import type { Instant } from '../src/lib/instant.ts'
import { err, type Err, type Result } from '../src/lib/result.ts'
import type { Sealer } from '../src/lib/seal.ts'
import type { Api } from './api/client.ts'

/** What help pages and the reader of the words need of a command. */
export interface CommandShape {
  /** As typed: `connection add`. */
  readonly name: string
  readonly summary: string
  readonly positionals: readonly Positional[]
  readonly options: readonly Option[]
  /** What `--help` adds below the options; null: nothing. */
  readonly details: string | null
  readonly examples: readonly Example[]
}

export interface Command extends CommandShape {
  readonly run: (input: Input, world: World) => Promise<Outcome>
}

export interface Positional {
  readonly name: string
  readonly help: string
  readonly isOptional: boolean
}

export interface Option {
  readonly name: string
  /** What stands after it in the help: `<url>`; null: a switch. */
  readonly value: string | null
  readonly isRepeatable: boolean
  readonly help: string
}

export interface Example {
  readonly line: string
  readonly says: string
}

/** What was typed, checked against the command's options. The values are still text. */
export interface Input {
  readonly positionals: readonly string[]
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly switches: ReadonlySet<string>
}

/** All that a command can reach outside itself. */
export interface World {
  readonly now: Instant
  /** null: operations are done here, on the store. */
  readonly openApi: () => Promise<Result<Api | null, Failure>>
  /** Opened on first use. Refuses where neither --local nor --remote was given. */
  readonly openStore: () => Promise<Result<D1Database, Failure>>
  /** The same store for an operation in src/admin, with the operator who asks. */
  readonly openAdmin: () => Promise<Result<Context, Failure>>
  readonly readConfig: () => Promise<Result<Config, Failure>>
  /** null: GATEHOUSE_SECRET is not known here. */
  readonly openSealer: (purpose: string) => Promise<Sealer | null>
  readonly readStdin: () => Promise<Result<string, Failure>>
  /** To stdout, before the command is done. False: nobody reads it any more. */
  readonly write: (text: string) => Promise<boolean>
  /** To stderr, meanwhile. */
  readonly note: (text: string) => void
  /** Fetches what the Worker answers to anybody. False: it does not answer. */
  readonly ask: (url: string) => Promise<boolean>
  /** False: nobody reads on. */
  readonly pause: (seconds: number) => Promise<boolean>
}

export type Outcome = Result<Output, Failure>

export interface Output {
  /** null: all was written already. */
  readonly text: string | null
  readonly json: unknown
  /** The command worked, and its answer is no: exit code 1, as for a failure. */
  readonly isRefusal: boolean
}

/** `usage`: what was given is wrong, exit code 2. `refused`: it cannot be done, exit code 1. */
export interface Failure {
  readonly kind: 'usage' | 'refused'
  readonly message: string
  /** Facts for --json, beside the message. */
  readonly facts: Readonly<Record<string, unknown>>
}

export const usage = (message: string): Err<Failure> => err({ kind: 'usage', message, facts: {} })

export const refused = (
  message: string,
  facts: Readonly<Record<string, unknown>> = {},
): Err<Failure> => err({ kind: 'refused', message, facts })

export const said = (text: string, json: unknown): Outcome => ({
  ok: true,
  value: { text, json, isRefusal: false },
})

export const written: Outcome = { ok: true, value: { text: null, json: null, isRefusal: false } }

export const positional = (name: string, help: string): Positional => ({
  name,
  help,
  isOptional: false,
})

export const textOption = (name: string, value: string, help: string): Option => ({
  name,
  value,
  isRepeatable: false,
  help,
})

export const switchOption = (name: string, help: string): Option => ({
  name,
  value: null,
  isRepeatable: false,
  help,
})

/** The value of an option that may be given once; null: not given. */
export const textOf = (input: Input, name: string): string | null =>
  input.texts.get(name)?.[0] ?? null

export const listOf = (input: Input, name: string): readonly string[] => input.texts.get(name) ?? []
