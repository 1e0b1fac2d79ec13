import { countryOf } from '../lib/country.ts'

/** Where a sign-in comes from, coarsely, so that a person can tell their sign-ins apart. */
export interface Client {
  /** Such as `Firefox on Linux`; null: not recognised. */
  readonly device: string | null
  /** Two letters (ISO 3166-1), as Cloudflare says; null: not known. */
  readonly country: string | null
}

export const clientOf = (request: Request): Client => ({
  device: toDevice(request.headers.get('User-Agent') ?? ''),
  country: readCountry(request),
})

/** Nobody knows the country of a visitor from the Tor network. */
function readCountry(request: Request): string | null {
  const country = countryOf(request)
  return country !== null && /^[A-Z]{2}$/.test(country) ? country : null
}

/** Families only: a version would change with each update. */
function toDevice(userAgent: string): string | null {
  const browser = browsers.find(([mark]) => userAgent.includes(mark))?.[1]
  const system = systems.find(([mark]) => userAgent.includes(mark))?.[1]
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? null)
}

// In this order: most browsers also name the ones that they descend from.
const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['Firefox', 'Firefox'],
  ['FxiOS', 'Firefox'],
  ['CriOS', 'Chrome'],
  ['Chrom', 'Chrome'],
  ['Safari', 'Safari'],
] as const
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['CrOS', 'ChromeOS'],
  ['Macintosh', 'macOS'],
  ['Linux', 'Linux'],
] as const
