import {
  csvHead,
  csvLine,
  eventFacts,
  exportFormats,
  jsonLine,
  listPages,
} from '../../src/admin/audit-export.ts'
import {
  findNewest,
  listArrived,
  listEvents,
  type AuditFilter,
  type Newest,
  type Place,
  type StoredEvent,
} from '../../src/audit/store.ts'
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
import { filterOptions, openAudit, readFilter } from './filter.ts'
import { withAdvice } from './advice.ts'
import { eventLine } from './present.ts'

const SHOWN = 50
const FOLLOW_SECONDS = 2

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
  const opened = await openAudit(asked.value, world)
  if (!opened.ok) return opened
  const { db, filter } = opened.value
  // Read first. Events that arrive before the list is read are in both, and are printed once.
  const newest = await findNewest(db)
  const events = (
    await listEvents(db, filter, { order: 'newest-first', after: null, limit: limit.value })
  ).toReversed()
  if (!input.switches.has('follow')) {
    const text = events.map(eventLine).join('').trimEnd()
    const none = filter.request === null ? 'There is no such event.' : NONE_OF_REQUEST
    return said(text || none, { events: events.map((event) => eventFacts(withAdvice(event))) })
  }
  const given = givenOptions(input)
  const lineOf = input.switches.has('json')
    ? (event: StoredEvent) => jsonLine(withAdvice(event))
    : (event: StoredEvent) => completeHints(eventLine(event), given)
  const isRead = await world.write(events.map(lineOf).join(''))
  const shown = new Set(events.map(nameOf))
  if (isRead) await follow(world, { db, filter, newest, shown, lineOf })
  return written
}

const NONE_OF_REQUEST = `The audit has no event of this request. It keeps events for ${KEPT_DAYS} days. Some events are only in the log: a fault of Gatehouse, a refused path, and refusals beyond a number per minute. Search the log for the number (Workers Logs; on this machine, the output of npm run dev).`

interface Following {
  readonly db: D1Database
  readonly filter: AuditFilter
  /** The newest events that were there before the first were listed. */
  readonly newest: Newest
  /** Events that were printed already. */
  readonly shown: ReadonlySet<string>
  readonly lineOf: typeof eventLine
}

async function follow(
  world: World,
  { db, filter, newest, shown, lineOf }: Following,
): Promise<void> {
  let from = newest
  while (await world.pause(FOLLOW_SECONDS)) {
    const to = await findNewest(db)
    const arrived = await listArrived(db, filter, from, to)
    const lines = arrived.filter((event) => !shown.has(nameOf(event))).map(lineOf)
    if (lines.length > 0 && !(await world.write(lines.join('')))) return
    from = to
  }
}

const nameOf = ({ share, nth }: Place): string => `${share} ${nth}`

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
  const opened = await openAudit(asked.value, world)
  if (!opened.ok) return opened
  const { db, filter } = opened.value
  if (isCsv) return exportWith(db, filter, world, { head: csvHead, lineOf: csvLine, foot: '' })
  if (!input.switches.has('json')) {
    return exportWith(db, filter, world, { head: '', lineOf: jsonLine, foot: '' })
  }
  let comma = ''
  const lineOf = (event: StoredEvent) => {
    const line = comma + jsonLine(event)
    comma = ','
    return line
  }
  return exportWith(db, filter, world, { head: '{"events":[\n', lineOf, foot: ']}\n' })
}

interface Format {
  readonly head: string
  readonly lineOf: typeof jsonLine
  readonly foot: string
}

/** Page by page, so that the audit need not fit into memory. */
async function exportWith(
  db: D1Database,
  filter: AuditFilter,
  { write }: World,
  { head, lineOf, foot }: Format,
): Promise<Outcome> {
  let isRead = await write(head)
  for await (const page of listPages(db, filter)) {
    isRead &&= await write(page.map((event) => lineOf(withAdvice(event))).join(''))
    if (!isRead) break
  }
  if (!isRead || !(await write(foot))) return refused('The export was not read to the end.')
  return written
}
