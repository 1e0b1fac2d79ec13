import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyEvent, listEvents } from '../../src/audit/store.ts'
import { findConnection } from '../../src/connection/store.ts'
import { findToken } from '../../src/directory/token-store.ts'
import { createUser } from '../../src/directory/provisioned-store.ts'
import { parseDoc, toUserWrite } from '../../src/scim/resource.ts'
import { userType } from '../../src/scim/schema.ts'
import { hashScimToken, parseScimToken } from '../../src/scim/token.ts'
import { connectionOf, now, seedConnection } from './people.ts'
import { createStage, type Stage } from './run.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
  await stage.withStore((db) => seedConnection(db, connectionOf('acme')))
})
afterAll(() => stage.remove())

const create = async (...options: string[]) => {
  const { code, json } = await stage.json(['scim', 'token', 'create', 'acme', ...options])
  expect(code).toBe(0)
  return Object(json)
}

/** What the Worker would make of it. */
const counts = async (secret: string, connection = 'acme', at = now()) => {
  const parsed = parseScimToken(secret)
  if (!parsed) throw new Error('not a token')
  const hash = await hashScimToken(parsed)
  return stage.withStore(async (db) => (await findToken(db, connection, hash, at)) !== null)
}

describe('scim token create', () => {
  it('shows the token and where to enter it, and keeps a hash only', async () => {
    const made = await stage.run(['scim', 'token', 'create', 'acme', '--label', 'Okta'])
    expect([made.code, made.err]).toEqual([0, ''])
    const [secret = ''] = /gatehouse_scim_[\w-]{43}/.exec(made.out) ?? []
    expect(made.out).toContain('http://localhost:8787/.gatehouse/scim/acme/v2')
    expect(made.out).toContain('acme is jit+scim from now on: sign-ins ask the directory.')
    expect(made.out).toContain(
      'Warning: a person who signs in under a name that the directory did not send',
    )
    expect(made.out).toContain('npx gatehouse join preview acme --local')
    const acme = await stage.withStore((db) => findConnection(db, 'acme'))
    expect(acme?.provisioning).toBe('jit+scim')
    expect(await counts(secret)).toBe(true)
    expect(await counts(secret, 'other')).toBe(false)
    const rows = await stage.withStore((db) => db.prepare('SELECT * FROM scim_tokens').all())
    expect(JSON.stringify(rows.results)).not.toContain(secret.slice(15, 40))
    const listed = await stage.run(['scim', 'token', 'list', 'acme'])
    expect(listed.out).toMatch(/Okta +good +\d{4}-.* +never$/m)
    expect(listed.out).not.toContain(secret.slice(15, 40))
  })

  it('warns of people who may come back, unless only provisioned people may sign in', async () => {
    expect((await create('--label', 'x')).warnings).toMatchObject([
      { kind: 'others-may-come-back' },
    ])
    const strict = connectionOf('strict', { provisioning: 'scim' })
    await stage.withStore((db) => seedConnection(db, strict))
    const { json } = await stage.json(['scim', 'token', 'create', 'strict', '--label', 'x'])
    expect(json).toMatchObject({ provisioning: 'scim', warnings: [] })
    const made = await stage.run(['scim', 'token', 'create', 'strict', '--label', 'y'])
    expect(made.out).not.toContain('Warning')
  })

  it('ends in a year, on the day given, or never', async () => {
    const year = await create('--label', 'a')
    expect(new Date(year.expiresAt).getTime() - Date.now()).toBeGreaterThan(364 * 86_400_000)
    expect((await create('--label', 'b', '--expires', 'never')).expiresAt).toBeNull()
    const day = await create('--label', 'c', '--expires', '2999-01-01')
    expect(day.expiresAt).toBe('2999-01-01T00:00:00.000Z')
  })

  it.each([
    [['--label', ' '], '--label must be one line'],
    [[], '--label is missing: say what the token is for, such as "Okta 2027".'],
    [['--label', 'x', '--expires', 'soon'], '--expires must be a day to come'],
    [['--label', 'x', '--expires', '2020-01-01'], '--expires must be a day to come'],
  ])('is not made of %j', async (options, says) => {
    const { code, err } = await stage.run(['scim', 'token', 'create', 'acme', ...options])
    expect(err).toContain(says)
    expect(code).toBe(2)
  })

  it('is for a connection that there is', async () => {
    const { code, err } = await stage.run(['scim', 'token', 'create', 'acmo', '--label', 'x'])
    expect(err).toContain('There is no connection "acmo". Did you mean "acme"?')
    expect(code).toBe(1)
  })
})

describe('scim token revoke', () => {
  it('refuses one from now on, and the other still counts: rotation with overlap', async () => {
    const [old, young] = [await create('--label', 'old'), await create('--label', 'new')]
    expect([await counts(old.token), await counts(young.token)]).toEqual([true, true])
    expect((await stage.run(['scim', 'token', 'revoke', old.id])).code).toBe(0)
    expect([await counts(old.token), await counts(young.token)]).toEqual([false, true])
    const again = await stage.run(['scim', 'token', 'revoke', old.id])
    expect(again.err).toContain('There is no token')
    expect(again.code).toBe(1)
    const kept = await stage.withStore(async (db) => {
      const only = { ...everyEvent, kinds: ['operator'] }
      return (await listEvents(db, only, { order: 'newest-first', after: null, limit: 3 })).map(
        ({ facts }) => facts,
      )
    })
    expect(kept).toMatchObject([
      { actor: 'cli', command: 'scim token revoke', token: old.id },
      { command: 'scim token create', token: young.id, label: 'new', provisioning: 'jit+scim' },
      { command: 'scim token create', token: old.id, label: 'old' },
    ])
    expect(JSON.stringify(kept)).not.toContain(young.token.slice(15, 40))
  })
})

describe('who is inactive by their directory', () => {
  it('is shown so, may be disabled besides, and enabled is as the directory says', async () => {
    const id = 'user-gone'
    await stage.withStore(async (db) => {
      const doc = parseDoc('{"own":{"userName":"gone","active":false},"extension":{}}')
      const edition = { connection: 'acme', id, version: null, writeId: 'w', now: now() }
      await createUser(db, edition, toUserWrite(userType, doc))
    })
    const listed = await stage.run(['user', 'list', 'gone'])
    expect(listed.out).toMatch(/ gone .* inactive /)
    const disabled = await stage.json(['user', 'disable', 'gone'])
    expect(disabled.json).toMatchObject({ changed: true, user: { active: false, barred: true } })
    const enabled = await stage.run(['user', 'enable', 'gone'])
    expect(enabled.out).toContain('is no longer disabled, but is inactive in the directory')
  })
})
