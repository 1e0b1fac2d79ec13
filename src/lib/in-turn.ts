import { secondsBetween, type Instant } from './instant.ts'

const MOST_SECONDS = 300

/**
 * Does one piece of work after the other, also after one that fails: what one piece needs may be
 * broken, and the others do not depend on it.
 * A run of cron that is cut off at 15 minutes would not say what failed, so it begins nothing after
 * the first five. The others wait for the next run.
 *
 * @throws what failed, when all had their turn.
 */
export async function doInTurn(
  pieces: readonly (() => Promise<unknown>)[],
  now: Instant,
  clock: () => Instant,
): Promise<void> {
  const errors: unknown[] = []
  for (const piece of pieces) {
    if (secondsBetween(now, clock()) >= MOST_SECONDS) {
      errors.push(new Error('no time is left for the rest'))
      break
    }
    try {
      await piece()
    } catch (error) {
      errors.push(error)
    }
  }
  const [first, ...others] = errors
  if (others.length > 0) throw new AggregateError(errors, errors.map(String).join('; '))
  if (first !== undefined) throw first
}
