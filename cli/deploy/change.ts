/** Before a deploy: who gains and who loses what by it. */
import type { Config } from '../../src/config.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { compare } from '../policy/compare.ts'
import { findDeployed } from '../policy/deployed.ts'
import { report } from '../policy/diff.ts'
import { readEverybody } from '../policy/people.ts'
import { complain, confirm, say } from '../terminal.ts'

/**
 * Shows what the deploy changes, and asks the person at the terminal. Where nobody sits at one, as
 * in CI, the deploy goes on.
 *
 * @returns whether to go on.
 */
export async function confirmChange(
  db: D1Database,
  config: Config,
  { mayAsk }: { readonly mayAsk: boolean },
): Promise<boolean> {
  const deployed = await findDeployed(config)
  if (!deployed.ok || deployed.value === null) {
    const why = deployed.ok ? 'No deploy has kept its config yet.' : deployed.error.message
    say(`Nobody can say which people gain or lose access. ${why}\n`)
    return true
  }
  const now = toInstant(Date.now())
  const people = await readEverybody(db, now, (read) => complain(`${read} people read …`))
  const changes = compare(deployed.value, config, people, now)
  const shown = report(changes, people.length, false)
  if (shown.ok) say(`${shown.value.text ?? ''}\n`)
  return changes.length === 0 || !mayAsk || (await confirm('Deploy this?'))
}
