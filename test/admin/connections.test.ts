import { beforeEach, describe, expect, it } from 'vitest'
import {
  addConnection,
  previewRemoval,
  removeConnection,
  updateConnection,
} from '../../src/admin/connections.ts'
import { findConnection } from '../../src/connection/store.ts'
import { createToken } from '../../src/admin/tokens.ts'
import { SCIM_TOKEN_BYTES } from '../../src/scim/token.ts'
import { file, idpFields, inputOf } from '../connection/stage.ts'
import { interrupted } from '../support/binding.ts'
import {
  audited,
  context,
  db,
  emptyStore,
  refusalOf,
  seedConnection,
  seedSession,
  seedUser,
  valueOf,
} from './stage.ts'

beforeEach(emptyStore)

const whole = (fields = {}) =>
  inputOf({ ...idpFields, ...fields }, { certificates: [file('rsa2048')] })

describe('addConnection', () => {
  it('stores the connection, and the audit has its fields and no certificate in full', async () => {
    const added = valueOf(await addConnection(context, 'acme', whole({ domain: ['acme.com'] })))
    expect(await findConnection(db, 'acme')).toEqual(added.connection)
    const [fingerprint] = added.connection.certificates.map((each) => each.fingerprint)
    const [event, ...others] = await audited()
    expect(others).toEqual([])
    expect(event).toEqual([
      'connection add',
      'acme',
      null,
      expect.objectContaining({
        enabled: true,
        idpEntityId: 'https://idp.example.com/saml',
        domains: ['acme.com'],
        certificates: [fingerprint],
        provisioning: 'jit',
        subject: '{"from":"name-id"}',
      }),
    ])
  })

  it('refuses every faulty field at once', async () => {
    const refusal = refusalOf(await addConnection(context, 'Not An Id', inputOf()))
    if (refusal.reason !== 'input') throw new Error(refusal.reason)
    expect(refusal.faults.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['id', 'entity-id', 'sso-url', 'certificate']),
    )
    expect(await audited()).toEqual([])
  })

  it('refuses an id that a connection has', async () => {
    await seedConnection('acme')
    expect(refusalOf(await addConnection(context, 'acme', whole()))).toEqual({
      reason: 'connection-exists',
      id: 'acme',
    })
    expect(await audited()).toEqual([])
  })

  it('refuses each domain that another connection speaks for', async () => {
    await seedConnection('first', { domains: ['acme.com'] })
    await seedConnection('second', { domains: ['acme.org'] })
    const input = whole({ domain: ['acme.com', 'acme.net', 'acme.org'] })
    expect(refusalOf(await addConnection(context, 'third', input))).toEqual({
      reason: 'domains-taken',
      taken: [
        { domain: 'acme.com', owner: 'first' },
        { domain: 'acme.org', owner: 'second' },
      ],
    })
    expect(await findConnection(db, 'third')).toBeNull()
    expect(await audited()).toEqual([])
  })
})

describe('updateConnection', () => {
  it('changes what is named, and the audit has that and nothing else', async () => {
    await seedConnection('acme', { domains: ['acme.com'] })
    const input = inputOf({ join: 'external-id', enabled: false })
    const { before, connection } = valueOf(await updateConnection(context, 'acme', input))
    expect(before.enabled).toBe(true)
    expect(connection.domains).toEqual(['acme.com'])
    expect(await findConnection(db, 'acme')).toEqual(connection)
    expect(await audited()).toEqual([
      [
        'connection update',
        'acme',
        null,
        {
          enabled: false,
          directory: JSON.stringify({ ...before.settings.directory, join: 'external-id' }),
        },
      ],
    ])
  })

  it('says which certificates were added and removed', async () => {
    await seedConnection('acme')
    const input = inputOf({}, { certificates: [file('p256')], replaceCertificates: true })
    const { before, added, removed } = valueOf(await updateConnection(context, 'acme', input))
    expect(removed).toEqual(before.certificates)
    expect(added.length).toBe(1)
    const prints = added.map(({ fingerprint }) => fingerprint)
    expect(await audited()).toEqual([['connection update', 'acme', null, { certificates: prints }]])
  })

  it('takes its own domains again, and none of another connection', async () => {
    await seedConnection('acme', { domains: ['acme.com'] })
    await seedConnection('other', { domains: ['acme.org'] })
    valueOf(await updateConnection(context, 'acme', inputOf({ domain: ['acme.com'] })))
    expect(
      refusalOf(await updateConnection(context, 'acme', inputOf({ domain: ['acme.org'] }))),
    ).toEqual({ reason: 'domains-taken', taken: [{ domain: 'acme.org', owner: 'other' }] })
    expect((await audited()).length).toBe(1)
  })

  it('refuses an id that no connection has, and says which there are', async () => {
    await seedConnection('acme')
    expect(refusalOf(await updateConnection(context, 'acmo', inputOf()))).toEqual({
      reason: 'unknown-connection',
      id: 'acmo',
      known: ['acme'],
    })
  })
})

