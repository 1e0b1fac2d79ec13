/** Headers of every response that is our own, pages and others. */
export const ownHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // Not `no-referrer`: the browser would then send our forms with `Origin: null`, like a form of
  // another site.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Strict-Transport-Security': 'max-age=31536000',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}

/** Of an answer 503: what failed may work again soon. */
export const retrySoon: Readonly<Record<string, string>> = { 'Retry-After': '5' }
