import { beforeEach, describe, expect, it } from 'vitest'
import {
  previewRetirement,
  retireKeys,
  rotateKeys,
  switchKeys,
  switchKeysBack,
} from '../../src/admin/keys.ts'
import { createSealer } from '../../src/lib/seal.ts'
import { createSpKeys, SP_KEYS_PURPOSE, tendSpKeys } from '../../src/sp/keys.ts'
import { findGenerations } from '../../src/sp/store.ts'
import { audited, context, db, emptyStore, now, refusalOf, valueOf } from './stage.ts'

beforeEach(emptyStore)

const sealer = await createSealer({ current: new Uint8Array(32), previous: null }, SP_KEYS_PURPOSE)
const states = async () =>
  (await findGenerations(db)).map(({ generation, state }) => [generation, state])
/** Keys in use, as the Worker makes them on first need. */
const makeFirst = () => createSpKeys(db, sealer).certificates('ecdsa-sha256', now)
/** The Worker's cron, which makes what was ordered. */
const makeNext = () => tendSpKeys(db, { sealer, newest: sealer, usual: 'rsa-sha256' }, now)
const refusedAs = (reason: string) => ({ reason })

describe('a rotation of our keys', () => {
  it('has three steps, and each leaves its event', async () => {
    await makeFirst()
    valueOf(await rotateKeys(context))
    await makeNext()
    valueOf(await switchKeys(context))
    expect(await states()).toEqual([
      [2, 'current'],
      [1, 'last'],
    ])
    expect(valueOf(await previewRetirement(db, 'last')).generation).toBe(1)
    expect(valueOf(await retireKeys(context, 'last')).generation).toBe(1)
    expect(await states()).toEqual([[2, 'current']])
    expect(await audited()).toEqual([
      ['keys rotate', null, null, {}],
      ['keys switch', null, null, { to: 2 }],
      ['keys retire', null, null, { removed: 1 }],
    ])
  })

  it('is taken back: before the change-over, and after it', async () => {
    await makeFirst()
    valueOf(await rotateKeys(context))
    await makeNext()
    valueOf(await switchKeys(context))
    valueOf(await switchKeysBack(context))
    expect(await states()).toEqual([
      [2, 'next'],
      [1, 'current'],
    ])
    valueOf(await retireKeys(context, 'next'))
    expect(await states()).toEqual([[1, 'current']])
    expect((await audited()).slice(2)).toEqual([
      ['keys switch', null, null, { to: 1 }],
      ['keys retire', null, null, { removed: 2 }],
    ])
  })

  it('is refused while there are no keys', async () => {
    expect(refusalOf(await rotateKeys(context))).toEqual(refusedAs('no-keys'))
    expect(refusalOf(await switchKeys(context))).toEqual(refusedAs('no-next-keys'))
    expect(refusalOf(await switchKeysBack(context))).toEqual(refusedAs('no-last-keys'))
    expect(refusalOf(await retireKeys(context, 'last'))).toEqual(refusedAs('no-last-keys'))
    expect(refusalOf(await retireKeys(context, 'next'))).toEqual(refusedAs('no-next-keys'))
    expect(await audited()).toEqual([])
  })

  it('takes no step before the step before it', async () => {
    await makeFirst()
    valueOf(await rotateKeys(context))
    expect(refusalOf(await rotateKeys(context))).toEqual(refusedAs('rotation-under-way'))
    expect(refusalOf(await switchKeys(context))).toEqual({
      reason: 'keys-not-made',
      kinds: ['ecdsa-sha256', 'encryption'],
    })
    await makeNext()
    valueOf(await switchKeys(context))
    expect(refusalOf(await rotateKeys(context))).toEqual(refusedAs('rotation-unfinished'))
    expect((await audited()).map(([command]) => command)).toEqual(['keys rotate', 'keys switch'])
  })
})
