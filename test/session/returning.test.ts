/** Whom a directory or an operator put out does not come back by another way in. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { findUser } from '../../src/directory/provisioned-store.ts'
import { setUserActive } from '../../src/directory/sign-in-store.ts'
import { provision } from '../support/provision.ts'
import { createSessionReader } from '../../src/session/reader.ts'
import { addProvisioned, changeProvisioned, removeProvisioned } from '../support/directory.ts'
import {
  boundCookies,
  addConnection,
  emptyStores,
  momentAt,
  personOf,
  signIn,
  stores,
} from '../support/session.ts'
import { noon } from '../support/site.ts'

const read = (request: Request) =>
  createSessionReader({
    ...stores,
    revocationSeconds: 15,
    boundCookies,
    shortestIdleSeconds: null,
  })(request, momentAt(noon))
const come = (subject: string, mode: 'scim' | 'jit+scim' = 'jit+scim') =>
  provision(env.DB, personOf({ subject, email: null }), {
    mode,
    join: 'user-name',
    newId: crypto.randomUUID(),
    now: noon,
  })

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta', 'jit+scim')
})

describe('a session from before the directory', () => {
  it('is over by the name that the directory has, in whatever case the IdP said it', async () => {
    const { request } = await signIn({}, { subject: 'ADA.Lovelace@X.test', email: null })
    const ada = await addProvisioned({ userName: 'ada.lovelace@x.test' })
    expect(await read(request)).toMatchObject({ kind: 'ended', reason: 'revoked' })
    await changeProvisioned(ada, { active: false })
    expect(await come('ADA.Lovelace@X.test')).toEqual({ ok: false, error: 'user-disabled' })
  })
})

describe('who is renamed to what somebody signed in as meanwhile', () => {
  it('is renamed, and that session is over', async () => {
    const ada = await addProvisioned({ userName: 'ada@old.test' })
    const { request, user } = await signIn({}, { subject: 'ada@new.test' })
    expect(user.id).not.toBe(ada)
    expect(await changeProvisioned(ada, { userName: 'ada@new.test' })).toBe(true)
    expect(await read(request)).toMatchObject({ kind: 'ended' })
    expect(await come('ada@new.test')).toMatchObject({ ok: true, value: { id: ada } })
  })

  it('is out when the same message deactivates them', async () => {
    const ada = await addProvisioned({ userName: 'ada@old.test' })
    const { request } = await signIn({}, { subject: 'ada@new.test' })
    expect(await changeProvisioned(ada, { userName: 'ada@new.test', active: false })).toBe(true)
    expect(await read(request)).toMatchObject({ kind: 'ended' })
    expect(await come('ada@new.test')).toEqual({ ok: false, error: 'user-disabled' })
  })

  it('is kept out where the operator keeps out that name', async () => {
    const ada = await addProvisioned({ userName: 'ada@old.test' })
    const { user } = await signIn({}, { subject: 'ada@new.test' })
    await setUserActive(env.DB, user.id, false, noon)
    expect(await changeProvisioned(ada, { userName: 'ada@new.test' })).toBe(true)
    expect(await come('ada@new.test')).toEqual({ ok: false, error: 'user-disabled' })
  })
})

describe('whom the operator keeps out', () => {
  it.each(['scim', 'jit+scim'] as const)(
    '%s: does not come back by being removed from the directory and sent again',
    async (mode) => {
      const eve = await addProvisioned({ userName: 'eve@x.test' })
      await setUserActive(env.DB, eve, false, noon)
      expect(await removeProvisioned(eve)).toBe(true)
      expect(await findUser(env.DB, 'okta', eve)).toBeNull()
      expect((await come('eve@x.test', mode)).ok).toBe(false)
      const again = await addProvisioned({ userName: 'Eve@X.test' })
      expect(await come('eve@x.test', mode)).toEqual({ ok: false, error: 'user-disabled' })
      await setUserActive(env.DB, again, true, noon)
      expect(await come('eve@x.test', mode)).toMatchObject({ ok: true, value: { id: again } })
      await changeProvisioned(again, { title: 'Dr' })
      expect((await come('eve@x.test', mode)).ok).toBe(true)
    },
  )
})

describe('a name that only looks like that of somebody of the directory', () => {
  it.each(['mÜller@x.test', '\u212aim@x.test'])(
    '%s: is nobody, and nobody new',
    async (subject) => {
      await addProvisioned({ userName: 'müller@x.test', active: false })
      await addProvisioned({ userName: 'kim@x.test', active: false })
      expect((await come(subject)).ok).toBe(false)
    },
  )
})
