/** argv → Input, or what is wrong with it. */
import { parseArgs } from 'node:util'
import { ok, type Result } from '../src/lib/result.ts'
import { usage, type CommandShape, type Failure, type Input, type Option } from './command.ts'
import { didYouMean } from '../src/lib/nearest.ts'
import { plain } from './text.ts'

export function parseInput(command: CommandShape, argv: readonly string[]): Result<Input, Failure> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      command.options.map(({ name, value }) => [
        name,
        { type: value === null ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const positionals: string[] = []
  const texts = new Map<string, string[]>()
  const switches = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = command.options.find(({ name }) => token.rawName === `--${name}`)
    if (!option) return usage(unknownOption(command, token.rawName))
    const { name } = option
    if (!option.isRepeatable && (texts.has(name) || switches.has(name))) {
      return usage(`--${name} is given twice: give it once.`)
    }
    if (option.value === null) {
      if (token.value !== undefined) return usage(`--${name} takes no value.`)
      switches.add(name)
      continue
    }
    const problem = judgeValue(option, token.value, token.inlineValue === true)
    if (problem !== null) return usage(problem)
    texts.set(name, [...(texts.get(name) ?? []), token.value ?? ''])
  }
  return parsePositionals(command, { positionals, texts, switches })
}

/** A value that begins with -- is taken for the next option, unless it comes after an equals sign. */
function judgeValue(
  { name, value }: Option,
  given: string | undefined,
  isInline: boolean,
): string | null {
  if (given === undefined || given === '') return `--${name} needs a value: --${name} ${value}.`
  return given.startsWith('--') && !isInline
    ? `--${name} needs a value: --${name} ${value}. If it is really "${given}", write --${name}=${given}.`
    : null
}

function parsePositionals(command: CommandShape, input: Input): Result<Input, Failure> {
  const wanted = command.positionals
  const missing = wanted[input.positionals.length]
  if (missing && !missing.isOptional) return usage(`<${missing.name}> is missing: ${missing.help}.`)
  const extra = input.positionals[wanted.length]
  return extra === undefined ? ok(input) : usage(`"${plain(extra)}" is one word too many.`)
}

function unknownOption(command: CommandShape, rawName: string): string {
  const names = command.options.map(({ name }) => `--${name}`)
  return `${rawName} is not an option of gatehouse ${command.name}.${didYouMean(rawName, names)}`
}
