import { describe, expect, it } from 'vitest'
import { CHALLENGE_PURPOSE, createChallenges } from '../../src/binding/challenge.ts'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createDailySealer } from '../../src/lib/seal.ts'
import { hashToken, toSessionToken } from '../../src/session/token.ts'
import { noon } from '../support/site.ts'

const secrets = { current: new Uint8Array(32).fill(7), previous: null }
const challenges = createChallenges(createDailySealer(secrets, CHALLENGE_PURPOSE))
const site = 'app.example.com'
const hash = await hashToken(toSessionToken(new Uint8Array(32)))
const foreign = { ok: false, error: 'foreign-challenge' }
const old = { ok: false, error: 'old-challenge' }
const good = expect.objectContaining({ ok: true })

describe('a challenge for the browser that has just got a session', () => {
  it('names the session, to the host that made it, and to no other', async () => {
    const challenge = await challenges.offer(site, hash, noon)
    expect(await challenges.openOffer(site, challenge, noon)).toEqual({ ok: true, value: hash })
    expect(await challenges.openOffer('wiki.example.com', challenge, noon)).toEqual(foreign)
    expect(await challenges.openAsked('session-1', challenge, noon)).toEqual(foreign)
  })

  it('is good for a minute, and for the minute by which another clock may be behind', async () => {
    const challenge = await challenges.offer(site, hash, noon)
    const at = (seconds: number) =>
      challenges.openOffer(site, challenge, plusSeconds(noon, seconds))
    expect(await at(59.999)).toEqual(good)
    expect(await at(60)).toEqual(old)
    expect(await at(-60)).toEqual(good)
    expect(await at(-61)).toEqual(old)
  })
})

describe('a challenge for the browser that says that it has a key', () => {
  it('is for that session alone, and says when it was made', async () => {
    const challenge = await challenges.ask('session-1', noon)
    expect(await challenges.openAsked('session-1', challenge, plusSeconds(noon, 1))).toEqual({
      ok: true,
      value: noon,
    })
    expect(await challenges.openAsked('session-2', challenge, noon)).toEqual(foreign)
    expect(await challenges.openOffer(site, challenge, noon)).toEqual(foreign)
  })

  it('is good for a quarter of an hour', async () => {
    const challenge = await challenges.ask('session-1', noon)
    const at = (seconds: number) =>
      challenges.openAsked('session-1', challenge, plusSeconds(noon, seconds))
    expect(await at(899)).toEqual(good)
    expect(await at(900)).toEqual(old)
    expect(await at(-61)).toEqual(old)
  })
})
