/** All of the demo: a site, the gate before it, an identity provider, and a store that is new. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noFields, type FieldTexts } from '../src/connection/fields.ts'
import { parseNewConnection } from '../src/connection/input.ts'
import { saveConnection } from '../src/connection/store.ts'
import { saveToken } from '../src/directory/token-store.ts'
import { toInstant } from '../src/lib/instant.ts'
import { scimPath } from '../src/lib/paths.ts'
import { spOf } from '../src/login/expect.ts'
import { hashScimToken, SCIM_TOKEN_BYTES, toScimToken, type ScimToken } from '../src/scim/token.ts'
import { startGate } from './gate.ts'
import type { DemoSettings } from './gatehouse.config.ts'
import { startIdp } from './idp/app.ts'
import { people } from './people.ts'
import { findFreePort } from './server.ts'
import { startSite } from './site/app.ts'

export interface DemoOptions extends Pick<DemoSettings, 'session' | 'revocationSeconds'> {
  /** Where to begin looking for free ones; 0: the system chooses. */
  readonly ports: { readonly site: number; readonly idp: number; readonly origin: number }
  /** The site behind, by its URL; null: the demo's own. */
  readonly origin: string | null
  /** Lines that the gate logs. */
  readonly log: (line: string) => void
}

export const defaults: DemoOptions = {
  ports: { site: 8787, idp: 8788, origin: 8789 },
  session: { absoluteSeconds: 8 * 3600, idleSeconds: 3600 },
  revocationSeconds: 15,
  origin: null,
  log: () => undefined,
}

export interface Demo {
  /** What people open. */
  readonly siteUrl: string
  readonly idpUrl: string
  /** Of the site behind, which nobody should open. */
  readonly originUrl: string
  /** For `npx gatehouse … --persist-to`. */
  readonly storeDirectory: string
  readonly db: D1Database
  /** Lets people sign in by one more connection, to the same identity provider. */
  connect(id: string, fields: Partial<FieldTexts>): Promise<void>
  /** Ends all of it and removes what it stored. */
  stop(): Promise<void>
}

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const started: { stop(): Promise<void> }[] = []
  const stop = async (): Promise<void> => {
    while (started.length > 0) await started.pop()?.stop()
  }
  try {
    const storeDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'))
    started.push({ stop: () => rm(storeDirectory, { recursive: true, maxRetries: 5 }) })
    const sitePort = await findFreePort(options.ports.site)
    const siteUrl = `http://localhost:${sitePort}`
    const guarded = { url: siteUrl, isDemos: options.origin === null }
    const idp = await startIdp(options.ports.idp, guarded, options.revocationSeconds)
    started.push(idp)
    const site = await startSite(options.ports.origin, siteUrl, idp.url)
    started.push(site)
    const { session, revocationSeconds, log } = options
    const originUrl = options.origin ?? site.url
    const settings = { siteUrl, originUrl, session, revocationSeconds }
    const gate = await startGate(sitePort, settings, storeDirectory, log)
    started.push(gate)

    const connect = async (id: string, fields: Partial<FieldTexts>): Promise<void> => {
      await addConnection(gate.db, id, `${idp.url}/metadata`, fields)
      idp.register(spOf({ url: siteUrl }, id))
    }
    // The join is by what never changes: the NameID of the sign-in is the directory's externalId.
    const directory = { provisioning: 'scim', join: 'external-id' }
    await connect('northwind', { 'display-name': 'Northwind ID', ...directory })
    const token = await createToken(gate.db, 'northwind')
    await idp.provision({ baseUrl: siteUrl + scimPath('northwind'), token }, people)
    const urls = { siteUrl, idpUrl: idp.url, originUrl }
    return { ...urls, storeDirectory, db: gate.db, connect, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** As `npx gatehouse connection add --metadata` does it. */
async function addConnection(
  db: D1Database,
  id: string,
  metadataUrl: string,
  fields: Partial<FieldTexts>,
): Promise<void> {
  const now = toInstant(Date.now())
  const xml = new Uint8Array(await (await fetch(metadataUrl)).arrayBuffer())
  const parsed = await parseNewConnection(
    id,
    {
      fields: { ...noFields, ...fields },
      metadata: { xml, url: metadataUrl, entityId: null },
      certificates: [],
      replaceCertificates: false,
      removeCertificates: [],
    },
    now,
  )
  if (!parsed.ok) {
    throw new Error(parsed.error.map(({ field, problem }) => `${field} ${problem}`).join('\n'))
  }
  await saveConnection(db, parsed.value.connection, now)
}

/** As `npx gatehouse scim token create` does it. */
async function createToken(db: D1Database, connection: string): Promise<ScimToken> {
  const token = toScimToken(crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)))
  const createdAt = toInstant(Date.now())
  const stored = { id: crypto.randomUUID(), connection, label: 'Northwind ID', createdAt }
  await saveToken(db, { ...stored, expiresAt: null }, await hashScimToken(token))
  return token
}
