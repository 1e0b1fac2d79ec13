import type { Given } from '../../src/admin/field.ts'
import {
  csvHead,
  csvLine,
  eventFacts,
  exportFormats,
  jsonLine,
  type ToldEvent,
} from '../../src/admin/audit-export.ts'
import { KEPT_DAYS } from '../../src/audit/share.ts'
import {
  refused,
  said,
  switchOption,
  textOf,
  textOption,
  usage,
  written,
  type Command,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { completeHints, givenOptions } from '../hint.ts'
import { limitOption, readLimit } from '../limit.ts'
import { storeOptions } from '../options.ts'
import { plain } from '../text.ts'
import { withAdvice } from './advice.ts'
import { filterOptions, readFilter } from './filter.ts'
import { followEvents } from './follow.ts'
import { eventLine } from './present.ts'
import { readNewest, readOldest } from './read.ts'

const SHOWN = 50

export const auditCommands: readonly Command[] = [
  {
    name: 'audit tail',
    summary: 'the newest events, in the order in which they happened',
    positionals: [],
    options: [
      limitOption(SHOWN),
      switchOption('follow', 'also print new events, until Ctrl-C; with --json one on each line'),
      ...filterOptions,
      ...storeOptions,
    ],
    details:
      'docs/operating.md lists the kinds. dropped=3 means: three similar events before this one are only in the log.',
    examples: [
      { says: 'what happens now', line: 'npx gatehouse audit tail --follow --remote' },
      {
        says: 'why an IdP signs nobody in',
        line: 'npx gatehouse audit tail --kind login-refused --connection acme --since 1h --remote',
      },
      {
        says: "one request, by the number on the visitor's page",
        line: 'npx gatehouse audit tail --request 3d9a2195-fdf1-4445-a705-ec75e18fc56e --remote',
      },
      {
        says: 'events of Ada',
        line: 'npx gatehouse audit tail --user ada@acme.com --remote',
      },
    ],
    run: tail,
  },
  {
    name: 'audit export',
    summary: 'all events, oldest first, each as a line of JSON',
    positionals: [],
    options: [
      textOption('format', '<format>', 'jsonl or csv (default jsonl)'),
      switchOption('csv', 'the same as --format csv'),
      ...filterOptions,
      ...storeOptions,
    ],
    details:
      'In CSV, a value that a spreadsheet would compute as a formula gets an apostrophe in front. JSON has the value as it is.',
    examples: [
      {
        says: 'the last week, to a file',
        line: 'npx gatehouse audit export --since 7d --remote > audit.jsonl',
      },
      {
        says: 'what a directory changed, for a spreadsheet',
        line: 'npx gatehouse audit export --csv --kind directory-changed --connection acme --remote > changes.csv',
      },
    ],
    run: exportAll,
  },
]

async function tail(input: Input, world: World): Promise<Outcome> {
  const limit = readLimit(input, SHOWN)
  if (!limit.ok) return limit
  const asked = readFilter(input)
  if (!asked.ok) return asked
  if (!input.switches.has('follow')) {
    const read = await readNewest(world, asked.value, { limit: limit.value, cursor: null })
    if (!read.ok) return read
    const events = read.value.events.toReversed()
    const text = events.map(eventLine).join('').trimEnd()
    const none = input.texts.has('request') ? NONE_OF_REQUEST : 'There is no such event.'
    return said(text || none, { events: events.map((event) => eventFacts(withAdvice(event))) })
  }
  const given = givenOptions(input)
  const lineOf = input.switches.has('json')
    ? (event: ToldEvent) => jsonLine(withAdvice(event))
    : (event: ToldEvent) => completeHints(eventLine(event), given)
  const followed = await followEvents(world, asked.value, {
    shown: limit.value,
    print: (events) => world.write(events.map(lineOf).join('')),
  })
  return followed.ok ? written : followed
}

const NONE_OF_REQUEST = `The audit has no event of this request. It keeps events for ${KEPT_DAYS} days. Some events are only in the log: a fault of Gatehouse, a refused path, and refusals beyond a number per minute. Search the log for the number (Workers Logs; on this machine, the output of npm run dev).`

async function exportAll(input: Input, world: World): Promise<Outcome> {
  const format = textOf(input, 'format')
  if (format !== null && !exportFormats.some((each) => each === format)) {
    return usage(`--format must be ${exportFormats.join(' or ')}; it is "${plain(format)}".`)
  }
  const isCsv = input.switches.has('csv') || format === 'csv'
  if (isCsv && input.switches.has('json')) {
    return usage('--csv and --json contradict each other: give one.')
  }
  const asked = readFilter(input)
  if (!asked.ok) return asked
  if (isCsv) return exportWith(world, asked.value, { head: csvHead, lineOf: csvLine, foot: '' })
  if (!input.switches.has('json')) {
    return exportWith(world, asked.value, { head: '', lineOf: jsonLine, foot: '' })
  }
  let comma = ''
  const lineOf = (event: ToldEvent) => {
    const line = comma + jsonLine(event)
    comma = ','
    return line
  }
  return exportWith(world, asked.value, { head: '{"events":[\n', lineOf, foot: ']}\n' })
}

interface Format {
  readonly head: string
  readonly lineOf: typeof jsonLine
  readonly foot: string
}

/** Page by page, so that the audit need not fit into memory. */
async function exportWith(
  world: World,
  asked: Given,
  { head, lineOf, foot }: Format,
): Promise<Outcome> {
  let cursor: string | null = null
  let isRead = true
  do {
    const page = await readOldest(world, asked, cursor)
    if (!page.ok) return page
    const lines = page.value.events.map((event) => lineOf(withAdvice(event))).join('')
    isRead = await world.write((cursor === null ? head : '') + lines)
    cursor = page.value.next
  } while (isRead && cursor !== null)
  if (!isRead || !(await world.write(foot))) return refused('The export was not read to the end.')
  return written
}
