/** Our keys change, and IdPs that read our metadata stay connected. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BEHIND, openGate, type Gate } from './gate.ts'
import type { Product } from './idp.ts'
import { bob } from './people.ts'
import {
  answersIn,
  certificatesFor,
  connect,
  expectNoLeaks,
  lastTold,
  metadataOf,
  metadataReaders,
  readAnswer,
  seen,
  type Connected,
} from './stage.ts'

/** What changes is known everywhere within a minute; it is waited for with patience. */
const soon = { timeout: 200_000, interval: 3_000 }

let gate: Gate
const all = new Map<Product, Connected>()
beforeAll(async () => {
  gate = await openGate()
  const settings = ['--sign-requests', 'rsa-sha256', '--require-encryption']
  for (const product of metadataReaders) {
    all.set(product, await connect(gate, product, { signs: 'both' }, settings))
  }
  await readMetadata()
})
afterAll(async () => {
  for (const { disconnect } of all.values()) await disconnect()
  await gate.close()
})

/** Our keys are the same for all connections. */
const certificates = async (use: 'signing' | 'encryption') => {
  const found = Array.from(all.values(), ({ id }) => certificatesFor(gate, id, use))
  const [first = [], ...others] = await Promise.all(found)
  for (const other of others) expect(other).toEqual(first)
  return first
}

/** As an IdP does that fetches it from time to time: from then on, this is all that it knows of us. */
async function readMetadata(): Promise<void> {
  const [certificate = ''] = await certificates('encryption')
  for (const { id, idp } of all.values()) {
    const encrypt = { what: 'assertion', cipher: 'aes128-cbc', certificate } as const
    await idp.choose({ spMetadata: await metadataOf(gate, id), encrypt })
  }
}

/** From its tile, so that of several it is the one. */
async function signIn(product: Product): Promise<void> {
  const connected = all.get(product)
  if (!connected) throw new Error(`${product} is not connected`)
  const page = `${gate.url}/wiki?from=${connected.id}`
  const trip = await gate.browser().visit(connected.idp.tile(page), bob)
  expect(seen(trip.page)).toEqual({ url: page, status: 200, title: BEHIND })
  expect(readAnswer(answersIn(trip).at(-1) ?? { url: '', fields: {} })).toMatchObject({
    encrypts: 'assertion',
    inResponseTo: expect.stringMatching(/^_/),
  })
  expect(await lastTold(gate)).toMatchObject({
    email: bob.mail,
    claims: { connection: connected.id },
  })
}

describe('while our keys are rotated: when new keys stand beside the old,', () => {
  beforeAll(async () => {
    const [signing, encryption] = [await certificates('signing'), await certificates('encryption')]
    expect([signing.length, encryption.length]).toEqual([1, 1])
    await gate.command(['keys', 'rotate'])
    await vi.waitFor(async () => expect((await certificates('signing')).length).toBe(2), soon)
    expect(await certificates('signing')).toEqual(expect.arrayContaining([...signing]))
    const after = await certificates('encryption')
    expect(after.length).toBe(1)
    expect(after).not.toEqual(encryption)
  })

  it.each(metadataReaders)('%s signs people in by what it read before', signIn)
})

describe('while our keys are rotated: when it has read of the new keys,', () => {
  beforeAll(readMetadata)

  it.each(metadataReaders)('%s signs people in before they are in use', signIn)

  describe('and they are in use,', () => {
    beforeAll(async () => {
      await gate.command(['keys', 'switch'])
    })

    it.each(metadataReaders)('%s signs people in', signIn)
  })
})

describe('while our keys are rotated: when the old keys are gone,', () => {
  beforeAll(async () => {
    const signing = await certificates('signing')
    await gate.command(['keys', 'retire', '--yes'])
    await vi.waitFor(async () => expect((await certificates('signing')).length).toBe(1), soon)
    expect(signing).toEqual(expect.arrayContaining([...(await certificates('signing'))]))
    await readMetadata()
  })

  it.each(metadataReaders)('%s signs people in by the new keys alone', (product) =>
    vi.waitFor(() => signIn(product), soon),
  )
})

it('has said nothing that is secret', expectNoLeaks)
