/** gatehouse.config.ts beside what the store has: names that match nothing. */
import type { Config } from '../src/config.ts'
import { listConnections } from '../src/connection/store.ts'
import { findGroups } from '../src/directory/overview-store.ts'
import { ok } from '../src/lib/result.ts'
import type { Command, Input, Outcome, World } from './command.ts'
import { assessConfig } from './check-rules.ts'
import { storeOptions } from './options.ts'
import { count } from '../src/admin/view.ts'
import { plain } from './text.ts'

export const checkCommand: Command = {
  name: 'check',
  summary: 'which groups, connections and domains of gatehouse.config.ts there are not',
  positionals: [],
  options: storeOptions,
  details:
    'Groups that come with each sign-in, of connections without a directory, cannot be looked up, and are not judged. Exit code 1 when something matches nothing.',
  examples: [{ says: 'before a deploy', line: 'npx gatehouse check --remote' }],
  run: check,
}

async function check(_: Input, world: World): Promise<Outcome> {
  const config = await world.readConfig()
  if (!config.ok) return config
  const db = await world.openStore()
  if (!db.ok) return db
  return checkConfig(config.value, db.value)
}

/** For `npm run deploy` too. */
export async function checkConfig(config: Config, db: D1Database): Promise<Outcome> {
  const connections = await listConnections(db)
  const findings = await assessConfig(config, connections, (text) => findGroups(db, text))
  const bad = findings.filter(({ outcome }) => outcome === 'matches nothing')
  return ok({
    text: [
      ...findings.map(
        ({ at, what, outcome, says }) =>
          `${outcome.padEnd(15)}  ${at}: ${plain(what)}${says === null ? '' : `\n${' '.repeat(17)}${plain(says)}`}`,
      ),
      ...(findings.length > 0 ? [''] : []),
      bad.length === 0
        ? 'Everything that the rules name is there.'
        : `${count(bad.length, 'name')} that ${bad.length === 1 ? 'matches' : 'match'} nothing.`,
    ].join('\n'),
    json: { findings, matchNothing: bad.length },
    isRefusal: bad.length > 0,
  })
}
