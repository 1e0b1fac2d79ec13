import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { findUsers, setUserActive } from '../../src/directory/sign-in-store.ts'
import { provision } from '../support/provision.ts'
import { createUser } from '../../src/directory/provisioned-store.ts'
import type { User } from '../../src/directory/user.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import { parseDoc, toUserWrite } from '../../src/scim/resource.ts'
import { userType } from '../../src/scim/schema.ts'
import { endSessionsOf } from '../support/ending.ts'
import { breakable, failsToAnswer } from '../support/binding.ts'
import { addConnection, addUser, emptyStores, personOf } from '../support/session.ts'
import { noon } from '../support/site.ts'

const db = env.DB
const later = (seconds: number): Instant => plusSeconds(noon, seconds)
const find = async (id: string): Promise<User | undefined> => (await findUsers(db, id))[0]
const count = async () => (await db.prepare('SELECT count(*) AS n FROM users').first())?.['n']

/** Its id. @param own attributes of the core schema. */
async function addProvisioned(connection: string, userName: string, own = {}): Promise<string> {
  const doc = parseDoc(JSON.stringify({ own: { userName, active: true, ...own }, extension: {} }))
  const [id, writeId] = [crypto.randomUUID(), crypto.randomUUID()]
  const edition = { connection, id, version: null, writeId, now: noon }
  const made = await createUser(db, edition, toUserWrite(userType, doc))
  if (!made) throw new Error('the name is taken')
  return made.id
}

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta')
  await addConnection('entra', 'scim')
})

describe('provisioning by jit', () => {
  it('makes who is not there', async () => {
    const made = await provision(db, personOf(), {
      mode: 'jit',
      join: 'user-name',
      newId: 'user-1',
      now: noon,
    })
    const user = {
      id: 'user-1',
      connection: 'okta',
      subject: 'ada',
      userName: 'ada',
      email: 'ada@example.com',
      displayName: 'Ada Lovelace',
      active: true,
      barred: false,
      source: 'jit',
      sessionsValidFrom: noon,
      createdAt: noon,
      updatedAt: noon,
      lastLoginAt: noon,
    }
    expect(made).toEqual({ ok: true, value: user })
    expect(await find('user-1')).toEqual(user)
  })

  it('keeps who is there, under the same id, with the names of now', async () => {
    await provision(db, personOf(), { mode: 'jit', join: 'user-name', newId: 'user-1', now: noon })
    const renamed = personOf({ userName: 'ada.king', email: null, displayName: 'Ada King' })
    const again = await provision(db, renamed, {
      mode: 'jit',
      join: 'user-name',
      newId: 'user-2',
      now: later(60),
    })
    expect(again).toMatchObject({
      ok: true,
      value: {
        id: 'user-1',
        userName: 'ada.king',
        email: null,
        displayName: 'Ada King',
        sessionsValidFrom: noon,
        createdAt: noon,
        updatedAt: later(60),
        lastLoginAt: later(60),
      },
    })
    expect(await count()).toBe(1)
  })

  it('refuses who is disabled, and changes nothing of them', async () => {
    const user = await addUser()
    await setUserActive(db, user.id, false, later(1))
    const before = await find(user.id)
    const again = await provision(db, personOf({ userName: 'x' }), {
      mode: 'jit',
      join: 'user-name',
      newId: 'user-2',
      now: later(60),
    })
    expect(again).toEqual({ ok: false, error: 'user-disabled' })
    expect(await find(user.id)).toEqual(before)
  })

  it('gives the id of one person to no other', async () => {
    await provision(db, personOf(), { mode: 'jit', join: 'user-name', newId: 'user-1', now: noon })
    const second = provision(db, personOf({ subject: 'bob' }), {
      mode: 'jit',
      join: 'user-name',
      newId: 'user-1',
      now: later(1),
    })
    await expect(second).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await find('user-1')).toMatchObject({ subject: personOf().subject })
    expect(await count()).toBe(1)
  })

  it('makes one user of two logins at the same time', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) =>
        provision(db, personOf(), { mode: 'jit', join: 'user-name', newId: id, now: noon }),
      ),
    )
    const ids = made.map((user) => (user.ok ? user.value.id : user.error))
    expect(new Set(ids).size).toBe(1)
    expect(await count()).toBe(1)
  })

  it('knows one subject of two connections as two people', async () => {
    await addConnection('onelogin')
    const [one, two] = [await addUser(), await addUser({ connection: 'onelogin' })]
    expect(one.id).not.toBe(two.id)
  })

  it('joins by the subject exactly: neither case nor space nor name makes two people one', async () => {
    const subjects = ['ada', 'Ada', 'ada ', 'ada\u0301', '']
    const users = await Promise.all(subjects.map((subject) => addUser({ subject })))
    expect(new Set(users.map(({ id }) => id)).size).toBe(subjects.length)
  })

  it('of a connection that is gone is a fault, not a user', async () => {
    const lost = personOf({ connection: 'gone' })
    await expect(
      provision(db, lost, { mode: 'jit', join: 'user-name', newId: 'user-1', now: noon }),
    ).rejects.toMatchObject({ store: 'D1' })
    expect(await count()).toBe(0)
  })
})

