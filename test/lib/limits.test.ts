import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import document from '../../docs/limits.md?raw'
import wrangler from '../../wrangler.toml?raw'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createLimits, limitOf, type Limited, type Limits } from '../../src/lib/limits.ts'
import { noon } from '../support/site.ts'

const from = (address: string | null): Request =>
  new Request('https://app.example.com/', {
    headers: address === null ? {} : { 'CF-Connecting-IP': address },
  })

/** How many requests pass before the first that does not; null: all of them. */
async function passing(
  limits: Limits,
  address: string | null,
  most: number,
  limited: Limited = 'login',
  now = noon,
): Promise<number | null> {
  for (let asked = 0; asked < most; asked++) {
    if (await limits(limited, from(address), now)) return asked
  }
  return null
}

/**
 * The windows of the binding are the minutes of the real clock. What a minute's end came into is
 * tried again with the next client.
 *
 * @returns the address of the client.
 */
async function inOneWindow(attempt: (address: string) => Promise<void>): Promise<string> {
  const minute = () => Math.floor(Date.now() / 60_000)
  for (let client = 1; ; client++) {
    const address = `198.51.100.${client}`
    const before = minute()
    try {
      await attempt(address)
      return address
    } catch (error) {
      if (minute() === before) throw error
    }
  }
}

describe('a limit with the binding', () => {
  it('is one for all isolates, and for each client and kind another', async () => {
    const [one, other] = [createLimits(env.FEW), createLimits(env.FEW)]
    const address = await inOneWindow(async (each) => {
      expect([await passing(one, each, 15), await passing(other, each, 6)]).toEqual([null, 5])
    })
    expect(await passing(one, address, 1, 'saml')).toBeNull()
    expect(await passing(one, '198.51.100.200', 1)).toBeNull()
  })

  it('takes a /64 of IPv6 for one client', async () => {
    const limits = createLimits(env.FEW)
    const addresses = Array.from({ length: 41 }, (_, i) => `2001:db8:0:1::${i.toString(16)}`)
    const over = await Promise.all(addresses.map((each) => limits('login', from(each), noon)))
    expect(over).toContain(true)
    expect(await limits('login', from('2001:db8:0:2::1'), noon)).toBe(false)
  })

  it('counts nobody whom Cloudflare does not name', async () => {
    expect(await passing(createLimits(env.FEW), null, 41)).toBeNull()
  })

  it.each([
    ['fails', () => Promise.reject(new Error('the binding is down'))],
    ['never answers', () => new Promise<never>(() => {})],
  ])('that %s is counted in the isolate', async (_, limit) => {
    const limits = createLimits({ limit })
    const answers = await Promise.all(
      Array.from({ length: 2010 }, () => limits('login', from('198.51.100.3'), noon)),
    )
    expect(answers.filter((isOver) => isOver)).toHaveLength(10)
  })
})

describe('a limit without the binding', () => {
  it('is 2000 in a minute, of each isolate', async () => {
    const limits = createLimits(null)
    expect(await passing(limits, '198.51.100.4', 2001)).toBe(2000)
    expect(await passing(limits, '198.51.100.4', 1, 'login', plusSeconds(noon, 59))).toBe(0)
    expect(await passing(limits, '198.51.100.4', 1, 'login', plusSeconds(noon, 60))).toBeNull()
    expect(await passing(createLimits(null), '198.51.100.4', 1)).toBeNull()
  })

  it('remembers five thousand clients: the one that came longest ago is forgotten', async () => {
    const limits = createLimits(null)
    for (const address of ['198.51.100.5', '198.51.100.6']) {
      expect(await passing(limits, address, 2001)).toBe(2000)
    }
    for (let i = 0; i < 4999; i++) {
      await limits('login', from(`10.0.${i >> 8}.${i & 255}`), noon)
    }
    expect(await passing(limits, '198.51.100.6', 1)).toBe(0)
    expect(await passing(limits, '198.51.100.5', 1)).toBeNull()
  })
})

it.each([
  ['/.gatehouse/login', 'login'],
  ['/.gatehouse/saml/okta/acs', 'saml'],
  ['/.gatehouse/saml/okta/slo', 'saml'],
  ['/.gatehouse/saml/okta/metadata', 'saml'],
  ['/.gatehouse/arrive', 'code'],
  ['/.gatehouse/admin/enter', 'code'],
  ['/.gatehouse/logout', null],
  // An identity provider calls these itself, from addresses that other customers share.
  ['/.gatehouse/saml/okta/slo/soap', null],
  ['/.gatehouse/revocation/okta', null],
  ['/.gatehouse/signals/stream', null],
  ['/.gatehouse/health', null],
  ['/login', null],
])('%s is limited as %s', (path, limited) => {
  expect(limitOf(path)).toBe(limited)
})

it('the binding is that of limits.md, in this repository and in a new project', async () => {
  const [, block = ''] = /```toml\n(.*?)```/s.exec(document) ?? []
  expect(block).toContain('limit = 2000, period = 60')
  expect(wrangler).toContain(block)
  const files = import.meta.glob('../../create-gatehouse/src/files.ts', {
    query: '?raw',
    eager: true,
    import: 'default',
  })
  expect(Object.values(files)).toEqual([expect.stringContaining(block)])
  expect(await env.LIMITS.limit({ key: crypto.randomUUID() })).toEqual({ success: true })
})
