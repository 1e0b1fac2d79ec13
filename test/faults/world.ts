/** The whole Worker with its console, people, a directory, a program and a transmitter. */
import { env } from 'cloudflare:workers'
import { afterAll, vi } from 'vitest'
import { admin } from '../../src/admin-entry.ts'
import { insertAdminToken } from '../../src/admin/admin-token-store.ts'
import { hashAdminToken, toAdminToken } from '../../src/admin/admin-token.ts'
import { createGatehouse } from '../../src/app.ts'
import type { GatehouseConfig } from '../../src/config.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { insertStream } from '../../src/signals/store.ts'
import { keepSecret } from '../../tools/stage/evidence.ts'
import { createConsole, withConsole } from '../console/stage.ts'
import { Person } from '../login/person.ts'
import { start, type Stage } from '../login/stage.ts'
import { addToken } from '../scim/stage.ts'
import { createSigner, type Signer } from '../signals/signer.ts'
import { streamOf } from '../signals/stage.ts'
import { createBrowser, type Browser, type Send } from '../support/browser.ts'
import { d1Behind, kvBehind, type Fault } from './binding.ts'
import { background } from '../support/background.ts'
import { giveTimeBack, takeTime } from './faults.ts'

/** An isolate whose stores can be made to fail. */
export interface Isolate {
  /** null: the stores work. */
  fault: Fault | null
  readonly send: Send
  readonly cron: () => Promise<void>
  /** The requests that reached the site behind. */
  readonly sent: Request[]
  /** Waits for what goes on after the answers. */
  readonly settled: () => Promise<unknown>
}

export function createIsolate(config: GatehouseConfig = withConsole()): Isolate {
  const worker = createGatehouse(config, { admin })
  const work: Promise<unknown>[] = []
  const behind: Fault = async (call) => isolate.fault?.(call)
  const bindings = {
    ...env,
    SESSIONS: kvBehind(env.SESSIONS, behind),
    DB: d1Behind(env.DB, behind),
    ORIGIN: {
      fetch: async (to: string | Request, how: RequestInit) => {
        isolate.sent.push(new Request(to, how))
        return new Response('the page behind')
      },
    },
  }
  const isolate: Isolate = {
    fault: null,
    sent: [],
    send: (request) =>
      worker.fetch(request, bindings, {
        ...background,
        waitUntil: (promise) => {
          work.push(promise)
          background.waitUntil(promise)
        },
      }),
    cron: () => worker.scheduled({}, bindings),
    settled: () => Promise.all(work),
  }
  return isolate
}

export interface World {
  readonly stage: Stage
  readonly signer: Signer
  /** Who is signed in, by where and as whom. */
  readonly people: Map<string, Person>
  readonly scimToken: string
  readonly apiToken: string
}

afterAll(giveTimeBack)

export async function createWorld(): Promise<World> {
  giveTimeBack()
  const stage = await createConsole()
  await env.DB.exec(
    'DELETE FROM taken; DELETE FROM signal_streams; DELETE FROM signing_keys; DELETE FROM admin_tokens',
  )
  const now = toInstant(start.getTime())
  const signer = await createSigner()
  await insertStream(env.DB, streamOf(signer))
  const scimToken = await addToken('okta')
  const apiToken = toAdminToken(crypto.getRandomValues(new Uint8Array(32)))
  keepSecret(apiToken)
  await insertAdminToken(
    env.DB,
    {
      id: 'program',
      label: 'test',
      scopes: ['read', 'people'],
      madeBy: 'Olga',
      maker: null,
      createdAt: now,
      expiresAt: plusSeconds(now, 86_400),
    },
    await hashAdminToken(apiToken),
  )
  // The keys that there always are, and the time of the tests from here on.
  vi.stubGlobal('fetch', async () => new Response(null, { status: 500 }))
  await stage.cron()
  takeTime(start)
  return { stage, signer, people: new Map(), scimToken, apiToken }
}

/** The same browser, whose requests reach the given isolate. */
export function browserAt(isolate: Isolate, of: Browser): Browser {
  const moved = createBrowser(isolate.send)
  for (const [name, cookie] of of.cookies) moved.cookies.set(name, cookie)
  return moved
}

/** A person with a sign-in of their own, by an isolate that works. */
export async function signedIn(stage: Stage, url: string, email: string): Promise<Person> {
  const person = new Person(stage, email)
  await person.open(url)
  return person
}

/** The same person each time. */
export async function known(
  { stage, people }: World,
  url: string,
  email = 'zoe@example.test',
): Promise<Person> {
  const person = people.get(email) ?? (await signedIn(stage, url, email))
  people.set(email, person)
  return person
}