describe('provisioning by scim', () => {
  const person = personOf({ connection: 'entra' })

  it('refuses who is not provisioned, and makes nobody', async () => {
    expect(
      await provision(db, person, { mode: 'scim', join: 'user-name', newId: 'user-1', now: noon }),
    ).toEqual({
      ok: false,
      error: 'not-provisioned',
    })
    expect(await count()).toBe(0)
  })

  it('refuses who is provisioned at another connection only', async () => {
    await addUser({ connection: 'okta' })
    expect(
      await provision(db, person, { mode: 'scim', join: 'user-name', newId: 'user-1', now: noon }),
    ).toEqual({
      ok: false,
      error: 'not-provisioned',
    })
  })

  it('refuses who only signed in once, when that was enough', async () => {
    await addUser({ connection: 'entra' })
    expect(
      await provision(db, person, { mode: 'scim', join: 'user-name', newId: 'user-1', now: noon }),
    ).toEqual({
      ok: false,
      error: 'not-provisioned',
    })
  })

  it('takes who is provisioned as provisioned, and notes the login', async () => {
    const id = await addProvisioned('entra', 'ada')
    const stranger = { ...person, userName: 'root', email: 'root@example.com', displayName: 'Root' }
    const known = await find(id)
    expect(known).toMatchObject({ userName: 'ada', source: 'scim', lastLoginAt: null })
    for (const rule of ['scim', 'jit'] as const) {
      expect(
        await provision(db, stranger, {
          mode: rule,
          join: 'user-name',
          newId: 'user-2',
          now: later(60),
        }),
      ).toEqual({
        ok: true,
        value: { ...known, lastLoginAt: later(60) },
      })
    }
    expect(await count()).toBe(1)
  })

  it('refuses who is disabled, by that reason, and lets nobody in beside them', async () => {
    const id = await addProvisioned('entra', 'ada')
    await setUserActive(db, id, false, noon)
    for (const rule of ['scim', 'jit'] as const) {
      expect(
        await provision(db, person, {
          mode: rule,
          join: 'user-name',
          newId: 'user-2',
          now: later(60),
        }),
      ).toEqual({
        ok: false,
        error: 'user-disabled',
      })
    }
    expect((await find(id))?.lastLoginAt).toBeNull()
    expect(await count()).toBe(1)
  })
})

describe('who is provisioned after a sign-in', () => {
  it.each([true, false])(
    'has no session left of a sign-in under another name that the rule joins on (active: %s)',
    async (active) => {
      const before = await addUser({ connection: 'entra', subject: '00u1' })
      const id = await addProvisioned('entra', 'ada', { externalId: '00u1' })
      // That ended the sessions of the first user. Others may follow if the external id changes.
      const ended = await find(before.id)
      await setUserActive(db, id, active, noon)
      const again = await provision(db, personOf({ connection: 'entra', subject: '00u1' }), {
        mode: 'jit+scim',
        join: 'external-id',
        newId: 'user-2',
        now: later(60),
      })
      expect(again.ok ? again.value.id : again.error).toBe(active ? id : 'user-disabled')
      const after = await find(before.id)
      expect(after?.sessionsValidFrom).toBeGreaterThan(ended?.sessionsValidFrom ?? Infinity)
    },
  )

  it('is who signed in under that very name before, with the same id', async () => {
    const before = await addUser({ connection: 'entra', subject: 'ada' })
    const id = await addProvisioned('entra', 'ada')
    expect(id).toBe(before.id)
    expect(await find(id)).toMatchObject({ source: 'scim', active: true })
  })

  it('stays out when the operator keeps them out, whatever the directory says', async () => {
    const before = await addUser({ connection: 'entra', subject: 'ada' })
    await setUserActive(db, before.id, false, noon)
    await addProvisioned('entra', 'ada')
    expect((await find(before.id))?.active).toBe(false)
    await setUserActive(db, before.id, true, noon)
    expect((await find(before.id))?.active).toBe(true)
    const gone = await addProvisioned('entra', 'eve', { active: false })
    await setUserActive(db, gone, true, noon)
    expect((await find(gone))?.active).toBe(false)
  })
})

