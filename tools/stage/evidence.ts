/** All that a test file's Workers said to anybody, and what must be in none of it. */

/** Lines logged, and what our pages and errors held. */
export const said: string[] = []
const secrets = new Set<string>()

/** Cookies, tokens, keys, answers of an IdP. */
export function keepSecret(...values: readonly (string | null | undefined)[]): void {
  for (const value of values) if (value) secrets.add(value)
}

/**
 * The values of cookies, each given as `name=value`. The id of a connection is no secret: it is in the
 * address that everybody posts to.
 */
export function keepCookiesSecret(pairs: readonly string[]): void {
  for (const pair of pairs) {
    if (!pair.startsWith('__Host-gatehouse-connection='))
      keepSecret(pair.slice(pair.indexOf('=') + 1))
  }
}

/** Of what an IdP posted, the part that is like no other: its signatures, as posted and as read. */
export function keepAnswerSecret(samlResponse: string): void {
  const xml = atob(samlResponse)
  for (const { 1: signature = '', index } of xml.matchAll(/SignatureValue>([^<]+)</g)) {
    const from = index + 'SignatureValue>'.length
    const posted = samlResponse.slice((from * 4) / 3 + 4, ((from + signature.length) * 4) / 3 - 4)
    keepSecret(signature, posted)
  }
}

/** Whatever is logged from now on is evidence, printed or not. */
export function recordConsole(): void {
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    console[level] = (...parts: readonly unknown[]) => void said.push(parts.map(String).join(' '))
  }
}

/** What a browser sends in confidence, and what it is shown. */
export async function recordExchange(request: Request, response: Response): Promise<void> {
  const cookies = [
    ...(request.headers.get('Cookie')?.split('; ') ?? []),
    ...response.headers.getSetCookie().map((header) => header.split(';')[0] ?? ''),
  ]
  keepCookiesSecret(cookies)
  if (response.headers.get('Content-Type')?.includes('event-stream')) return
  said.push([...response.headers].filter(([name]) => name !== 'set-cookie').join('\n'))
  said.push(await response.clone().text())
}

const PIECE = 24
const MARKS = ['<saml:Assertion', ':SignatureValue>', 'BEGIN PRIVATE KEY', '"d":"']

/** A secret that is told in part is told: any piece of 24 characters counts. */
export function findLeaks(texts: readonly string[], hidden: Iterable<string>): readonly string[] {
  const pieces = new Set(MARKS)
  for (const secret of hidden) {
    if (secret.length < 8) continue
    for (let at = 0; at + PIECE <= secret.length; at += PIECE) {
      pieces.add(secret.slice(at, at + PIECE))
    }
    pieces.add(secret.slice(-PIECE))
  }
  const whole = texts.join('\n')
  return [...pieces].filter((piece) => whole.includes(piece))
}

export const leaks = (): readonly string[] => findLeaks(said, secrets)
