import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePublicUrl } from '../../src/lib/public-url.ts'

const problemOf = (text: string): string | null => {
  const parsed = parsePublicUrl(text)
  return parsed.ok ? null : parsed.error
}

const HTTPS = 'must be an https URL'
const NUMBER = 'must have the name of a host in it, not an IP address'

describe('a public URL', () => {
  it.each([
    'https://hooks.example.com/gatehouse?team=7',
    'https://example.com:8443/',
    'HTTPS://EXAMPLE.COM',
    'https://example.com./',
    'https://bücher.example/x',
    'https://10.example.com/',
    'https://localhost.example.com/',
    'https://notlocal.example.org/.local',
    'https://xn--bcher-kva.example/',
  ])('is taken: %s', (text) => {
    const parsed = parsePublicUrl(text)
    expect(parsed.ok && parsed.value.href).toBe(new URL(text).href)
  })

  it.each([
    '',
    'hooks.example.com',
    '//hooks.example.com/',
    '/path',
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'https://',
    'https://exa mple.com/',
    'https://300.300.300.300/',
  ])('needs https and a host: %s', (text) => {
    expect(problemOf(text)).toBe(HTTPS)
  })

  it.each(['https://ada@example.com/', 'https://:secret@example.com/', 'https://a:b@example.com/'])(
    'has no credentials: %s',
    (text) => {
      expect(problemOf(text)).toBe('must have no user name or password in it')
    },
  )

  /** Spellings that the URL parser makes an address of (URL Standard §3.5). */
  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback with a dot behind', '127.0.0.1.'],
    ['loopback in two parts', '127.1'],
    ['loopback as one number', '2130706433'],
    ['loopback in hexadecimal', '0x7f000001'],
    ['loopback in hexadecimal parts', '0x7f.0x0.0x0.0x1'],
    ['loopback in octal', '0177.0.0.01'],
    ['loopback in full-width digits', '１２７.０.０.１'],
    ['loopback with ideographic stops', '127。0。0。1'],
    ['loopback, percent-encoded', '%31%32%37.0.0.1'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['link-local, where clouds keep their metadata', '169.254.169.254'],
    ['link-local as one number', '2852039166'],
    ['shared address space (RFC 6598)', '100.64.0.1'],
    ['this host', '0.0.0.0'],
    ['this host as zero', '0'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['public', '8.8.8.8'],
    ['loopback in IPv6', '[::1]'],
    ['loopback in IPv6, in full', '[0:0:0:0:0:0:0:1]'],
    ['this host in IPv6', '[::]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped in hexadecimal', '[::ffff:a9fe:a9fe]'],
    ['link-local in IPv6', '[fe80::1]'],
    ['unique local', '[fd00::1]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
    ['6to4', '[2002:7f00:1::]'],
    ['public in IPv6', '[2606:4700:4700::1111]'],
  ])('is at no address: %s, %s', (_, host) => {
    expect(problemOf(`https://${host}/`)).toBe(NUMBER)
    expect(problemOf(`https://${host}:8443/x?y#z`)).toBe(NUMBER)
  })

  it('is at no address, whatever spelling of IPv4 it has', () => {
    const part = fc.nat({ max: 255 })
    const spell = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0${n.toString(8)}`,
    )
    const spelled = fc.tuple(part, spell).map(([n, as]) => as(n))
    fc.assert(
      fc.property(fc.tuple(spelled, spelled, spelled, spelled), fc.boolean(), (parts, hasDot) => {
        expect(problemOf(`https://${parts.join('.')}${hasDot ? '.' : ''}/`)).toBe(NUMBER)
      }),
    )
  })

  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    'ｌｏｃａｌｈｏｓｔ',
    'printer.local',
    'printer.local.',
    'metadata.google.internal',
    'router.home.arpa',
    'wiki.corp',
    'wiki',
    'wiki.',
  ])('is at no name of a private network: %s', (host) => {
    expect(problemOf(`https://${host}/`)).toMatch(/^must be at a public host; ".+" is a name of a/)
  })

  it('is at no host of two dots behind, which is no name', () => {
    expect(problemOf('https://localhost../')).not.toBeNull()
    expect(problemOf('https://127.0.0.1../')).not.toBeNull()
  })

  it('has 2048 characters at most', () => {
    const path = 'a'.repeat(2048 - 'https://example.com/'.length)
    expect(problemOf(`https://example.com/${path}`)).toBeNull()
    expect(problemOf(`https://example.com/${path}a`)).toBe('must have 2048 characters at most')
  })
})
