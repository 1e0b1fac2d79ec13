import { beforeEach, describe, expect, it } from 'vitest'
import sspMetadata from '../vectors/responses/metadata/ssp.xml?raw'
import { connectionBegin } from '../../src/admin/connection-begin.ts'
import { connectionUpdate } from '../../src/admin/connection-changes.ts'
import { connectionEnable, connectionList } from '../../src/admin/connection-operations.ts'
import { findConnection } from '../../src/connection/store.ts'
import { act, audited, db, emptyStore, refusalOf, seedConnection, valueOf } from './stage.ts'

beforeEach(emptyStore)

const begin = (id: string) => act(connectionBegin, { id, 'display-name': 'Acme' })

describe('a connection that is begun', () => {
  it('is stored without an identity provider, and in the audit', async () => {
    expect(valueOf(await begin('acme')).facts).toEqual({ id: 'acme', displayName: 'Acme' })
    expect(await findConnection(db, 'acme')).toMatchObject({ enabled: false, idpEntityId: '' })
    expect(await audited()).toEqual([['connection begin', 'acme', null, { displayName: 'Acme' }]])
  })

  it('is no other connection, and has a good id', async () => {
    await seedConnection('acme')
    expect(refusalOf(await begin('acme'))).toMatchObject({ reason: 'connection-exists' })
    expect(refusalOf(await begin('Acme'))).toMatchObject({ kind: 'invalid', reason: 'input' })
  })

  it('is listed as not set up, and cannot be enabled', async () => {
    await begin('acme')
    const [list] = valueOf(await act(connectionList, {})).view
    expect(JSON.stringify(list)).toContain('not set up')
    expect(refusalOf(await act(connectionEnable, { id: 'acme' }))).toMatchObject({
      kind: 'invalid',
    })
  })

  it('is enabled by its metadata, and nothing makes it a draft again', async () => {
    await begin('acme')
    const given = valueOf(await act(connectionUpdate, { id: 'acme', metadata: sspMetadata }))
    expect(given.undo).toBeNull()
    expect(await findConnection(db, 'acme')).toMatchObject({ enabled: true })
  })

  it('takes back a change of its name alone', async () => {
    await begin('acme')
    const renamed = valueOf(await act(connectionUpdate, { id: 'acme', 'display-name': 'New' }))
    expect(renamed.undo).toEqual({
      operation: 'connection update',
      input: { id: 'acme', 'display-name': 'Acme' },
    })
    await act(connectionUpdate, renamed.undo?.input ?? {})
    expect(await findConnection(db, 'acme')).toMatchObject({ displayName: 'Acme' })
  })
})
