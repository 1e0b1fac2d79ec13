/** Events as they come. Some come late: an event is written after the answer, by an isolate of its own. */
import type { ToldEvent } from '../../src/admin/audit-export.ts'
import type { Given } from '../../src/admin/field.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Failure, World } from '../command.ts'
import { readNewest } from './read.ts'

/** An event that comes later than this after a newer one is not printed. */
const LATE_SECONDS = 60
const LOOK_SECONDS = 2
const PAGE = 100
/** A flood has no end of its own. */
const MOST_PAGES = 50

/** @param print false: nobody reads any more. */
export async function followEvents(
  world: World,
  given: Given,
  {
    shown,
    print,
  }: {
    /** How many of the newest are printed at first. */
    readonly shown: number
    readonly print: (events: readonly ToldEvent[]) => Promise<boolean>
  },
): Promise<Result<null, Failure>> {
  const first = await readBack(world, given, { least: shown, since: null })
  if (!first.ok) return first
  if (!(await print(first.value.slice(0, shown).toReversed()))) return ok(null)
  let since = startOf(first.value)
  let before = first.value
  while (await world.pause(LOOK_SECONDS)) {
    const read = await readBack(world, given, { least: 0, since })
    if (!read.ok) return read
    const from = since
    const events = read.value.filter(({ at }) => at >= from)
    const fresh = leftOf(events, before)
    if (fresh.length > 0 && !(await print(fresh.toReversed()))) return ok(null)
    if (events.length > 0) {
      since = startOf(events)
      before = events
    }
  }
  return ok(null)
}

/** Later events may still arrive at or after this time. */
const startOf = ([newest]: readonly ToldEvent[]): Instant =>
  newest ? plusSeconds(newest.at, -LATE_SECONDS) : toInstant(0)

/**
 * @param since null: the time before which no event arrives any more.
 * @returns the newest first: all since then, and at least so many if there are.
 */
async function readBack(
  world: World,
  given: Given,
  { least, since }: { readonly least: number; readonly since: Instant | null },
): Promise<Result<readonly ToldEvent[], Failure>> {
  const events: ToldEvent[] = []
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const read = await readNewest(world, given, { limit: Math.max(PAGE, least), cursor })
    if (!read.ok) return read
    events.push(...read.value.events)
    cursor = read.value.next
    const oldest = events.at(-1)
    if (cursor === null || !oldest || oldest.at < (since ?? startOf(events))) break
  }
  return ok(events)
}

/** Events have no id, and two may be alike: so many of each are new as there were not before. */
function leftOf(events: readonly ToldEvent[], before: readonly ToldEvent[]): readonly ToldEvent[] {
  const known = new Map<string, number>()
  for (const event of before) known.set(nameOf(event), (known.get(nameOf(event)) ?? 0) + 1)
  return events.filter((event) => {
    const count = known.get(nameOf(event)) ?? 0
    known.set(nameOf(event), count - 1)
    return count <= 0
  })
}

/** Without the names of its user and its group, which may change meanwhile. */
const nameOf = (event: ToldEvent): string =>
  JSON.stringify({ ...event, userName: null, facts: { ...event.facts, group: null } })
