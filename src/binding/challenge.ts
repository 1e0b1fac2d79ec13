/** What a browser signs to prove that it has the key of its session. Sealed, so nothing is stored. */
import { decodeUtf8, utf8 } from '../lib/bytes.ts'
import { secondsBetween, toInstant, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { DailySealer } from '../lib/seal.ts'
import { WINDOW_SECONDS } from '../session/bound-cookie.ts'
import { parseTokenHash, type TokenHash } from '../session/token.ts'

export const CHALLENGE_PURPOSE = 'device-challenge'

export type ChallengeFault = 'foreign-challenge' | 'old-challenge'

export interface Challenges {
  /** For the browser that has just got the session with this token. It names the session. */
  readonly offer: (site: string, session: TokenHash, now: Instant) => Promise<string>
  readonly openOffer: (
    site: string,
    challenge: string,
    now: Instant,
  ) => Promise<Result<TokenHash, ChallengeFault>>
  /** For the browser that says that it has the key of this session. @param session its id. */
  readonly ask: (session: string, now: Instant) => Promise<string>
  /** @returns when it was made. */
  readonly openAsked: (
    session: string,
    challenge: string,
    now: Instant,
  ) => Promise<Result<Instant, ChallengeFault>>
}

/**
 * A browser gets the challenge for its next refresh with each cookie. After a night it is too old,
 * and the refresh costs a second request.
 */
const ASKED_SECONDS = 900
/** The clocks of two machines may differ by so much. */
const SKEW_SECONDS = 60

export function createChallenges(sealer: DailySealer): Challenges {
  const seal = (text: string, context: string, now: Instant) =>
    sealer.seal(utf8(`${now} ${text}`), context, now)

  async function open(
    challenge: string,
    { context, seconds, now }: { context: string; seconds: number; now: Instant },
  ): Promise<Result<{ readonly madeAt: Instant; readonly text: string }, ChallengeFault>> {
    const opened = await sealer.open(challenge, context, now)
    const sealed = opened.ok ? decodeUtf8(opened.value) : opened
    if (!sealed.ok) return err('foreign-challenge')
    const [at = '', text = ''] = sealed.value.split(' ')
    const madeAt = toInstant(Number(at))
    const age = secondsBetween(madeAt, now)
    return age >= -SKEW_SECONDS && age < seconds ? ok({ madeAt, text }) : err('old-challenge')
  }

  return {
    offer: (site, session, now) => seal(session, `offer ${site}`, now),
    async openOffer(site, challenge, now) {
      const context = `offer ${site}`
      const opened = await open(challenge, { context, seconds: WINDOW_SECONDS, now })
      if (!opened.ok) return opened
      const hash = parseTokenHash(opened.value.text)
      return hash === null ? err('foreign-challenge') : ok(hash)
    },
    ask: (session, now) => seal('', `ask ${session}`, now),
    async openAsked(session, challenge, now) {
      const context = `ask ${session}`
      const opened = await open(challenge, { context, seconds: ASKED_SECONDS, now })
      return opened.ok ? ok(opened.value.madeAt) : opened
    },
  }
}
