import { describe, expect, it, vi } from 'vitest'
import { decodeBase64Url, encodeBase64Url, utf8 } from '../../src/lib/bytes.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { createDailySealer, createSealer } from '../../src/lib/seal.ts'

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

  it('opens what earlier versions sealed: private keys in D1 stay readable', async () => {
    // Sealed by Gatehouse of November 2026.
    const sealed = '4ROwL7w7_vvsnl4Tbs2KBHIpOh4XAP5CGf0poTITDdvOZgH4-UT00fk'
    const now = await createSealer({ current: secretA, previous: null }, 'signing-keys')
    const rotated = await createSealer({ current: secretB, previous: secretA }, 'signing-keys')
    for (const sealer of [now, rotated]) {
      expect(await sealer.open(sealed)).toEqual({ ok: true, value: utf8('a private key') })
    }
  })
})

describe('a daily sealer', () => {
  const notOurs = { ok: false, error: 'not-ours' }
  const lastMoment = toInstant(Date.UTC(2026, 10, 25) - 1)
  const at = (seconds: number) => plusSeconds(lastMoment, seconds)
  const daily = (current = secretA, previous: typeof secretA | null = null) =>
    createDailySealer({ current, previous }, 'test')

  it('opens what it sealed on that day and the next, in another isolate too, and not after', async () => {
    const sealed = await daily().seal(utf8('hello'), 'here', lastMoment)
    const opened = { ok: true, value: utf8('hello') }
    const running = daily()
    for (const sealer of [running, running, daily()]) {
      expect(await sealer.open(sealed, 'here', lastMoment)).toEqual(opened)
      expect(await sealer.open(sealed, 'here', at(1))).toEqual(opened)
      expect(await sealer.open(sealed, 'here', at(86_400))).toEqual(opened)
      expect(await sealer.open(sealed, 'here', at(86_401))).toEqual(notOurs)
      // The day before, by a clock that is less than a minute behind, and by one that is more.
      expect(await sealer.open(sealed, 'here', at(-86_400))).toEqual(opened)
      expect(await sealer.open(sealed, 'here', at(-86_460))).toEqual(notOurs)
    }
  })

  it('uses a key for each day', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveKey')
    const sealer = daily()
    const sealedOn = async (days: number) => {
      for (let i = 0; i < 3; i++) await sealer.seal(utf8('hello'), 'here', at(days * 86_400))
      return derive.mock.calls.length
    }
    expect([await sealedOn(0), await sealedOn(1), await sealedOn(2)]).toEqual([1, 2, 3])
    const infos = derive.mock.calls.map(([algorithm]) => JSON.stringify(Object(algorithm).info))
    expect(new Set(infos).size).toBe(3)
    derive.mockRestore()
  })

  it('opens under the previous secret while it is rotated, of today and of yesterday', async () => {
    const sealed = await daily().seal(utf8('hello'), 'here', lastMoment)
    for (const now of [lastMoment, at(1)]) {
      expect((await daily(secretB, secretA).open(sealed, 'here', now)).ok).toBe(true)
      expect(await daily(secretB).open(sealed, 'here', now)).toEqual(notOurs)
    }
  })

  it('opens in its own context only, and not for another purpose', async () => {
    const sealed = await daily().seal(utf8('hello'), 'https://a.example x', lastMoment)
    for (const context of ['', 'https://a.example', 'https://b.example x', 'https://a.example y']) {
      expect(await daily().open(sealed, context, lastMoment)).toEqual(notOurs)
    }
    const other = createDailySealer({ current: secretA, previous: null }, 'other')
    expect(await other.open(sealed, 'https://a.example x', lastMoment)).toEqual(notOurs)
  })

  it('keeps opening over many days without keeping their keys', async () => {
    const sealer = daily(secretA, secretB)
    for (let day = 0; day < 20; day++) {
      const sealed = await sealer.seal(utf8('hello'), 'here', at(day * 86_400))
      const old = await daily(secretB).seal(utf8('hello'), 'here', at((day - 1) * 86_400))
      expect((await sealer.open(sealed, 'here', at(day * 86_400))).ok).toBe(true)
      expect((await sealer.open(old, 'here', at(day * 86_400))).ok).toBe(true)
    }
  })

  it('refuses every changed byte, and what is cut or no base64url', async () => {
    const sealed = await daily().seal(utf8('hi'), 'here', lastMoment)
    const bytes = decodeBase64Url(sealed)
    if (!bytes.ok) throw new Error('seal gives base64url')
    for (let i = 0; i < bytes.value.length; i++) {
      const changed = encodeBase64Url(bytes.value.with(i, (bytes.value[i] ?? 0) ^ 1))
      expect(await daily().open(changed, 'here', lastMoment)).toEqual(notOurs)
    }
    for (const bad of ['', 'AAAA', sealed.slice(0, 16), `${sealed}!`]) {
      expect(await daily().open(bad, 'here', lastMoment)).toEqual(notOurs)
    }
  })
})
