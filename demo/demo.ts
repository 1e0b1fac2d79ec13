/**
 * The whole demo: a site, the gate in front of it, an identity provider, and a new, empty store.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addConnection } from '../src/admin/connections.ts'
import type { Context } from '../src/admin/context.ts'
import { createToken } from '../src/admin/tokens.ts'
import { noFields, type FieldTexts } from '../src/connection/fields.ts'
import { toInstant } from '../src/lib/instant.ts'
import { scimPath } from '../src/lib/paths.ts'
import { spOf } from '../src/connection/sp.ts'
import { SCIM_TOKEN_BYTES, type ScimToken } from '../src/scim/token.ts'
import { startGate, type Gate } from './gate.ts'
import { startIdp } from './idp/app.ts'
import type { DemoOptions } from './options.ts'
import { people } from './people.ts'
import { findFreePort } from '../cli/free-port.ts'
import { startSite } from './site/app.ts'
import { otherSites, type OtherSite } from './site/others.ts'

export interface Demo {
  /** The address that people open. */
  readonly siteUrl: string
  /** Other sites of the same company, under the same sign-in. */
  readonly moreSites: readonly OtherSite[]
  readonly idpUrl: string
  /** The address of the site behind the gate, which nobody should open. */
  readonly originUrl: string
  /** For `npx gatehouse … --persist-to`. */
  readonly storeDirectory: string
  readonly db: D1Database
  /** Adds one more connection to the same identity provider. */
  connect(id: string, fields: Partial<FieldTexts>): Promise<void>
  /** Stops everything, and removes everything that was stored. */
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
    // The same Worker under its other name, which is another site for browsers.
    const loginUrl = options.loginHost === 'site' ? siteUrl : `http://127.0.0.1:${sitePort}`
    const guarded = { url: siteUrl, isDemos: options.origin === null }
    const idp = await startIdp(options.ports.idp, guarded, options.revocationSeconds)
    started.push(idp)
    const moreSites = guarded.isDemos ? otherSites(sitePort) : []
    const site = await startSite(options.ports.origin, { siteUrl, moreSites, idpUrl: idp.url })
    started.push(site)
    const { session, revocationSeconds, corsOrigins, log } = options
    const originUrl = options.origin ?? site.url
    const settings = {
      siteUrl,
      loginUrl,
      originUrl,
      moreSites,
      session,
      revocationSeconds,
      corsOrigins,
    }
    const gate = await startGate(sitePort, settings, storeDirectory, log)
    started.push(gate)

    const connect = async (id: string, fields: Partial<FieldTexts>): Promise<void> => {
      await connectTo(gate, id, `${idp.url}/metadata`, fields)
      idp.register(spOf({ url: loginUrl }, id))
    }
    // People are joined by an id that never changes: the NameID at sign-in equals the directory's
    // externalId.
    const directory = { provisioning: 'scim', join: 'external-id' }
    await connect('northwind', { 'display-name': 'Northwind ID', ...directory })
    const token = await makeToken(gate, 'northwind')
    await idp.provision({ baseUrl: loginUrl + scimPath('northwind'), token }, people)
    const urls = { siteUrl, moreSites, idpUrl: idp.url, originUrl }
    return { ...urls, storeDirectory, db: gate.db, connect, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The demo is the operator of its own gate. */
const contextOf = ({ db, openSealer }: Gate): Context => ({
  db,
  kv: null,
  operator: { name: 'demo', face: 'api', scopes: ['all'], user: null },
  now: toInstant(Date.now()),
  requestId: null,
  newId: () => crypto.randomUUID(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  config: null,
  openSealer,
  fetchMetadata: null,
  fetchWebhook: () => Promise.reject(new Error('the demo has no webhook')),
  metadataReach: null,
  onUnaudited: (error) => {
    throw error
  },
  onAudited: () => undefined,
})

async function connectTo(
  gate: Gate,
  id: string,
  metadataUrl: string,
  fields: Partial<FieldTexts>,
): Promise<void> {
  const xml = new Uint8Array(await (await fetch(metadataUrl)).arrayBuffer())
  const added = await addConnection(contextOf(gate), id, {
    fields: { ...noFields, ...fields },
    metadata: { xml, url: metadataUrl, entityId: null },
    certificates: [],
    replaceCertificates: false,
    removeCertificates: [],
  })
  if (!added.ok) throw new Error(JSON.stringify(added.error))
}

async function makeToken(gate: Gate, connection: string): Promise<ScimToken> {
  const created = await createToken(contextOf(gate), {
    connection,
    label: 'Northwind ID',
    expires: 'never',
    id: crypto.randomUUID(),
    random: crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)),
  })
  if (!created.ok) throw new Error(JSON.stringify(created.error))
  return created.value.secret
}
