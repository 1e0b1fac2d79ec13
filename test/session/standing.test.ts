import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { decideStanding, touchSeconds, type Standing } from '../../src/session/standing.ts'
import { liveOf, noon } from '../support/site.ts'

const { session } = liveOf({ idleSeconds: 1800 })
const good: Standing = {
  openedAt: noon,
  lastSeenAt: noon,
  revokedAt: null,
  userActive: true,
  groups: null,
  sessionsValidFrom: noon,
  connectionEnabled: true,
  boundAt: null,
}
const judge = (fields: Partial<Standing>, now = noon) =>
  decideStanding(session, { ...good, ...fields }, now)

describe('decideStanding', () => {
  it('lets in whose standing is good', () => {
    expect(judge({})).toEqual({ ok: true, value: good })
  })

  it('refuses each fault by its own reason', () => {
    expect(decideStanding(session, null, noon)).toEqual({ ok: false, error: 'unknown' })
    expect(judge({ revokedAt: noon })).toEqual({ ok: false, error: 'revoked' })
    expect(judge({ revokedAt: toInstant(0) })).toEqual({ ok: false, error: 'revoked' })
    expect(judge({ userActive: false })).toEqual({ ok: false, error: 'user-disabled' })
    expect(judge({ connectionEnabled: false })).toEqual({ ok: false, error: 'connection-disabled' })
    expect(judge({ sessionsValidFrom: toInstant(noon + 1) })).toEqual({
      ok: false,
      error: 'revoked',
    })
    expect(judge({}, session.expiresAt)).toEqual({ ok: false, error: 'expired' })
  })

  it('is refused whenever any one thing is wrong, whatever else is right', () => {
    const fault = fc.constantFrom<Partial<Standing>>(
      { revokedAt: noon },
      { userActive: false },
      { connectionEnabled: false },
      { sessionsValidFrom: toInstant(noon + 1) },
      { lastSeenAt: plusSeconds(noon, -1980) },
    )
    const change = fc.constantFrom<Partial<Standing>>({}, { lastSeenAt: plusSeconds(noon, 60) })
    fc.assert(
      fc.property(fc.array(change), fault, fc.array(fault), (changes, first, more) => {
        const standing = Object.assign({ ...good }, ...changes, first, ...more)
        return !decideStanding(session, standing, noon).ok
      }),
    )
  })
})

describe('the idle limit and the record of requests', () => {
  it('never send away a person who came within idleSeconds, and let nobody stay a tenth longer, or ten minutes', () => {
    const seconds = fc.integer({ min: 1, max: 86_400 })
    const milliseconds = fc.integer({ min: 0, max: 90_000_000 })
    fc.assert(
      fc.property(seconds, milliseconds, milliseconds, (idleSeconds, pause, unnoted) => {
        const idle = { ...session, expiresAt: toInstant(noon + 10 ** 12), idleSeconds }
        // The last request was at `seen`, and was not written down because it was not due.
        const seen = toInstant(noon + unnoted)
        if (unnoted >= touchSeconds(idleSeconds) * 1000) return
        const isIn = decideStanding(idle, good, toInstant(seen + pause)).ok
        if (pause <= idleSeconds * 1000) expect(isIn).toBe(true)
        const longest = idleSeconds + Math.min(idleSeconds / 10, 600)
        if (pause >= longest * 1000) expect(isIn).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('do not exist and are written down each ten minutes when there is no idle limit', () => {
    const endless = { ...session, idleSeconds: null, expiresAt: plusSeconds(noon, 10 ** 8) }
    expect(decideStanding(endless, good, plusSeconds(noon, 10 ** 8 - 1)).ok).toBe(true)
    expect(touchSeconds(null)).toBe(600)
  })
})
