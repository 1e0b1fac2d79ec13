/**
 * Collects everything that the Workers of a test file output, and the secrets that must not be in
 * it.
 */

/** Log lines, and the text of our pages and errors. */
export const said: string[] = []
const secrets = new Set<string>()

/** For cookies, tokens, keys and responses of an IdP. */
export function keepSecret(...values: readonly (string | null | undefined)[]): void {
  for (const value of values) if (value) secrets.add(value)
}

/**
 * Takes cookies as `name=value`. A connection's id is not a secret: it is in the public ACS URL.
 */
export function keepCookiesSecret(pairs: readonly string[]): void {
  for (const pair of pairs) {
    if (!pair.startsWith('__Host-gatehouse-connection='))
      keepSecret(pair.slice(pair.indexOf('=') + 1))
  }
}

/** The unique part of an IdP's response: its signatures, as posted and as decoded. */
export function keepAnswerSecret(samlResponse: string): void {
  const xml = atob(samlResponse)
  for (const { 1: signature = '', index } of xml.matchAll(/SignatureValue>([^<]+)</g)) {
    const from = index + 'SignatureValue>'.length
    const posted = samlResponse.slice((from * 4) / 3 + 4, ((from + signature.length) * 4) / 3 - 4)
    keepSecret(signature, posted)
  }
}

/** From now on every console output is recorded instead of printed. */
export function recordConsole(): void {
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    console[level] = (...parts: readonly unknown[]) => void said.push(parts.map(String).join(' '))
  }
}

/** Records the cookies of both directions as secrets, and what the browser receives. */
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

/**
 * Finds secrets in the texts. Any piece of 24 characters counts, because a partial secret is a leak
 * too.
 */
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
