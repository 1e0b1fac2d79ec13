import { beforeEach, describe, expect, it } from 'vitest'
import {
  addConnection,
  previewRemoval,
  removeConnection,
  updateConnection,
} from '../../src/admin/connections.ts'
import { findConnection } from '../../src/connection/store.ts'
import { file, idpFields, inputOf } from '../connection/stage.ts'
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
