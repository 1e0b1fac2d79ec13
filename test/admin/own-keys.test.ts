/** Our keys for identity providers are there when a connection is, so that no visitor waits for one. */
import { beforeEach, expect, it } from 'vitest'
import { connectionBegin } from '../../src/admin/connection-begin.ts'
import { addConnection, updateConnection } from '../../src/admin/connections.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { findGenerations } from '../../src/sp/store.ts'
import { file, idpFields, inputOf } from '../connection/stage.ts'
import { act, context, db, emptyStore, refusalOf, valueOf } from './stage.ts'

const secrets = { current: new Uint8Array(32).fill(7), previous: null }
const openSealer = (purpose: string) => createSealer(secrets, purpose)
const api = { ...context.operator, face: 'api' as const }
const withSecret = { ...context, operator: api, openSealer }
const whole = (fields = {}) =>
  inputOf({ ...idpFields, ...fields }, { certificates: [file('rsa2048')] })
const kinds = async () =>
  (await findGenerations(db)).flatMap(({ keys }) => keys.map(({ kind }) => kind))

beforeEach(async () => {
  await emptyStore()
  await db.exec('DELETE FROM sp_keys; DELETE FROM sp_generations')
})

it('are made with a connection: one to encrypt for, and one to sign by', async () => {
  valueOf(await addConnection(withSecret, 'acme', whole()))
  expect(await kinds()).toEqual(['encryption', 'rsa-sha256'])
})

it('are made with a connection that is only begun', async () => {
  valueOf(await act(connectionBegin, { id: 'acme' }, { by: withSecret }))
  expect(await kinds()).toEqual(['encryption', 'rsa-sha256'])
})

it('are made when a connection is to sign by another algorithm', async () => {
  valueOf(await addConnection(withSecret, 'acme', whole()))
  const change = inputOf({ 'sign-requests': 'ecdsa-sha256' })
  valueOf(await updateConnection(withSecret, 'acme', change))
  expect(await kinds()).toEqual(['ecdsa-sha256', 'encryption', 'rsa-sha256'])
})

it('are not made for a connection that is refused', async () => {
  refusalOf(await addConnection(withSecret, 'Not An Id', inputOf()))
  expect(await kinds()).toEqual([])
})

it('are left to cron where the secret is not known, and the connection is added all the same', async () => {
  valueOf(await addConnection(context, 'acme', whole()))
  expect(await kinds()).toEqual([])
})

it('are left to cron on the command line, whose secret may be another than the one of the Worker', async () => {
  const operator = { ...context.operator, face: 'command line' as const }
  valueOf(await addConnection({ ...context, operator, openSealer }, 'acme', whole()))
  valueOf(await act(connectionBegin, { id: 'begun' }, { by: { ...context, operator, openSealer } }))
  expect(await kinds()).toEqual([])
})
