/** Only the Worker has GATEHOUSE_SECRET, so it makes our keys. A command asks it to, and waits. */
import * as v from 'valibot'
import { connectionList } from '../src/admin/connection-operations.ts'
import { keyList, keyListShape } from '../src/admin/key-shown.ts'
import { metadataPath } from '../src/lib/paths.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Failure, Input, World } from './command.ts'
import { perform } from './perform.ts'
import { hostsOf } from './sites.ts'

/** Longer than an isolate remembers what it read. */
const MOST_SECONDS = 90
const LOOK_SECONDS = 2
const ASK_SECONDS = 10
const MOST_ASKED = 3

/** As `keys list` has them, the newest first. */
export type KnownKeys = v.InferOutput<typeof keyListShape>

export interface Making {
  /** As they were read last. */
  readonly known: KnownKeys
  /** Why they are not made yet; the Worker makes them later. null: they are made. */
  readonly why: string | null
}

export async function readKeys(world: World): Promise<Result<KnownKeys, Failure>> {
  const done = await perform(keyList, new Map(), world)
  return done.ok ? ok(v.parse(keyListShape, done.value.answer.facts)) : done
}

/** To answer a request for our metadata, the Worker makes every key that is due. */
export async function waitForKeys(
  before: KnownKeys,
  input: Input,
  world: World,
  isMade: (known: KnownKeys) => boolean,
): Promise<Result<Making, Failure>> {
  if (isMade(before)) return ok({ known: before, why: null })
  const urls = await metadataUrls(input, world)
  if (!urls.ok) return urls
  if (urls.value.length === 0) {
    return ok({
      known: before,
      why: 'No site has an enabled connection whose metadata has them.',
    })
  }
  if (!input.switches.has('json')) {
    world.note(`The Worker makes them; this takes up to ${MOST_SECONDS} seconds …`)
  }
  let known = before
  for (let waited = 0; waited < MOST_SECONDS; waited += LOOK_SECONDS) {
    if (waited % ASK_SECONDS === 0) {
      const answers = await Promise.all(urls.value.map(world.ask))
      if (!answers.includes(true) && waited === 0) {
        const where = input.switches.has('local') ? ' Is npm run dev running?' : ''
        const why = `The Worker does not answer at ${urls.value.join(', ')}.${where}`
        return ok({ known, why })
      }
    }
    const read = await readKeys(world)
    if (!read.ok) return read
    known = read.value
    if (isMade(known)) return ok({ known, why: null })
    if (!(await world.pause(LOOK_SECONDS))) break
  }
  return ok({ known, why: `They are not made after ${MOST_SECONDS} seconds.` })
}

const listed = v.object({
  connections: v.array(v.object({ id: v.string(), enabled: v.boolean() })),
})

async function metadataUrls(
  input: Input,
  world: World,
): Promise<Result<readonly string[], Failure>> {
  const done = await perform(connectionList, new Map(), world)
  if (!done.ok) return done
  const { connections } = v.parse(listed, done.value.answer.facts)
  const enabled = connections.filter((connection) => connection.enabled)
  const api = await world.openApi()
  const config = await world.readConfig()
  const hostOf = (id: string): readonly string[] => {
    if (api.ok && api.value) return [api.value.loginHost]
    const hosts = config.ok ? hostsOf(config.value, input, id) : config
    return hosts.ok ? hosts.value.map(({ url }) => url) : []
  }
  const urls = enabled.flatMap(({ id }) => hostOf(id).map((url) => url + metadataPath(id)))
  return ok(urls.slice(0, MOST_ASKED))
}
