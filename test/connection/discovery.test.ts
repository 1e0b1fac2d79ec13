import { describe, expect, it } from 'vitest'
import { parseEmail, toDomain } from '../../src/connection/discovery.ts'

describe('an address', () => {
  it.each([
    'zoe@example.com',
    " o'neill+x@mail.example.com ",
    'zoë@example.com',
    'zoe@bücher.example',
    '山田@例え.テスト',
    'e\u0301@example.com',
    `${'a'.repeat(308)}@example.com`,
  ])('is %j', (text) => {
    expect(parseEmail(text)).toBe(text.trim())
  })

  it.each([
    '',
    'zoe',
    'zoe@',
    '@example.com',
    'zoe@example',
    'zoe@example.com@evil.example',
    'zoe x@example.com',
    'zoe\u0000@example.com',
    'zoe\u202e@example.com',
    'zoé\u200b@example.com',
    'zoé €@example.com',
    'zoe@192.0.2.1',
    'zoe@exa_mple.com',
    'zoe@bü_cher.example',
    'zoe@example.com/x',
    `${'a'.repeat(309)}@example.com`,
  ])('is not %j', (text) => {
    expect(parseEmail(text)).toBeNull()
  })
})

it.each([
  ['example.com', 'example.com'],
  ['Mail.EXAMPLE.com', 'mail.example.com'],
  ['Bücher.example', 'xn--bcher-kva.example'],
  ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ['xn--r8jz45g.xn--zckzah', 'xn--r8jz45g.xn--zckzah'],
  ['example.com.', null],
  ['example', null],
  ['.com', null],
  ['a..b', null],
  ['1.2.3.4', null],
  ['exam ple.com', null],
  ['example.com:80', null],
  ['user@example.com', null],
])('the domain %j is stored as %j', (host, domain) => {
  expect(toDomain(host)).toBe(domain)
})
