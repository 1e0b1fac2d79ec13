import type { Language } from './words/language.ts'

/** What Cloudflare says instead of a country for a visitor from the Tor network. */
export const TOR = 'T1'

/** ISO 3166-1 alpha-2, or TOR; null: Cloudflare does not know (`XX`), or is not there. */
export function countryOf({ cf }: Request): string | null {
  const country = cf?.['country']
  return typeof country === 'string' && /^[A-Z][A-Z\d]$/.test(country) && country !== 'XX'
    ? country
    : null
}

/** In the visitor's language. */
export const countryName = (country: string, language: Language): string =>
  new Intl.DisplayNames(language, { type: 'region' }).of(country) ?? country
