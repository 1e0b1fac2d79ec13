import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listSessions } from '../../src/session/standing-store.ts'
import { connectionOf, now, seedConnection, seedSession, seedUser } from './people.ts'
import { createStage, type Stage } from './run.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
  await stage.withStore(async (db) => {
    await seedConnection(db, connectionOf('acme'))
    await seedConnection(db, connectionOf('other'))
    const email = 'ada@acme.com'
    const person = { userName: 'ada', subject: 'ada-at-acme', connection: 'acme', email }
    const ada = await seedUser(db, person, 'user-ada')
    await seedUser(db, { ...person, connection: 'other', subject: 'ada-2' }, 'user-other-ada')
    const ben = { userName: 'ben\u001b[31m', subject: 'ben', connection: 'acme' }
    const benUser = await seedUser(db, ben, 'user-ben')
    for (const id of ['session-1', 'session-2', 'session-3']) await seedSession(db, ada, id)
    await seedSession(db, benUser, 'session-4', ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  })
})
afterAll(() => stage.remove())

const openSessionsOf = (userId: string) =>
  stage.withStore(async (db) => (await listSessions(db, userId, now())).map(({ id }) => id))

describe('user list', () => {
  it('lists everybody, or those of a connection, or those of a name', async () => {
    const all = await stage.run(['user', 'list'])
    expect(all.code).toBe(0)
    expect(all.out).toMatch(/^user-ada +acme +ada +ada@acme\.com +enabled +20/m)
    expect(all.out).toMatch(/^user-other-ada +other +ada /m)
    const one = await stage.json(['user', 'list', '--connection', 'other'])
    expect(one.json).toMatchObject({ users: [{ id: 'user-other-ada', active: true }] })
    const named = await stage.json(['user', 'list', 'ADA@acme.com'])
    expect(named.json).toMatchObject({ users: [{ id: 'user-ada' }, { id: 'user-other-ada' }] })
  })

  it('says that a connection is none, rather than that it has nobody', async () => {
    const { code, err } = await stage.run(['user', 'list', '--connection', 'acmee'])
    expect(code).toBe(1)
    expect(err).toContain('Did you mean "acme"?')
  })

  it('shows a terminal no control characters that an IdP sent', async () => {
    const { out } = await stage.run(['user', 'list', '--connection', 'acme'])
    expect(out).toContain('ben�[31m')
    expect(out).not.toContain('\u001b')
  })
})

describe('a user who may be any of several', () => {
  it('is not guessed: the candidates are listed', async () => {
    for (const command of [
      ['sign-in', 'end', 'ada', '--yes'],
      ['user', 'disable', 'ada@acme.com'],
    ]) {
      const { code, json } = await stage.json(command)
      expect(code).toBe(1)
      expect(json).toMatchObject({
        error: { kind: 'refused', candidates: [{ id: 'user-ada' }, { id: 'user-other-ada' }] },
      })
    }
    expect(await openSessionsOf('user-ada')).toHaveLength(3)
  })

  it('is nobody when the name is not the whole of it', async () => {
    const { code, err } = await stage.run(['session', 'list', 'ad'])
    expect(code).toBe(1)
    expect(err).toContain('Nobody is called "ad".')
  })
})

describe('sessions', () => {
  it('are listed for a user', async () => {
    const { out } = await stage.run(['session', 'list', 'user-ada'])
    expect(out.split('\n').filter((line) => line.startsWith('session-'))).toHaveLength(3)
    expect(out).toMatch(/^session-1 +app\.example\.com +acme +20.* none$/m)
    const ben = await stage.run(['session', 'list', 'user-ben'])
    expect(ben.out).toMatch(/^session-4 .* a, b, c, d, e and 2 more$/m)
  })

  it('are revoked one by one, within the bound of the config', async () => {
    const one = await stage.run(['session', 'revoke', 'session-1'])
    expect(one).toMatchObject({ code: 0, err: '' })
    expect(one.out).toBe('The session is revoked: refused everywhere within 20 seconds.\n')
    expect((await openSessionsOf('user-ada')).toSorted()).toEqual(['session-2', 'session-3'])
    const again = await stage.run(['session', 'revoke', 'session-1'])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('There is no open session "session-1"')
  })

  it('end all together with the sign-ins of their person, and nobody else loses any', async () => {
    const ending = ['sign-in', 'end', 'ada', '--connection', 'acme']
    const asked = await stage.run(ending)
    expect(asked.code).toBe(1)
    expect(asked.err).toContain('2 sign-ins')
    expect(await openSessionsOf('user-ada')).toHaveLength(2)
    const { code, json } = await stage.json([...ending, '--yes'])
    expect(code).toBe(0)
    expect(json).toMatchObject({ signIns: 2, withinSeconds: 20 })
    const left = await stage.run(['session', 'list', 'user-ada'])
    expect(left.out).not.toContain('session-')
    expect(await openSessionsOf('user-ben')).toEqual(['session-4'])
  })
})

describe('user disable and enable', () => {
  it('keep a user out and let them in again, with no session of before', async () => {
    const disabled = await stage.run(['user', 'disable', 'user-ben'])
    expect(disabled.code).toBe(0)
    expect(disabled.out).toContain('is disabled: refused everywhere within 20 seconds, with 1 open')
    expect(await openSessionsOf('user-ben')).toEqual([])
    const again = await stage.json(['user', 'disable', 'user-ben'])
    expect(again).toMatchObject({ code: 0, json: { changed: false, user: { active: false } } })
    const enabled = await stage.json(['user', 'enable', 'user-ben'])
    expect(enabled).toMatchObject({ code: 0, json: { changed: true, user: { active: true } } })
    expect(await openSessionsOf('user-ben')).toEqual([])
  })

  it('still work when the config cannot be read: nobody stays in for that', async () => {
    const { code, out, err } = await stage.runWith('nowhere.config.ts', [
      'user',
      'disable',
      'user-other-ada',
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('within the revocationSeconds of the deployed gatehouse.config.ts')
  })
})

describe('connection remove', () => {
  it('counts and takes its people and their sessions', async () => {
    await stage.withStore(async (db) => {
      const user = await seedUser(
        db,
        { connection: 'acme', subject: 'eve', userName: 'eve' },
        'user-eve',
      )
      await seedSession(db, user, 'session-5')
    })
    const asked = await stage.run(['connection', 'remove', 'acme'])
    expect(asked.err).toContain('3 users and 1 open session would be removed')
    const removed = await stage.run(['connection', 'remove', 'acme', '--yes'])
    expect(removed.out).toContain('3 users and 1 open session with it.')
    const { json } = await stage.json(['user', 'list'])
    expect(json).toMatchObject({ users: [{ id: 'user-other-ada' }] })
  })
})
