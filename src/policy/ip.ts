/** IP addresses and ranges, read strictly: text with two readings is not an address. */
import { err, ok, type Result } from '../lib/result.ts'
import type { IpRange } from './policy.ts'

declare const ip: unique symbol

/**
 * `4` or `6`, then each bit of the address as `0` or `1`. So a range is a prefix of its addresses,
 * and no IPv4 address is in an IPv6 range.
 */
export type Ip = string & { readonly [ip]: true }

/** Where an IPv4 address begins in an IPv6 address that stands for it (RFC 4291 §2.5.5.2). */
const MAPPED = `6${'0'.repeat(80)}${'1'.repeat(16)}`

/** An IPv4 address that is written as an IPv6 address (`::ffff:192.0.2.1`) is an IPv4 address. */
export function parseIp(text: string): Ip | null {
  const bits = text.includes(':') ? readSix(text) : readFour(text)
  if (bits === null) return null
  return (bits.startsWith(MAPPED) ? `4${bits.slice(MAPPED.length)}` : bits) as Ip
}

/** RFC 4632 §3.1 and RFC 4291 §2.3, or one address. The error says what would be right. */
export function parseRange(text: string): Result<IpRange, string> {
  const [address = '', length, ...more] = text.split('/')
  const found = parseIp(address)
  if (found === null || more.length > 0 || (address.includes(':') && found.startsWith('4'))) {
    return err('must be an IPv4 or IPv6 address or range, such as 192.0.2.0/24 or 2001:db8::/32')
  }
  const most = found.length - 1
  if (length === undefined) return ok({ text, prefix: found })
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > most) {
    return err(`must have a length from /0 to /${most}`)
  }
  const prefix = found.slice(0, 1 + Number(length))
  return found.slice(prefix.length).includes('1')
    ? err(`has bits set beyond its first ${length}, so it is not the beginning of a range`)
    : ok({ text, prefix })
}

/** Zeros at the beginning of a number are refused: some programs read them as octal. */
function readFour(text: string): string | null {
  const parts = text.split('.')
  const isFour = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))
  return isFour && parts.every((part) => Number(part) < 256)
    ? `4${parts.map((part) => toBits(Number(part), 8)).join('')}`
    : null
}

/** The URL parser accepts what RFC 4291 §2.2 allows, and writes it in one form. */
function readSix(text: string): string | null {
  const url = `http://[${text}]`
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return null
  const [head = [], tail = []] = new URL(url).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return `6${[...head, ...zeros, ...tail].map((part) => toBits(parseInt(part, 16), 16)).join('')}`
}

const toBits = (value: number, length: number): string => value.toString(2).padStart(length, '0')
