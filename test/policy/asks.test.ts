import { describe, expect, it } from 'vitest'
import { readAsks } from '../../src/policy/asks.ts'

/** A request as Cloudflare gives it to a Worker. */
function asksOf(country: unknown, ip: string | null) {
  const headers = new Headers(ip === null ? {} : { 'CF-Connecting-IP': ip })
  const request = new Request('https://app.example.com/', { headers })
  Object.defineProperty(request, 'cf', { value: { country } })
  return readAsks(request, ['GET'])
}

describe('what Cloudflare says of a request', () => {
  it.each([
    ['DE', 'DE'],
    ['T1', 'T1'],
    ['XX', null],
    ['de', null],
    ['DEU', null],
    ['D', null],
    ['1A', null],
    [undefined, null],
    [7, null],
    [['DE'], null],
  ])('has the country %j as %j', (said, country) => {
    expect(asksOf(said, null).country).toBe(country)
  })

  it.each([
    ['192.0.2.7', true],
    ['2001:db8::7', true],
    // Pseudo IPv4 (class E) stands for an IPv6 address that is not told.
    ['240.1.2.3', false],
    ['255.0.0.1', false],
    ['no address', false],
    [null, false],
  ])('has the address %j, known: %j', (ip, isKnown) => {
    expect(asksOf('DE', ip).ip !== null).toBe(isKnown)
  })
})