describe('two operators at the same time', () => {
  const meanwhile = (first: () => Promise<unknown>) => ({
    ...context,
    db: interrupted(db, first),
  })

  it('a change of what was changed meanwhile is not made, and the first change stays whole', async () => {
    await seedConnection('acme', { domains: ['acme.com'] })
    const theirs = inputOf({ domain: ['acme.org'] }, { certificates: [file('p256')] })
    const second = meanwhile(async () => valueOf(await updateConnection(context, 'acme', theirs)))
    const ours = inputOf(
      { enabled: false, domain: ['acme.net'], 'remove-domain': ['acme.com'] },
      { certificates: [file('rsa2048')], replaceCertificates: true },
    )
    expect(refusalOf(await updateConnection(second, 'acme', ours))).toEqual({
      reason: 'connection-changed',
      id: 'acme',
    })
    const stored = await findConnection(db, 'acme')
    expect(stored).toMatchObject({ enabled: true, domains: ['acme.com', 'acme.org'] })
    expect(stored?.certificates.length).toBe(2)
    expect((await audited()).length).toBe(1)
    // Run again, it is made.
    const { connection } = valueOf(await updateConnection(context, 'acme', ours))
    expect(connection).toMatchObject({ enabled: false, domains: ['acme.net', 'acme.org'] })
    expect(await findConnection(db, 'acme')).toEqual(connection)
  })

  it('a change does not take back that the first token of a directory made it jit+scim', async () => {
    await seedConnection('acme', { provisioning: 'jit' })
    const token = {
      connection: 'acme',
      label: 'Okta',
      expires: 'never',
      id: 'token-1',
      random: new Uint8Array(SCIM_TOKEN_BYTES),
    } as const
    const second = meanwhile(async () => valueOf(await createToken(context, token)))
    const renamed = inputOf({ 'display-name': 'Acme' })
    expect(refusalOf(await updateConnection(second, 'acme', renamed)).reason).toBe(
      'connection-changed',
    )
    expect((await findConnection(db, 'acme'))?.provisioning).toBe('jit+scim')
  })

  it('a change of what was removed meanwhile brings nothing back', async () => {
    await seedConnection('acme')
    const second = meanwhile(async () => valueOf(await removeConnection(context, 'acme')))
    expect(refusalOf(await updateConnection(second, 'acme', inputOf({ enabled: false })))).toEqual({
      reason: 'connection-changed',
      id: 'acme',
    })
    expect(await findConnection(db, 'acme')).toBeNull()
  })

  it('an id or a domain that was taken meanwhile is refused', async () => {
    const first = async () => {
      if (await findConnection(db, 'acme')) return
      valueOf(await addConnection(context, 'acme', whole({ domain: ['acme.com'] })))
    }
    expect(refusalOf(await addConnection(meanwhile(first), 'acme', whole()))).toEqual({
      reason: 'connection-exists',
      id: 'acme',
    })
    expect((await findConnection(db, 'acme'))?.domains).toEqual(['acme.com'])
    await removeConnection(context, 'acme')
    await seedConnection('other')
    const taken = { reason: 'domains-taken', taken: [{ domain: 'acme.com', owner: 'acme' }] }
    const claim = inputOf({ domain: ['acme.com'] })
    expect(refusalOf(await updateConnection(meanwhile(first), 'other', claim))).toEqual(taken)
    expect((await findConnection(db, 'other'))?.domains).toEqual([])
  })
})

describe('removeConnection', () => {
  it('removes what the preview counted, and no other connection', async () => {
    await seedConnection('acme')
    await seedConnection('other')
    await seedSession(await seedUser('acme', 'ada'), 's1')
    await seedUser('other', 'bob')
    const preview = valueOf(await previewRemoval(context, 'acme'))
    expect(preview).toEqual({ users: 1, sessions: 1 })
    expect(await audited()).toEqual([])
    expect(valueOf(await removeConnection(context, 'acme'))).toEqual(preview)
    expect(await findConnection(db, 'acme')).toBeNull()
    expect(await findConnection(db, 'other')).not.toBeNull()
    expect(await db.prepare('SELECT group_concat(id) AS ids FROM users').first('ids')).toBe(
      'other bob',
    )
    expect(await audited()).toEqual([
      ['connection remove', 'acme', null, { users: 1, sessions: 1 }],
    ])
  })

  it('refuses an id that no connection has', async () => {
    expect(refusalOf(await removeConnection(context, 'acme'))).toEqual({
      reason: 'unknown-connection',
      id: 'acme',
      known: [],
    })
    expect(await audited()).toEqual([])
  })
})
