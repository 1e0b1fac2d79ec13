import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { parseAdminToken, toAdminToken } from '../../src/admin/admin-token.ts'

const random = (first: number) => Uint8Array.from({ length: 32 }, (_, at) => (first + at * 7) % 256)
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** As docs/api.md tells the authors of secret scanners, with the CRC-32 of zlib. */
function isOurs(text: string): boolean {
  const [, body = '', checksum = ''] =
    /^gatehouse_admin_([A-Za-z0-9_-]{43})([0-9A-Za-z]{6})$/.exec(text) ?? []
  const value = Array.from(checksum).reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)
  return body !== '' && value === crc32(body)
}

it('a token has 256 random bits, and a checksum that a scanner can verify without us', () => {
  for (let first = 0; first < 256; first++) {
    const token = toAdminToken(random(first))
    expect(isOurs(token), token).toBe(true)
    expect(parseAdminToken(token)).toBe(token)
  }
  expect(toAdminToken(random(1)).slice(0, -6)).toBe(
    `gatehouse_admin_${btoa(String.fromCharCode(...random(1)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace('=', '')}`,
  )
})

it('a text that is not exactly one is none', () => {
  const token = toAdminToken(random(0))
  const other = token.at(-1) === '0' ? '1' : '0'
  const wrong = [
    '',
    token.slice(0, -1),
    token.slice(0, -1) + other,
    `${token}0`,
    ` ${token}`,
    `${token}\n`,
    token.replace('admin', 'scim'),
    token.toUpperCase(),
  ]
  expect(wrong.filter((text) => parseAdminToken(text) !== null || isOurs(text))).toEqual([])
})
