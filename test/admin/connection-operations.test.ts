import { beforeEach, describe, expect, it } from 'vitest'
import p256 from '../vectors/certificates/p-256.pem?raw'
import sspMetadata from '../vectors/responses/metadata/ssp.xml?raw'
import { connectionAdd, connectionUpdate } from '../../src/admin/connection-changes.ts'
import {
  connectionDisable,
  connectionEnable,
  connectionShow,
} from '../../src/admin/connection-operations.ts'
import { connectionRemove } from '../../src/admin/connection-removal.ts'
import { warningBlocks } from '../../src/admin/connection-shown.ts'
import type { Typed } from '../../src/admin/field.ts'
import { findConnection } from '../../src/connection/store.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { err, ok } from '../../src/lib/result.ts'
import {
  act,
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

beforeEach(async () => {
  await emptyStore()
  await seedConnection('acme')
})

const update = (typed: Typed) => act(connectionUpdate, { id: 'acme', ...typed })

describe('connection update', () => {
  const changes: readonly Typed[] = [
    { 'display-name': 'Acme again' },
    { enabled: 'false' },
    { provisioning: 'scim', join: 'email', 'groups-from': 'assertion', 'removal-guard': '20%' },
    { 'force-authn': 'true', 'require-encryption': '', 'login-hint': 'subject' },
    { 'authn-context': ['X509', 'Password'], 'authn-context-comparison': 'minimum' },
    { 'name-id-format': 'email', 'subject-attribute': 'uid', 'sp-name-qualifier': 'urn:x' },
    { 'email-attribute': 'mail', 'groups-attribute': 'memberOf', 'clock-skew': '0' },
    { 'sign-requests': 'ecdsa-sha256', 'sso-binding': 'post', 'sso-url': 'https://a.example/sso' },
    { 'allow-sha1-until': '2026-12-31', 'allow-weak-rsa-until': '2026-12-31' },
    { domain: ['a.example', 'b.example'] },
    { 'add-certificate': [p256] },
    {
      'entity-id': 'https://other.example',
      'add-certificate': [p256],
      'replace-certificates': 'true',
    },
  ]

  it.each(changes)('%j is taken back by its undo', async (typed) => {
    const before = await findConnection(db, 'acme')
    const { undo } = valueOf(await update(typed))
    const after = await findConnection(db, 'acme')
    expect(after).not.toEqual(before)
    expect(undo?.operation).toBe('connection update')
    valueOf(await act(connectionUpdate, undo?.input ?? {}))
    expect(await findConnection(db, 'acme')).toEqual(before)
  })

  it('touches nothing else when it is taken back', async () => {
    const { undo } = valueOf(await update({ 'display-name': 'New' }))
    valueOf(await update({ 'clock-skew': '7' }))
    valueOf(await act(connectionUpdate, undo?.input ?? {}))
    expect(await findConnection(db, 'acme')).toMatchObject({ settings: { clockSkewSeconds: 7 } })
  })

  it('has no undo where nothing changed, or where the old value cannot be given', async () => {
    const same = (await findConnection(db, 'acme'))?.displayName ?? ''
    expect(valueOf(await update({ 'display-name': same })).undo).toBeNull()
    const fetching = { by: { ...context, fetchMetadata: async () => ok(utf8(sspMetadata)) } }
    const metadata = { metadata: 'https://idp.example/m', 'replace-certificates': 'true' }
    const typed = { id: 'acme', entity: 'http://ssp.localhost:8101/idp', ...metadata }
    expect(valueOf(await act(connectionUpdate, typed, fetching)).undo).toBeNull()
  })

  it('is made only if the version is still the one that was seen', async () => {
    const { version } = valueOf(await act(connectionShow, { id: 'acme' }))
    const change = (typed: Typed) =>
      act(connectionUpdate, { id: 'acme', ...typed }, { ifVersion: version })
    const done = valueOf(await change({ 'display-name': 'One' }))
    expect(done.version).not.toBe(version)
    expect(refusalOf(await change({ 'display-name': 'Two' }))).toMatchObject({
      kind: 'stale',
      reason: 'connection-changed',
    })
    expect((await findConnection(db, 'acme'))?.displayName).toBe('One')
    const again = { ifVersion: done.version }
    expect((await act(connectionDisable, { id: 'acme' }, again)).ok).toBe(true)
    expect(refusalOf(await act(connectionEnable, { id: 'acme' }, again))).toMatchObject({
      kind: 'stale',
    })
  })

  it('names every field that is wrong, and refuses to do nothing', async () => {
    expect(refusalOf(await update({ 'clock-skew': 'x', 'add-certificate': 'x' }))).toMatchObject({
      kind: 'invalid',
      faults: [{ field: 'clock-skew' }, { field: 'add-certificate' }],
    })
    expect(refusalOf(await update({}))).toMatchObject([{ field: null }])
    expect(refusalOf(await update({ enabled: 'perhaps' }))).toMatchObject([{ field: 'enabled' }])
  })
})

describe('connection add', () => {
  const from = (metadata: string, fetchMetadata: typeof context.fetchMetadata) =>
    act(connectionAdd, { id: 'another', metadata }, { by: { ...context, fetchMetadata } })

  it('fetches metadata by the face, and keeps its URL', async () => {
    const asked: string[] = []
    const added = await from('https://idp.example/metadata', async (url) => {
      asked.push(url)
      return ok(utf8(sspMetadata))
    })
    expect(valueOf(added).facts).toMatchObject({
      connection: { metadataUrl: 'https://idp.example/metadata', enabled: true },
    })
    expect(asked).toEqual(['https://idp.example/metadata'])
  })

  it('says why metadata is not fetched, and stores nothing', async () => {
    const says = async () => err('https://idp.example/m answered 404, not metadata.')
    expect(refusalOf(await from('https://idp.example/m', says))).toMatchObject({
      reason: 'metadata-not-fetched',
      message: 'https://idp.example/m answered 404, not metadata.',
    })
    expect(refusalOf(await from('https://idp.example/m', null))).toMatchObject({
      reason: 'metadata-not-fetched',
    })
    expect(refusalOf(await from('http://idp.example/m', says))).toMatchObject([
      { field: 'metadata' },
    ])
    expect(refusalOf(await from('<EntityDescriptor', says))).toMatchObject({
      faults: [{ field: 'metadata' }],
    })
    expect(await findConnection(db, 'new')).toBeNull()
    expect(await audited()).toEqual([])
  })
})

describe('connection disable and enable', () => {
  it('take each other back', async () => {
    const { undo, facts } = valueOf(await act(connectionDisable, { id: 'acme' }))
    expect(facts).toMatchObject({ changed: true, connection: { enabled: false } })
    expect(undo).toEqual({ operation: 'connection enable', input: { id: 'acme' } })
    expect(valueOf(await act(connectionDisable, { id: 'acme' })).undo).toBeNull()
    const back = valueOf(await act(connectionEnable, undo?.input ?? {}))
    expect(back.facts).toMatchObject({ connection: { enabled: true } })
    expect(back.undo?.operation).toBe('connection disable')
  })
})

describe('connection remove', () => {
  it('removes nothing before the operator has confirmed what would be removed', async () => {
    await seedSession(await seedUser('acme', 'ada'), 's1')
    expect(refusalOf(await act(connectionRemove, { id: 'acme' }))).toMatchObject({
      kind: 'conflict',
      reason: 'unconfirmed',
      facts: { users: 1, sessions: 1 },
    })
    expect(await findConnection(db, 'acme')).not.toBeNull()
    const removed = valueOf(await act(connectionRemove, { id: 'acme', yes: 'true' }))
    expect(removed.facts).toMatchObject({ removed: 'acme', users: 1, sessions: 1 })
    expect(await findConnection(db, 'acme')).toBeNull()
  })
})

it('a warning has the operation that helps, where there is one', () => {
  const text = 'The directory has sent people, and sign-ins do not ask it.'
  expect(warningBlocks('acme', [{ kind: 'directory-unused', text }])).toEqual([
    {
      kind: 'sentence',
      text: `Warning: ${text}`,
      see: {
        operation: 'connection update',
        asks: null,
        input: { id: 'acme', provisioning: 'jit+scim' },
      },
    },
  ])
  expect(warningBlocks('acme', [{ kind: 'removals-let-through', text: 'Open.' }])).toEqual([
    { kind: 'sentence', text: 'Warning: Open.' },
  ])
})
