/** The options of dev, deploy and the demo that are ours. All others go on to wrangler, as they were typed. */
import { parseArgs } from 'node:util'
import { nearest } from '../src/lib/nearest.ts'
import { err, ok, type Result } from '../src/lib/result.ts'

export interface Given {
  readonly texts: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  readonly others: readonly string[]
}

export function readArguments(
  argv: readonly string[],
  texts: readonly string[],
  switches: readonly string[],
): Result<Given, string> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([
      ...texts.map((name) => [name, { type: 'string' as const }] as const),
      ...switches.map((name) => [name, { type: 'boolean' as const }] as const),
    ]),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string>()
  const on = new Set<string>()
  const ours = new Set<number>()
  for (const token of tokens) {
    // After an option of wrangler it may be that option's value.
    if (token.kind === 'positional' && (token.index === 0 || ours.has(token.index - 1))) {
      const next = texts.includes('env')
        ? `An environment is --env ${token.value}`
        : '--help lists the options'
      return err(`"${token.value}" is the value of no option. ${next}.`)
    }
    if (token.kind !== 'option') continue
    const { rawName, index, value } = token
    const name = nameOf(rawName)
    if (name === 'c') {
      return err('-c is not taken: --config <file> is for a gatehouse.config.ts of another name.')
    }
    // It would choose the environment of the Worker, and not that of the check and the migrations.
    if (name === 'e') return err('-e is not taken: write --env <name>.')
    if (switches.includes(name)) {
      if (value !== undefined) return err(`--${name} takes no value.`)
      on.add(name)
      ours.add(index)
      continue
    }
    if (!texts.includes(name)) {
      // Nobody means to deploy with --dryrun.
      const meant = nearest(name, [...texts, ...switches])
      if (meant !== null && name.length > 2 && !meant.startsWith(name)) {
        return err(`${rawName} is not an option here. Did you mean --${meant}?`)
      }
      continue
    }
    if (!value || (value.startsWith('--') && !token.inlineValue)) {
      return err(`--${name} needs a value.`)
    }
    if (given.has(name)) return err(`--${name} is given twice: give it once.`)
    given.set(name, value)
    ours.add(index)
    if (!token.inlineValue) ours.add(index + 1)
  }
  return ok({ texts: given, switches: on, others: argv.filter((_, i) => !ours.has(i)) })
}

/** As wrangler reads a name: `--dryRun` is `--dry-run`, and one letter counts with either dash. */
function nameOf(rawName: string): string {
  const name = rawName
    .replace(/^-+/, '')
    .replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
  return name === 'h' ? 'help' : name
}
