import { beforeEach, describe, expect, it } from 'vitest'
import { openGuard } from '../../src/admin/guard.ts'
import { createToken, findTokens, revokeToken } from '../../src/admin/tokens.ts'
import { findConnection } from '../../src/connection/store.ts'
import { findGuard } from '../../src/directory/guard-store.ts'
import { findToken } from '../../src/directory/token-store.ts'
import { plusSeconds, toIso } from '../../src/lib/instant.ts'
import { hashScimToken, SCIM_TOKEN_BYTES } from '../../src/scim/token.ts'
import { addProvisioned } from '../support/directory.ts'
import {
  audited,
  context,
  db,
  emptyStore,
  now,
  refusalOf,
  seedConnection,
  valueOf,
} from './stage.ts'

beforeEach(emptyStore)

const newToken = (fields = {}) => ({
  connection: 'acme',
  label: ' Okta ',
  expires: 'in-a-year' as const,
  id: crypto.randomUUID(),
  random: crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)),
  ...fields,
})

describe('createToken', () => {
  it('makes a token that counts for a year, and the audit has no secret', async () => {
    await seedConnection('acme', { provisioning: 'scim' })
    const made = valueOf(await createToken(context, newToken()))
    const hash = await hashScimToken(made.secret)
    const end = plusSeconds(now, 365 * 86_400)
    expect(await findToken(db, 'acme', hash, plusSeconds(end, -1))).toEqual(made.token)
    expect(await findToken(db, 'acme', hash, end)).toBeNull()
    expect([made.provisioning, made.isFirst]).toEqual(['scim', false])
    expect(await audited()).toEqual([
      [
        'scim token create',
        'acme',
        null,
        {
          token: made.token.id,
          label: 'Okta',
          expiresAt: toIso(end),
          provisioning: 'scim',
        },
      ],
    ])
    const { results } = await db.prepare('SELECT * FROM audit').all()
    expect(JSON.stringify(results)).not.toContain(made.secret.slice(16))
  })

  it('makes a jit connection ask the directory, and changes nothing else of it', async () => {
    await seedConnection('acme', { domains: ['acme.com'] })
    const before = await findConnection(db, 'acme')
    const first = valueOf(await createToken(context, newToken({ expires: 'never' })))
    expect([first.provisioning, first.isFirst]).toEqual(['jit+scim', true])
    expect(await findConnection(db, 'acme')).toEqual({ ...before, provisioning: 'jit+scim' })
    const second = valueOf(await createToken(context, newToken()))
    expect([second.provisioning, second.isFirst]).toEqual(['jit+scim', false])
  })

  it('stores the token and the provisioning together or not at all', async () => {
    await seedConnection('acme')
    const token = newToken()
    await db.exec(
      "CREATE TRIGGER no_directory BEFORE UPDATE ON connections BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    try {
      await expect(createToken(context, token)).rejects.toThrow('saving a SCIM token')
    } finally {
      await db.exec('DROP TRIGGER no_directory')
    }
    expect(valueOf(await findTokens(db, 'acme')).tokens).toEqual([])
    expect((await findConnection(db, 'acme'))?.provisioning).toBe('jit')
    expect(await audited()).toEqual([])
  })

  it.each([
    [{ label: '  ' }, { reason: 'label' }],
    [{ label: 'a\nb' }, { reason: 'label' }],
    [{ label: 'a'.repeat(101) }, { reason: 'label' }],
    [{ expires: now }, { reason: 'expiry-past', expires: now }],
    [{ connection: 'acmo' }, { reason: 'unknown-connection', id: 'acmo', known: ['acme'] }],
  ])('refuses %j', async (fields, refusal) => {
    await seedConnection('acme')
    expect(refusalOf(await createToken(context, newToken(fields)))).toEqual(refusal)
    expect(valueOf(await findTokens(db, 'acme')).tokens).toEqual([])
    expect(await audited()).toEqual([])
  })
})

describe('revokeToken', () => {
  it('refuses the token from now on, and once', async () => {
    await seedConnection('acme', { provisioning: 'scim' })
    const { secret, token } = valueOf(await createToken(context, newToken()))
    valueOf(await revokeToken(context, token.id))
    expect(await findToken(db, 'acme', await hashScimToken(secret), now)).toBeNull()
    expect(refusalOf(await revokeToken(context, token.id))).toEqual({
      reason: 'unknown-token',
      id: token.id,
    })
    expect((await audited()).slice(1)).toEqual([
      ['scim token revoke', null, null, { token: token.id }],
    ])
  })
})

describe('openGuard', () => {
  const open = (seconds: number, connection = 'acme') => openGuard(context, { connection, seconds })

  it('opens the removal guard for so long', async () => {
    await seedConnection('acme', { provisioning: 'scim' })
    await addProvisioned({ userName: 'ada' }, 'acme')
    const until = plusSeconds(now, 3600)
    expect(valueOf(await open(3600))).toEqual({ connection: 'acme', until })
    expect((await findGuard(db, 'acme', now))?.allowedUntil).toBe(until)
    expect(await audited()).toEqual([
      ['scim allow-removals', 'acme', null, { allowedUntil: toIso(until) }],
    ])
  })

  it('refuses less than a minute, more than a day, and a directory that has sent nobody', async () => {
    await seedConnection('acme')
    for (const seconds of [0, 59, 86_401]) {
      expect(refusalOf(await open(seconds))).toEqual({ reason: 'time-out-of-range' })
    }
    expect(refusalOf(await open(60))).toEqual({ reason: 'nobody-sent', connection: 'acme' })
    expect(refusalOf(await open(60, 'acmo')).reason).toBe('unknown-connection')
    expect(await audited()).toEqual([])
  })
})