describe('finding users', () => {
  it('is by id, user name, email in any case, or subject, the whole of it', async () => {
    const user = await addUser({ subject: '00u1', userName: 'Ada.L' })
    for (const text of [user.id, 'Ada.L', 'ada@example.com', 'ADA@Example.com', '00u1']) {
      expect(await findUsers(db, text), text).toEqual([user])
    }
    for (const text of ['', 'ada', 'ada@', '%', '_00u1', 'okta', "' OR 1=1 --"]) {
      expect(await findUsers(db, text), text).toEqual([])
    }
  })

  it('gives all whom it may mean, in an order that stays', async () => {
    await addConnection('onelogin')
    await addUser({ connection: 'onelogin' })
    await addUser({ subject: 'b', userName: 'b' })
    await addUser({ subject: 'a', userName: 'a' })
    const found = await findUsers(db, 'ada@example.com')
    expect(found.map(({ connection, userName }) => [connection, userName])).toEqual([
      ['okta', 'a'],
      ['okta', 'b'],
      ['onelogin', 'ada'],
    ])
  })
})

describe('disabling, enabling and ending sessions', () => {
  it('say whether there is such a user', async () => {
    const { id } = await addUser()
    expect(await setUserActive(db, id, false, noon)).toBe(true)
    expect((await find(id))?.active).toBe(false)
    expect(await setUserActive(db, id, true, noon)).toBe(true)
    expect((await find(id))?.active).toBe(true)
    expect(await setUserActive(db, 'nobody', false, noon)).toBe(false)
  })

  it('leave a disabled user disabled when only their sessions are ended', async () => {
    const { id } = await addUser()
    await setUserActive(db, id, false, noon)
    await endSessionsOf(db, id, later(1))
    expect((await find(id))?.active).toBe(false)
  })

  it('move sessionsValidFrom up each time, whatever the clock of who asks says', async () => {
    const { id, sessionsValidFrom } = await addUser()
    let last: number = sessionsValidFrom
    for (const seconds of [0, 3600, 3600, 0, -86_400]) {
      await endSessionsOf(db, id, later(seconds))
      const next = (await find(id))?.sessionsValidFrom ?? 0
      expect(next).toBeGreaterThan(last)
      expect(next).toBeGreaterThan(later(seconds))
      last = next
    }
  })

  it('touch nobody else', async () => {
    const [ada, bob] = [await addUser(), await addUser({ subject: 'bob' })]
    await setUserActive(db, ada.id, false, later(1))
    expect(await find(bob.id)).toEqual(bob)
  })
})

describe('when D1 fails', () => {
  const broken = breakable(db)
  broken.isBroken = true

  it.each([
    [
      'provisioning by jit',
      (d1: D1Database) =>
        provision(d1, personOf(), { mode: 'jit', join: 'user-name', newId: 'x', now: noon }),
    ],
    [
      'provisioning by scim',
      (d1: D1Database) =>
        provision(d1, personOf(), { mode: 'scim', join: 'user-name', newId: 'x', now: noon }),
    ],
    ['finding', (d1: D1Database) => findUsers(d1, 'x')],
    ['disabling', (d1: D1Database) => setUserActive(d1, 'x', false, noon)],
  ] as const)('%s says so', async (_, call) => {
    const methods = ['first', 'run', 'all'] as const
    const silent = methods.reduce((d1, method) => failsToAnswer(d1, method), db)
    for (const failing of [broken.binding, silent]) {
      await expect(call(failing)).rejects.toMatchObject({ name: 'StoreUnavailable', store: 'D1' })
    }
  })
})
