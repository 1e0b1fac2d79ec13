/** What --help prints, on every level. */
import { join } from 'node:path'
import type { Command, CommandShape, Option } from './command.ts'
import { root } from './project.ts'

export interface Group {
  readonly name: string
  /** null: its commands say all. */
  readonly summary: string | null
  readonly commands: readonly Command[]
}

export type Titled = Pick<CommandShape, 'name' | 'summary'>

/** A command of the gate itself. Options that are not its own go to wrangler. */
export interface GateCommand extends Titled {
  readonly run: (argv: readonly string[]) => Promise<void>
}

const width = 96

export function helpForAll(
  gateCommands: readonly GateCommand[],
  programCommands: readonly Titled[],
  groups: readonly Group[],
): string {
  const [first] = groups.flatMap(({ commands }) => commands)
  return [
    'gatehouse: manages identity providers, people and sessions.',
    '',
    'Usage: npx gatehouse <what> <command> [options]',
    '',
    'the gate itself',
    ...withTheirHelp(gateCommands),
    '',
    'for people who use a site, without a project',
    ...withTheirHelp(programCommands),
    '',
    ...groups.flatMap((group) => [
      titleOf(group),
      ...columns(group.commands.map((command) => [`  ${usageOf(command)}`, command.summary])),
      '',
    ]),
    ...storeHelp,
    '',
    'Examples:',
    ...(first?.examples.slice(0, 1).flatMap(({ line }) => [`  ${line}`]) ?? []),
    '  npx gatehouse sign-in end ada@example.com --remote',
    '',
    'More: npx gatehouse <what> <command> --help; npx gatehouse --version',
    `A message that names docs/… means the manual: ${join(root, 'docs')}`,
  ].join('\n')
}

const withTheirHelp = (commands: readonly Titled[]): readonly string[] =>
  columns(
    commands.map(({ name, summary }) => [`  ${name}`, `${summary} (npx gatehouse ${name} --help)`]),
  )

const titleOf = ({ name, summary }: Group): string =>
  summary === null ? name : `${name}: ${summary}`

export const helpForGroup = (group: Group): string =>
  [
    `gatehouse ${titleOf(group)}`,
    '',
    ...columns(group.commands.map((command) => [`  ${usageOf(command)}`, command.summary])),
    '',
    'Examples:',
    ...group.commands
      .flatMap(({ examples }) => examples.slice(0, 1))
      .map(({ line }) => `  ${line}`),
    '',
    `More: npx gatehouse ${group.name} <command> --help`,
  ].join('\n')

export const helpForCommand = (command: CommandShape): string =>
  [
    `gatehouse ${command.name}: ${command.summary}`,
    '',
    `Usage: npx gatehouse ${usageOf(command)} [options]`,
    '',
    ...(command.positionals.length > 0
      ? [...columns(command.positionals.map(({ name, help }) => [`  <${name}>`, help])), '']
      : []),
    'Options:',
    ...columns([
      ...command.options.map((option) => [`  ${optionName(option)}`, option.help] as const),
      ['  --help', 'print this'],
    ]),
    '',
    ...(command.details ? [command.details, ''] : []),
    'Examples:',
    ...command.examples.flatMap(({ says, line }) => [`  # ${says}`, `  ${line}`]),
    '',
    'Exit codes: 0 done; 1 failed or refused; 2 what was given is wrong.',
  ].join('\n')

const storeHelp: readonly string[] = [
  'Every command needs to know which store:',
  '  --local   the one of npm run dev, on this machine',
  '  --remote  the one of your deployed Worker, at Cloudflare. Where the environment has a token',
  '            of the API in GATEHOUSE_API_TOKEN, the login host is asked instead',
]

const usageOf = ({ name, positionals }: CommandShape): string =>
  [
    name,
    ...positionals.map((each) => (each.isOptional ? `[<${each.name}>]` : `<${each.name}>`)),
  ].join(' ')

const optionName = ({ name, value, isRepeatable }: Option): string =>
  `--${name}${value === null ? '' : ` ${value}`}${isRepeatable ? ' …' : ''}`

/** Two columns. The second is wrapped; it begins on a new line where the first is too long. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.min(36, Math.max(...rows.map(([name]) => name.length)) + 2)
  return rows.flatMap(([name, help]) => {
    const [first = '', ...others] = wrap(help, width - left)
    const rest = others.map((line) => ' '.repeat(left) + line)
    return name.length + 2 > left
      ? [name, ' '.repeat(left) + first, ...rest]
      : [name.padEnd(left) + first, ...rest]
  })
}

function wrap(text: string, most: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}
