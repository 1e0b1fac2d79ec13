/**
 * The floor for the gate: a Worker that makes the calls of the platform without which no gate can
 * read and write the same headers, and decides nothing.
 */

/** Set by the bundler. */
declare const ORIGIN_URL: string

const site = 'app.localhost'
const person = '4a1e1b0c-1f0e-4c53-9d0b-0d6d3f6f4a11'
/** As long as the token that an origin gets. */
const token = 'x'.repeat(560)
const sessions = new Map<string, { readonly until: number }>()

export default {
  async fetch(request) {
    const requestId = crypto.randomUUID()
    const now = Date.now()
    const url = new URL(request.url)
    const names = [...request.headers.keys()]
    const cookie = names.includes('cookie') ? request.headers.get('Cookie') : null
    if (!remembers(cookie ?? '', now)) return new Response(null, { status: 403 })
    const headers = new Headers(request.headers)
    headers.delete('Cookie')
    headers.set('X-Forwarded-Proto', 'http')
    headers.set('X-Forwarded-Host', site)
    headers.set('X-Forwarded-Port', '80')
    headers.set('Forwarded', `host="${site}";proto=http`)
    headers.set('X-Gatehouse-Passed', site)
    headers.set('X-Gatehouse-Request', requestId)
    headers.set('X-Gatehouse-Jwt-Assertion', token)
    headers.set('X-Forwarded-User', person)
    headers.set('X-Forwarded-Preferred-Username', 'ada@example.com')
    headers.set('X-Forwarded-Email', 'ada@example.com')
    headers.set('X-Forwarded-Groups', 'engineering,staff')
    const answer = await fetch(ORIGIN_URL + url.pathname + url.search, {
      method: request.method,
      headers,
      redirect: 'manual',
      encodeResponseBody: 'manual',
      cf: { cacheTtl: -1, cacheLevel: 'bypass' },
    })
    const shown = new Response(answer.body, answer)
    if ([...shown.headers.keys()].includes('set-cookie')) return new Response(null, { status: 502 })
    shown.headers.set('Cache-Control', 'private, no-cache')
    shown.headers.set('Vary', 'Cookie')
    return shown
  },
} satisfies ExportedHandler

/** One map that is asked for each request. Every cookie counts. */
function remembers(cookie: string, now: number): boolean {
  const known = sessions.get(cookie)
  if (!known) sessions.set(cookie, { until: now + 1e9 })
  return known === undefined || now < known.until
}
