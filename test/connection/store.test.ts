import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import {
  findConnection,
  findConnectionByDomain,
  findForeignDomain,
  listConnections,
  removeConnection,
} from '../../src/connection/store.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { breakable } from '../support/binding.ts'
import { addUser, emptyStores } from '../support/session.ts'
import { noon } from '../support/site.ts'

const certificateOf = (letter: string) => ({
  fingerprint: letter.repeat(64),
  certificate: btoa(letter),
  notBefore: noon,
  notAfter: plusSeconds(noon, 60),
})
const okta: Connection = {
  id: 'okta',
  displayName: 'Okta “prod” & more',
  enabled: true,
  idpEntityId: 'https://idp.example.test',
  ssoUrl: 'https://idp.example.test/sso',
  ssoBinding: 'post',
  slo: {
    redirect: {
      location: 'https://idp.example.test/slo?a=1',
      responseLocation: 'https://idp.example.test/slo?a=1',
    },
    post: {
      location: 'https://idp.example.test/slo',
      responseLocation: 'https://idp.example.test/b',
    },
    soap: { location: 'https://idp.example.test/soap' },
  },
  metadataUrl: 'https://idp.example.test/metadata',
  certificates: [certificateOf('a'), certificateOf('b')],
  provisioning: 'scim',
  domains: ['a.example', 'b.example'],
  settings: {
    nameIdFormat: 'urn:x',
    forceAuthn: true,
    loginHint: 'login_hint',
    authnContext: { comparison: 'better', classRefs: ['urn:y'] },
    subject: { from: 'attribute', name: 'employee' },
    attributes: { email: 'm', userName: null, displayName: null, groups: 'g' },
    directory: { join: 'user-name', groupsFrom: 'auto', removalGuardPercent: null },
    spNameQualifier: 'https://affiliation.example',
    clockSkewSeconds: 30,
    signRequests: 'ecdsa-sha256',
    requireEncryption: true,
    allowSha1Until: toInstant(5),
    allowWeakRsaUntil: null,
  },
}
const entra: Connection = { ...okta, id: 'entra', displayName: 'Entra', domains: ['c.example'] }

beforeEach(emptyStores)

describe('connections', () => {
  it('come back as they were saved', async () => {
    await saveConnection(env.DB, okta, noon)
    expect(await findConnection(env.DB, 'okta')).toEqual(okta)
    expect(await findConnection(env.DB, 'entra')).toBeNull()
  })

  it('of before there were affiliations name none', async () => {
    await saveConnection(env.DB, okta, noon)
    await env.DB.exec(
      "UPDATE connections SET settings = json_remove(settings, '$.spNameQualifier') WHERE id = 'okta'",
    )
    const settings = { ...okta.settings, spNameQualifier: null }
    expect(await findConnection(env.DB, 'okta')).toEqual({ ...okta, settings })
  })

  it('without certificates and domains have none', async () => {
    const bare = { ...okta, certificates: [], domains: [] }
    await saveConnection(env.DB, bare, noon)
    expect(await findConnection(env.DB, 'okta')).toEqual(bare)
  })

  it('are replaced whole, and their users stay', async () => {
    await saveConnection(env.DB, okta, noon)
    await addUser({ connection: 'okta' })
    const changed: Connection = {
      ...okta,
      enabled: false,
      certificates: [certificateOf('b'), certificateOf('c')],
      domains: ['b.example', 'd.example'],
    }
    await saveConnection(env.DB, changed, plusSeconds(noon, 1))
    expect(await findConnection(env.DB, 'okta')).toEqual(changed)
    expect(await env.DB.prepare('SELECT count(*) AS n FROM users').first('n')).toBe(1)
  })

  it('are listed by name', async () => {
    await saveConnection(env.DB, okta, noon)
    await saveConnection(env.DB, entra, noon)
    expect((await listConnections(env.DB)).map(({ id }) => id)).toEqual(['entra', 'okta'])
  })

  it('are found by a domain, which belongs to one of them', async () => {
    await saveConnection(env.DB, okta, noon)
    expect((await findConnectionByDomain(env.DB, 'b.example'))?.id).toBe('okta')
    expect(await findConnectionByDomain(env.DB, 'example')).toBeNull()
    const thief = { ...entra, domains: ['b.example'] }
    await expect(saveConnection(env.DB, thief, noon)).rejects.toThrow(StoreUnavailable)
    // One transaction: nothing of it was stored.
    expect(await findConnection(env.DB, 'entra')).toBeNull()
  })

  it('are removed with their users', async () => {
    await saveConnection(env.DB, okta, noon)
    await addUser({ connection: 'okta' })
    expect(await removeConnection(env.DB, 'okta')).toBe(true)
    expect(await removeConnection(env.DB, 'okta')).toBe(false)
    const tables = ['connections', 'connection_certificates', 'connection_domains', 'users']
    const counts = await Promise.all(
      tables.map((table) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first('n')),
    )
    expect(counts).toEqual([0, 0, 0, 0])
  })

  it('are unavailable, not absent, when D1 fails', async () => {
    const broken = Object.assign(breakable(env.DB), { isBroken: true }).binding
    await expect(findConnection(broken, 'okta')).rejects.toThrow(StoreUnavailable)
    await expect(listConnections(broken)).rejects.toThrow(StoreUnavailable)
  })
})

describe('a foreign domain', () => {
  it.each([
    [{ email: 'a@b.example', userName: 'a' }, 'entra', 'b.example'],
    [{ email: null, userName: 'a@B.Example' }, 'entra', 'b.example'],
    [{ email: 'a@b.example', userName: 'a@b.example' }, 'okta', null],
    [{ email: 'a@free.example', userName: 'a' }, 'entra', null],
    [{ email: null, userName: 'a' }, 'entra', null],
    [{ email: 'a@sub.b.example', userName: 'a' }, 'entra', null],
  ])('of %j at %s is %s', async (person, connection, domain) => {
    await saveConnection(env.DB, okta, noon)
    expect(await findForeignDomain(env.DB, { ...person, connection })).toBe(domain)
  })
})
