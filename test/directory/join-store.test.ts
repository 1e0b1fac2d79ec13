import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { JoinRule } from '../../src/directory/join.ts'
import { findKnown, joinedOf } from '../../src/directory/provision-store.ts'
import { provision } from '../support/provision.ts'
import { addProvisioned, changeProvisioned } from '../support/directory.ts'
import { addConnection, emptyStores, personOf } from '../support/session.ts'
import { noon } from '../support/site.ts'

async function join(rule: JoinRule, subject: string, connection = 'okta') {
  const known = await findKnown(env.DB, { connection, subject }, { mode: 'scim', join: rule })
  const found = joinedOf(known)
  return found.ok ? { ok: true, value: found.value.id } : found
}
const nobody = { ok: false, error: 'not-provisioned' }
let ada: string

beforeEach(async () => {
  await emptyStores()
  await addConnection('okta', 'jit+scim')
  await addConnection('entra', 'jit+scim')
  ada = await addProvisioned({
    userName: 'Ada.L',
    externalId: '00uAda',
    emails: [{ value: 'ada@example.com' }, { value: 'Countess@example.com' }],
  })
})

describe('the join', () => {
  it.each<[JoinRule, string]>([
    ['user-name', 'Ada.L'],
    ['user-name', 'ada.l'],
    ['external-id', '00uAda'],
    ['email', 'ADA@example.com'],
    ['email', 'countess@example.com'],
  ])('%s finds %s', async (rule, subject) => {
    expect(await join(rule, subject)).toEqual({ ok: true, value: ada })
  })

  it.each<[JoinRule, string]>([
    ['user-name', 'ada@example.com'],
    ['user-name', '00uAda'],
    ['user-name', ' ada.l'],
    ['external-id', '00uada'],
    ['external-id', 'Ada.L'],
    ['email', 'Ada.L'],
    ['user-name', ''],
    ['external-id', ''],
    ['email', ''],
    ['user-name', "' OR 1=1 --"],
  ])('%s does not find %j: only the rule counts, and all of the value', async (rule, subject) => {
    expect(await join(rule, subject)).toEqual(nobody)
  })

  it('takes no letter for one that looks alike', async () => {
    await addProvisioned({ userName: 'kim', emails: [{ value: 'kim@example.com' }] })
    const alike = { ok: false, error: 'alike-provisioned' }
    expect(await join('user-name', '\u212aim')).toEqual(alike)
    expect(await join('email', '\u212aim@example.com')).toEqual(alike)
    expect(await join('user-name', '\u212aim', 'entra')).toEqual(nobody)
  })

  it('finds nobody of another connection', async () => {
    expect(await join('user-name', 'Ada.L', 'entra')).toEqual(nobody)
  })

  it('refuses what two people have, whatever case they have it in', async () => {
    await addProvisioned({
      userName: 'b',
      externalId: '00uAda',
      emails: [{ value: 'ADA@example.com' }],
    })
    const several = { ok: false, error: 'several-provisioned' }
    expect(await join('external-id', '00uAda')).toEqual(several)
    expect(await join('email', 'ada@example.com')).toEqual(several)
  })

  it('knows a person by the names of now', async () => {
    await changeProvisioned(ada, { emails: [{ value: 'king@example.com' }] })
    expect(await join('email', 'ada@example.com')).toEqual(nobody)
    expect(await join('email', 'king@example.com')).toEqual({ ok: true, value: ada })
  })
})

describe('who comes', () => {
  const come = (mode: 'jit' | 'scim' | 'jit+scim', subject: string, rule: JoinRule = 'user-name') =>
    provision(env.DB, personOf({ subject }), { mode, join: rule, newId: 'new-user', now: noon })

  it('scim: as provisioned, or not at all', async () => {
    expect(await come('scim', 'ada.l')).toMatchObject({
      ok: true,
      value: { id: ada, source: 'scim' },
    })
    expect(await come('scim', 'bob')).toEqual(nobody)
  })

  it('jit+scim: as provisioned, or as somebody new', async () => {
    expect(await come('jit+scim', 'ada.l')).toMatchObject({ ok: true, value: { id: ada } })
    expect(await come('jit+scim', 'bob')).toMatchObject({
      ok: true,
      value: { id: 'new-user', source: 'jit' },
    })
  })

  it('jit: as the IdP says, and the directory is not asked', async () => {
    expect(await come('jit', '00uAda', 'external-id')).toMatchObject({
      ok: true,
      value: { id: 'new-user', source: 'jit' },
    })
  })

  it.each(['jit', 'scim', 'jit+scim'] as const)(
    '%s: not who is provisioned and not active',
    async (mode) => {
      await changeProvisioned(ada, { active: false })
      expect(await come(mode, 'Ada.L')).toEqual({ ok: false, error: 'user-disabled' })
    },
  )

  it('jit+scim: nobody new where two people have that name', async () => {
    await addProvisioned({ userName: 'b', externalId: '00uAda' })
    expect(await come('jit+scim', '00uAda', 'external-id')).toEqual({
      ok: false,
      error: 'several-provisioned',
    })
  })
})
