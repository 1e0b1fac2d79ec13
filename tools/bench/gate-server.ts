/** Runs the gate and the bare proxy under `workerd serve`, and signs users in. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDeployed } from '../stage/build.ts'
import { saveConnection } from '../stage/connection.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { createBinding } from '../../src/binding/binding.ts'
import { readSessionTokens } from '../../src/session/cookie.ts'
import { hashToken, TOKEN_BYTES, toSessionToken } from '../../src/session/token.ts'
import { signIn } from '../stage/sign-in.ts'
import { connectionOf } from '../signing/connection.ts'
import { createTestIdp, type TestIdp } from '../signing/saml-signer.ts'
import type { Server } from './peers.ts'
import type { Stores } from './stores.ts'
import { serve } from './workerd.ts'

export const SITE_HOST = 'app.localhost'

/** The headers of a browser, because the gate copies all of them. */
export const browserHeaders: Readonly<Record<string, string>> = {
  Host: SITE_HOST,
  'User-Agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8',
  'Cache-Control': 'max-age=0',
  Referer: 'http://app.localhost/',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-User': '?1',
  'Upgrade-Insecure-Requests': '1',
}

const secret = randomBytes(32).toString('base64')

export const startEmpty = (): Promise<Server> => startWorker({ entry: 'empty-worker.ts' })

export const startBare = (originUrl: string): Promise<Server> =>
  startWorker({ entry: 'bare-worker.ts', values: { ORIGIN_URL: originUrl } })

export const startFloor = (originUrl: string): Promise<Server> =>
  startWorker({ entry: 'floor-worker.ts', values: { ORIGIN_URL: originUrl } })

/** With the gate's modules beside it, because workerd reads those that it does not load, too. */
export async function startColdFloor(originUrl: string, stores: Stores): Promise<Server> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  return startWorker({
    entry: 'cold-floor-worker.ts',
    beside: GATE_WORKER,
    values: { ORIGIN_URL: originUrl, SIGNING_KEY: key },
    ...bindTo(stores),
  })
}

const GATE_WORKER = 'gate-worker.ts'

/**
 * Starts one isolate. All isolates share the secret and the stores.
 *
 * @param entry `console-worker.ts`: with the console and the API.
 */
export const startGate = (
  originUrl: string,
  stores: Stores,
  entry: typeof GATE_WORKER | 'console-worker.ts' | 'bound-worker.ts' = GATE_WORKER,
): Promise<Server> => startWorker({ entry, values: { ORIGIN_URL: originUrl }, ...bindTo(stores) })

const bindTo = ({ kvPort, dbPort }: Stores) => ({
  bindings: [
    `(name = "SESSIONS", kvNamespace = "kv")`,
    `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api",
      innerBindings = [(name = "fetcher", service = "db")]))`,
    `(name = "GATEHOUSE_SECRET", text = "${secret}")`,
  ],
  services: [
    `(name = "kv", external = (address = "127.0.0.1:${kvPort}", http = ()))`,
    `(name = "db", external = (address = "127.0.0.1:${dbPort}", http = ()))`,
  ],
})

interface Starting {
  readonly entry: string
  /** Another entry, whose modules are there and are not loaded. */
  readonly beside?: string
  readonly values?: Readonly<Record<string, string>>
  readonly bindings?: readonly string[]
  readonly services?: readonly string[]
}

async function startWorker({
  entry,
  beside,
  values = {},
  bindings = [],
  services = [],
}: Starting): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const bundle = (file: string) => buildDeployed(join(import.meta.dirname, file), values)
  // Of two modules with one name, the one that is asked first is written last.
  const modules = [...(beside ? await bundle(beside) : []), ...(await bundle(entry))]
  for (const { name, text } of modules) writeFileSync(join(folder, name), text)
  // The origin is on this machine; without this, `fetch` may not reach private addresses.
  const network = `(name = "internet", network = (allow = ["private", "public"]))`
  const running = await serve({
    folder,
    flags: ['no_nodejs_compat'],
    bindings,
    services: [network, ...services],
  })
  const stop = () => {
    running.stop()
    rmSync(folder, { recursive: true })
  }
  return { ...running, stop, port: Number(new URL(running.url).port) }
}

/** Adds a connection to a test identity provider. */
export async function addConnection(stores: Stores): Promise<TestIdp> {
  const idp = await createTestIdp()
  await saveConnection(stores.d1, connectionOf(idp), toInstant(Date.now()))
  return idp
}

/** @returns the session cookie after a sign-in through this gate. */
export async function signInAt({ port }: Server, idp: TestIdp): Promise<string> {
  const { cookie } = await signIn({ idp, ports: [port] }, '/')
  return cookie
}

/**
 * Binds the session as a browser does, and an hour ago, so that its first minute is over. No isolate
 * may have seen the session that is to answer for it.
 *
 * @returns both cookies.
 */
export async function bind(stores: Stores, cookie: string): Promise<string> {
  const [token] = readSessionTokens(new Headers({ Cookie: cookie }))
  const key = token && `session:${await hashToken(token)}`
  const value = key && stores.kv.get(key)
  if (!value) throw new Error('nobody is signed in')
  const session = JSON.parse(value)
  stores.kv.set(key, JSON.stringify({ ...session, openedAt: session.openedAt - 3_600_000 }))
  stores.db.prepare('UPDATE sessions SET bound_at = opened_at WHERE id = ?').run(session.id)
  const current = new Uint8Array(Buffer.from(secret, 'base64'))
  const { boundCookies } = createBinding({ current, previous: null })
  const made = await boundCookies.make(session.id, toInstant(Date.now()))
  return `${cookie}; ${made.split(';')[0]}`
}

/** @returns the cookies of `count` further sessions of the user who is signed in. */
export async function addSessions(stores: Stores, count: number): Promise<readonly string[]> {
  const [value] = stores.kv.values()
  if (value === undefined) throw new Error('nobody is signed in')
  const insert = stores.db.prepare(
    `INSERT INTO sessions
       (id, user_id, connection, site, opened_at, expires_at, last_seen_at, token_hash,
        sign_in)
     VALUES (:id, :userId, :connection, :site, :openedAt, :expiresAt, :openedAt, :hash, :signIn)`,
  )
  const cookies: string[] = []
  stores.db.exec('BEGIN')
  for (let i = 0; i < count; i++) {
    const { id: _, ...session } = JSON.parse(value)
    const { userId, connection, site, openedAt, expiresAt } = session
    const id = crypto.randomUUID()
    const token = toSessionToken(new Uint8Array(randomBytes(TOKEN_BYTES)))
    const hash = await hashToken(token)
    stores.kv.set(`session:${hash}`, JSON.stringify({ ...session, id }))
    insert.run({ id, userId, connection, site, openedAt, expiresAt, hash, signIn: session.signIn })
    cookies.push(`__Host-gatehouse=${token}`)
  }
  stores.db.exec('COMMIT')
  return cookies
}
