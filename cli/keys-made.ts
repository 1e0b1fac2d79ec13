/** Only the Worker has GATEHOUSE_SECRET, so it makes our keys. A command asks it to, and waits. */
import { listConnections } from '../src/connection/store.ts'
import { spOf } from '../src/connection/expect.ts'
import { findGenerations, type Generation } from '../src/sp/store.ts'
import type { Input, World } from './command.ts'
import { hostsOf } from './sites.ts'

/** Longer than an isolate remembers what it read. */
const MOST_SECONDS = 90
const LOOK_SECONDS = 2
const ASK_SECONDS = 10
const MOST_ASKED = 3

export interface Making {
  /** As they were read last. */
  readonly generations: readonly Generation[]
  /** Why they are not made yet; the Worker makes them later. null: they are made. */
  readonly why: string | null
}

/** To answer a request for our metadata, the Worker makes every key that is due. */
export async function waitForKeys(
  { db, generations: before }: { readonly db: D1Database } & Pick<Making, 'generations'>,
  input: Input,
  world: World,
  isMade: (generations: readonly Generation[]) => boolean,
): Promise<Making> {
  let generations = before
  if (isMade(generations)) return { generations, why: null }
  const urls = await metadataUrls(db, input, world)
  if (urls.length === 0) {
    return { generations, why: 'No site has an enabled connection whose metadata has them.' }
  }
  if (!input.switches.has('json')) {
    world.note(`The Worker makes them; this takes up to ${MOST_SECONDS} seconds …`)
  }
  for (let waited = 0; waited < MOST_SECONDS; waited += LOOK_SECONDS) {
    if (waited % ASK_SECONDS === 0) {
      const answers = await Promise.all(urls.map(world.ask))
      if (!answers.includes(true) && waited === 0) {
        const where = input.switches.has('local') ? ' Is npm run dev running?' : ''
        return { generations, why: `The Worker does not answer at ${urls.join(', ')}.${where}` }
      }
    }
    generations = await findGenerations(db)
    if (isMade(generations)) return { generations, why: null }
    if (!(await world.pause(LOOK_SECONDS))) break
  }
  return { generations, why: `They are not made after ${MOST_SECONDS} seconds.` }
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
      const sites = hostsOf(config.value, input, id)
      return sites.ok ? sites.value.map((site) => spOf(site, id).entityId) : []
    })
    .slice(0, MOST_ASKED)
}
