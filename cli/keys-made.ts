/** The Worker makes our keys, for only it has GATEHOUSE_SECRET: a command asks it, and waits. */
import { listConnections } from '../src/connection/store.ts'
import { spOf } from '../src/connection/expect.ts'
import { findGenerations, type Generation } from '../src/sp/store.ts'
import type { Input, World } from './command.ts'
import { sitesOf } from './sites.ts'

/** As long as an isolate may go by what it read before, and some more. */
const MOST_SECONDS = 90
const LOOK_SECONDS = 2
const ASK_SECONDS = 10
const MOST_ASKED = 3

export type Making =
  | { readonly kind: 'made' }
  /** Why not; the Worker makes them later. */
  | { readonly kind: 'not yet'; readonly why: string }

/** Metadata of ours tells of all keys that are due, so whoever fetches it has them made. */
export async function waitForKeys(
  db: D1Database,
  input: Input,
  world: World,
  isMade: (generations: readonly Generation[]) => boolean,
): Promise<Making> {
  if (isMade(await findGenerations(db))) return { kind: 'made' }
  const urls = await metadataUrls(db, input, world)
  if (urls.length === 0) {
    return { kind: 'not yet', why: 'No site has an enabled connection whose metadata has them.' }
  }
  if (!input.switches.has('json')) {
    world.note(`The Worker makes them; this takes up to ${MOST_SECONDS} seconds …`)
  }
  for (let waited = 0; waited < MOST_SECONDS; waited += LOOK_SECONDS) {
    if (waited % ASK_SECONDS === 0) {
      const answers = await Promise.all(urls.map(world.ask))
      if (!answers.includes(true) && waited === 0) {
        const where = input.switches.has('local') ? ' Is npm run dev running?' : ''
        return { kind: 'not yet', why: `The Worker does not answer at ${urls.join(', ')}.${where}` }
      }
    }
    if (isMade(await findGenerations(db))) return { kind: 'made' }
    if (!(await world.pause(LOOK_SECONDS))) break
  }
  return { kind: 'not yet', why: `They are not made after ${MOST_SECONDS} seconds.` }
}

async function metadataUrls(
  db: D1Database,
  input: Input,
  world: World,
): Promise<readonly string[]> {
  const config = await world.readConfig()
  if (!config.ok) return []
  const enabled = (await listConnections(db)).filter((connection) => connection.enabled)
  return enabled
    .flatMap(({ id }) => {
      const sites = sitesOf(config.value, input, id)
      return sites.ok ? sites.value.map((site) => spOf(site, id).entityId) : []
    })
    .slice(0, MOST_ASKED)
}
