import { describe, expect, it } from 'vitest'
import { decodeBase64Url, encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { createSealer } from '../../src/lib/seal.ts'

const secretA = new Uint8Array(32).fill(1)
const secretB = new Uint8Array(32).fill(2)

describe('a sealer', () => {
  it('opens what it sealed, and seals the same text differently each time', async () => {
    const sealer = await createSealer({ current: secretA, previous: null }, 'test')
    const [one, two] = [await sealer.seal(utf8('hello')), await sealer.seal(utf8('hello'))]
    expect(one).not.toBe(two)
    expect(await sealer.open(one)).toEqual({ ok: true, value: utf8('hello') })
    expect(await sealer.open(two)).toEqual({ ok: true, value: utf8('hello') })
  })

  it('opens under the previous secret while it is rotated, and not after', async () => {
    const before = await createSealer({ current: secretA, previous: null }, 'test')
    const sealed = await before.seal(utf8('hello'))
    const during = await createSealer({ current: secretB, previous: secretA }, 'test')
    expect((await during.open(sealed)).ok).toBe(true)
    const after = await createSealer({ current: secretB, previous: null }, 'test')
    expect(await after.open(sealed)).toEqual({ ok: false, error: 'not-ours' })
  })

  it('refuses what was sealed for another purpose', async () => {
    const cookies = await createSealer({ current: secretA, previous: null }, 'cookies')
    const keys = await createSealer({ current: secretA, previous: null }, 'keys')
    expect(await keys.open(await cookies.seal(utf8('hello')))).toEqual({
      ok: false,
      error: 'not-ours',
    })
  })

  it('refuses every changed byte, and what is cut or no base64url', async () => {
    const sealer = await createSealer({ current: secretA, previous: null }, 'test')
    const sealed = await sealer.seal(utf8('hi'))
    const bytes = decodeBase64Url(sealed)
    if (!bytes.ok) throw new Error('seal gives base64url')
    for (let i = 0; i < bytes.value.length; i++) {
      const changed = bytes.value.with(i, (bytes.value[i] ?? 0) ^ 1)
      expect(await sealer.open(encodeBase64Url(changed))).toEqual({ ok: false, error: 'not-ours' })
    }
    for (const bad of ['', 'AAAA', sealed.slice(0, 16), `${sealed}!`]) {
      expect(await sealer.open(bad)).toEqual({ ok: false, error: 'not-ours' })
    }
  })
})
