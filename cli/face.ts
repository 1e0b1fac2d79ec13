/** What a command has that its operation does not have: files, addresses of this machine, and words for them. */
import type { Given } from '../src/admin/field.ts'
import type { Answer } from '../src/admin/operation.ts'
import type { Host } from '../src/site/host.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Example, Failure, Input, Option, Outcome, World } from './command.ts'

export interface Face {
  /** Instead of those of the fields of these names. */
  readonly placeholders: Readonly<Record<string, string>>
  /** Instead of `--x` and `--no-x`. */
  readonly switches: Readonly<Record<string, { readonly on: Option; readonly off: Option }>>
  readonly options: readonly Option[]
  readonly examples: readonly Example[]
  /** Instead of the details of the operation; null: those. */
  readonly details: string | null
  /** Replaces what was typed by what the operation takes: the name of a file by its content. */
  readonly read: (given: Given) => Promise<Result<Given, Failure>>
  /** The login host as the command shows it; null: that of the config, with --local at `npm run dev`. */
  readonly findHost: (input: Input, world: World) => Promise<Result<Host | null, Failure>>
  readonly leave: (outcome: Outcome, done: Done) => Outcome | Promise<Outcome>
}

export interface Done {
  readonly input: Input
  readonly world: World
  /** As `findHost` gave it. */
  readonly host: Host | null
  readonly answer: Answer
}

export const plainFace: Face = {
  placeholders: {},
  switches: {},
  options: [],
  examples: [],
  details: null,
  read: async (given) => ok(given),
  findHost: async () => ok(null),
  leave: (outcome) => outcome,
}

/** The same outcome, with lines below its text. */
export const withLines = (outcome: Outcome, lines: readonly string[]): Outcome =>
  outcome.ok && outcome.value.text !== null && lines.length > 0
    ? ok({ ...outcome.value, text: [outcome.value.text, ...lines].join('\n') })
    : outcome
