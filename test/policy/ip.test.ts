import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIp, parseRange } from '../../src/policy/ip.ts'

const isIn = (address: string, range: string): boolean | string => {
  const [ip, parsed] = [parseIp(address), parseRange(range)]
  if (ip === null || !parsed.ok) return parsed.ok ? 'no address' : parsed.error
  return ip.startsWith(parsed.value.prefix)
}

describe('an address', () => {
  it.each([
    ['2001:db8::', '2001:DB8:0:0:0:0:0:0'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['::1', '0:0::1'],
    ['1::', '1:0:0:0:0:0:0:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
  ])('%s is %s', (a, b) => {
    expect(parseIp(a)).not.toBeNull()
    expect(parseIp(a)).toBe(parseIp(b))
  })

  it.each([
    '',
    '192.0.2',
    '192.0.2.1.',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '3221225985',
    ' 192.0.2.1',
    '192.0.2.1\n',
    '192.0.2.1, 198.51.100.1',
    '192.0.2.1:80',
    '１９２.0.2.1',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'fe80::1%eth0',
    '[::1]',
    '::1]/x',
    '::ffff:192.0.2.01',
    '2001:db8::g',
  ])('is not %j', (text) => {
    expect(parseIp(text)).toBeNull()
  })
})

describe('a range', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0', true],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.7/32', '192.0.2.7', true],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::', false],
    ['2001:db8::/31', '2001:db9::', true],
  ])('%s has %s: %s', (range, address, has) => {
    expect(isIn(address, range)).toBe(has)
  })

  it.each([
    ['192.0.2.1/24', 'has bits set beyond its first 24, so it is not the beginning of a range'],
    ['2001:db8::1/64', 'has bits set beyond its first 64, so it is not the beginning of a range'],
    ['192.0.2.0/33', 'must have a length from /0 to /32'],
    ['2001:db8::/129', 'must have a length from /0 to /128'],
    ['192.0.2.0/', 'must have a length from /0 to /32'],
    ['192.0.2.0/024', 'must have a length from /0 to /32'],
    ['192.0.2.0/24/8', expect.stringContaining('must be an IPv4 or IPv6 address or range')],
    ['192.0.2.*', expect.stringContaining('must be an IPv4 or IPv6 address or range')],
    ['::ffff:192.0.2.0/120', expect.stringContaining('must be an IPv4 or IPv6 address or range')],
  ])('is not %s', (range, problem) => {
    const parsed = parseRange(range)
    expect(parsed.ok || parsed.error).toEqual(problem)
  })

  it('has exactly the addresses that begin with its bits', () => {
    const four = fc.integer({ min: 0, max: 0xffffffff })
    const dotted = (value: number) =>
      [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
    fc.assert(
      fc.property(four, four, fc.integer({ min: 0, max: 32 }), (base, other, length) => {
        const size = 2 ** (32 - length)
        const start = Math.floor(base / size) * size
        const near = start + (other % (2 * size))
        const expected = near >= start && near < start + size
        if (near > 0xffffffff) return
        expect(isIn(dotted(near), `${dotted(start)}/${length}`)).toBe(expected)
      }),
    )
  })
})
