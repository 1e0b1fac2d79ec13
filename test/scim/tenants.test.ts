/** A directory sees its own connection, and nothing of another. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { listTokens, revokeToken } from '../../src/directory/token-store.ts'
import { encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { addToken, createDirectory, directoryOf, start, type Directory } from './stage.ts'

let okta: Directory
let entra: Directory
let theirs: { readonly user: string; readonly group: string }
beforeEach(async () => {
  okta = await createDirectory()
  entra = await directoryOf('entra')
  const user = await entra.user({ userName: 'secret-name', externalId: 'secret-id' })
  const group = await entra.group({ displayName: 'secret-group', members: [user] })
  theirs = { user, group }
})

const before = async () => [
  (await entra.get(`/Users/${theirs.user}`)).body,
  (await entra.get(`/Groups/${theirs.group}`)).body,
]

describe('what belongs to another connection', () => {
  it('is not there, by whatever it is asked for', async () => {
    const state = await before()
    const { user, group } = theirs
    for (const [method, path, body] of [
      ['GET', `/Users/${user}`, undefined],
      ['GET', `/Groups/${group}`, undefined],
      ['PUT', `/Users/${user}`, { userName: 'x' }],
      ['PUT', `/Groups/${group}`, { displayName: 'x' }],
      ['PATCH', `/Users/${user}`, { Operations: [{ op: 'add', path: 'title', value: 'x' }] }],
      ['PATCH', `/Groups/${group}`, { Operations: [{ op: 'remove', path: 'members' }] }],
      [
        'PATCH',
        `/Groups/${group}`,
        { Operations: [{ op: 'add', path: 'displayName', value: 'x' }] },
      ],
      ['DELETE', `/Users/${user}`, undefined],
      ['DELETE', `/Groups/${group}`, undefined],
    ] as const) {
      const reply = await okta.ask(method, path, body)
      expect([method, path, reply.status]).toEqual([method, path, 404])
      expect(reply.text).not.toContain('secret')
    }
    expect(await before()).toEqual(state)
  })

  it('is found by no filter, sorted list, page, cursor or search, and counted by none', async () => {
    const { user, group } = theirs
    for (const filter of [
      `id eq "${user}"`,
      'userName eq "secret-name"',
      'userName sw "secret"',
      'externalId eq "secret-id"',
      'displayName pr or userName pr or id pr',
      'not (userName eq "x")',
      `groups.value eq "${group}"`,
      'groups.display co "secret"',
      'userName eq "secret-name" or emails.value eq "x"',
      'meta.lastModified ge "2000-01-01T00:00:00Z"',
    ]) {
      const found = await okta.find('Users', filter)
      expect([filter, found.body.totalResults, found.body.Resources]).toEqual([filter, 0, []])
    }
    for (const filter of [
      `id eq "${group}"`,
      `members.value eq "${user}"`,
      `id eq "${group}" and members eq "${user}"`,
      'members.display sw "secret"',
      'displayName eq "secret-group"',
      'not (displayName pr)',
    ]) {
      const found = await okta.find('Groups', filter)
      expect([filter, found.body.totalResults]).toEqual([filter, 0])
    }
    for (const path of ['/Users', '/Groups', '/', '/Users?cursor', '/Users?sortBy=userName']) {
      const reply = await okta.get(path)
      expect([path, reply.body.totalResults, reply.text.includes('secret')]).toEqual([
        path,
        0,
        false,
      ])
    }
  })

  it('is nobody’s member, and no reason why a name is taken', async () => {
    const state = await before()
    const id = await okta.group({ displayName: 'secret-group', members: [theirs.user] })
    const add = { op: 'add', path: 'members', value: [{ value: theirs.user }] }
    await okta.patch(`/Groups/${id}`, add)
    await okta.put(`/Groups/${id}`, { displayName: 'x', members: [theirs.user] })
    expect((await okta.get(`/Groups/${id}`)).body.members).toEqual([])
    expect((await okta.post('/Users', { userName: 'secret-name' })).status).toBe(201)
    expect(await before()).toEqual(state)
    const bulk = await okta.post('/Bulk', {
      Operations: [{ method: 'DELETE', path: `/Users/${theirs.user}` }],
    })
    expect(bulk.body.Operations[0].status).toBe('404')
  })
})

describe('a token', () => {
  it('counts for its own connection, at the address of that one', async () => {
    expect((await okta.get('/Users', { connection: 'entra' })).status).toBe(401)
    expect((await okta.get('/Users', { token: entra.token })).status).toBe(401)
    expect((await okta.get('/Users', { connection: 'nowhere' })).status).toBe(401)
    for (const connection of ['okta%2F..%2Fentra', 'okta/v2/../../entra', '*', 'OKTA']) {
      const reply = await okta.get('/Users', { connection, token: okta.token })
      expect([401, 404]).toContain(reply.status)
      expect(reply.text).not.toContain('secret')
    }
  })

  it('of several each counts, until its end or until it is revoked', async () => {
    const ends = start.getTime() + 60_000
    const short = await addToken('okta', { expiresAt: ends })
    const other = await addToken('okta', { id: 'other' })
    const statuses = async () => {
      const replies = [short, other, okta.token].map((token) => okta.get('/Users', { token }))
      return (await Promise.all(replies)).map(({ status }) => status)
    }
    expect(await statuses()).toEqual([200, 200, 200])
    vi.setSystemTime(ends - 1)
    expect(await statuses()).toEqual([200, 200, 200])
    vi.setSystemTime(ends)
    expect(await statuses()).toEqual([401, 200, 200])
    await revokeToken(env.DB, 'other', toInstant(Date.now()))
    expect(await statuses()).toEqual([401, 401, 200])
  })

  it('is gone with its connection', async () => {
    await env.DB.prepare("DELETE FROM connections WHERE id = 'okta'").run()
    expect((await okta.get('/Users')).status).toBe(401)
    expect(await listTokens(env.DB, 'okta')).toEqual([])
  })

  it('has its last use noted, to the minute', async () => {
    const used = async () => (await listTokens(env.DB, 'okta'))[0]?.lastUsedAt
    expect(await used()).toBeNull()
    await okta.get('/Users')
    expect(await used()).toBe(start.getTime())
    vi.setSystemTime(start.getTime() + 59_000)
    await okta.get('/Users')
    expect(await used()).toBe(start.getTime())
    vi.setSystemTime(start.getTime() + 60_000)
    await okta.get('/Users')
    expect(await used()).toBe(start.getTime() + 60_000)
  })

  it('is stored as a hash only', async () => {
    const { results } = await env.DB.prepare('SELECT * FROM scim_tokens').all()
    expect(results.length).toBeGreaterThan(0)
    const secret = okta.token.slice('gatehouse_scim_'.length)
    expect(JSON.stringify(results)).not.toContain(secret.slice(0, 12))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(okta.token)))
    const hashes = results.map(({ hash }) => hash)
    expect(hashes).toContain(encodeBase64Url(digest))
    expect(hashes.every((hash) => /^[\w-]{43}$/.test(String(hash)))).toBe(true)
  })
})
