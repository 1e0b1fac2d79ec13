import { describe, expect, it } from 'vitest'
import { clientOf } from '../../src/session/device.ts'

const countryAs = (country: unknown) =>
  clientOf(new Request('https://app.example.com/', { cf: { country } })).country

describe('the country of a sign-in', () => {
  it('is the one that Cloudflare says', () => {
    expect(countryAs('DE')).toBe('DE')
  })

  it.each(['T1', 'XX', 'de', 'DEU', '', 7, undefined])('is not known by %o', (country) => {
    expect(countryAs(country)).toBeNull()
  })

  it('is not known where Cloudflare says nothing', () => {
    expect(clientOf(new Request('https://app.example.com/')).country).toBeNull()
  })
})
