/** The session that counts, of a request that may have several tokens. */
import { readSessionTokens } from './cookie.ts'
import type { SessionReading } from './session.ts'
import type { SessionToken } from './token.ts'

/**
 * With several tokens, the one with a live session counts. If two sessions are live, an attacker
 * may have planted one of them, so neither counts.
 */
export const oneOf =
  <Visit>(read: (token: SessionToken, visit: Visit, request: Request) => Promise<SessionReading>) =>
  (request: Request, visit: Visit): Promise<SessionReading> => {
    const [token, ...others] = readSessionTokens(request.headers)
    if (token === undefined) return Promise.resolve({ kind: 'none' })
    const first = read(token, visit, request)
    return others.length === 0
      ? first
      : chooseFrom(
          first,
          others.map((other) => read(other, visit, request)),
        )
  }

async function chooseFrom(
  first: Promise<SessionReading>,
  others: readonly Promise<SessionReading>[],
): Promise<SessionReading> {
  const all = await Promise.all([first, ...others])
  const [found, second] = all.filter(({ kind }) => kind === 'live')
  return second ? { kind: 'none' } : (found ?? first)
}
