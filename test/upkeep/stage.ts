/** A connection with a metadata URL in the real D1, and the server at this URL. */
import { env } from 'cloudflare:workers'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { findConnection } from '../../src/connection/store.ts'
import { plusSeconds, toInstant, type Instant } from '../../src/lib/instant.ts'
import { judgePublic, type Fetch } from '../../src/upkeep/fetch.ts'
import { findState, type MetadataState } from '../../src/upkeep/metadata-store.ts'
import { refreshDue } from '../../src/upkeep/refresh.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { acme, now } from '../connection/stage.ts'
import { ENTITY, entity, key, redirect, role } from '../support/idp-metadata.ts'

export const { DB: db } = env
export { now }
export const URL_OF_IT = 'https://idp.example.com/metadata'
export const hours = (count: number): Instant => plusSeconds(now, count * 3600)

export const emptyStore = () =>
  db.batch(
    ['audit', 'connections', 'end_warnings', 'sp_keys', 'sp_generations'].map((table) =>
      db.prepare(`DELETE FROM ${table}`),
    ),
  )

/** A connection whose IdP has these certificates (base64 DER). */
export async function seed(
  certificates: readonly string[],
  fields: Partial<Connection> = {},
): Promise<void> {
  const connection = await acme(
    {},
    { certificates: certificates.map((text, i) => ({ name: `${i}.pem`, text })) },
  )
  await saveConnection(db, { ...connection, metadataUrl: URL_OF_IT, ...fields }, toInstant(now - 1))
}

export const document = (certificates: readonly string[], more = ''): string =>
  entity(role(certificates.map((der) => key(der)).join('') + redirect), ENTITY, more)

export interface Asked {
  readonly url: string
  readonly ifNoneMatch: string | null
}
export type Answer =
  string | Response | Error | ((asked: Asked, init: RequestInit) => Response | Promise<Response>)

/** What answers at each URL. Everything else cannot be reached. */
export function serverOf(answers: Readonly<Record<string, Answer>>): {
  readonly fetch: Fetch
  readonly asked: Asked[]
} {
  const asked: Asked[] = []
  return {
    asked,
    async fetch(url, init) {
      const ifNoneMatch = new Headers(init.headers).get('If-None-Match')
      asked.push({ url, ifNoneMatch })
      if (init.redirect !== 'manual') throw new Error('the runtime would follow redirects')
      const answer = answers[url] ?? new Error('nothing is there')
      if (answer instanceof Error) throw answer
      if (typeof answer === 'string') return new Response(answer)
      return typeof answer === 'function' ? answer({ url, ifNoneMatch }, init) : answer.clone()
    },
  }
}

export const depsOf = (fetch: Fetch, seconds = 20) => ({
  db,
  fetch,
  judgeAddress: judgePublic,
  seconds,
})

/** A run of cron against one document. */
export async function cron(answer: Answer, at: Instant, seconds = 20): Promise<readonly Asked[]> {
  const server = serverOf({ [URL_OF_IT]: answer })
  await refreshDue(depsOf(server.fetch, seconds), at)
  return server.asked
}

export async function stateOf(id = 'acme'): Promise<MetadataState> {
  const state = await findState(db, id)
  if (!state) throw new Error(`there is no state of ${id}`)
  return state
}

/** Base64 DER, in the order in which they are stored. */
export async function certificatesOf(id = 'acme'): Promise<readonly string[]> {
  return (await stored(id)).certificates.map(({ certificate }) => certificate)
}

export async function stored(id = 'acme'): Promise<Connection> {
  const connection = await findConnection(db, id)
  if (!connection) throw new Error(`there is no ${id}`)
  return connection
}

/** The kinds of all events with their facts, the oldest first. */
export async function events() {
  const page = { order: 'oldest-first', after: null, limit: 100 } as const
  return (await listEvents(db, everyEvent, page)).map(({ kind, connection, facts }) => ({
    kind,
    connection,
    ...facts,
  }))
}
