import { describe, expect, it } from 'vitest'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createKnownTokens } from '../../src/session/known-tokens.ts'
import { hashToken, newSessionToken } from '../../src/session/token.ts'
import { noon } from '../support/site.ts'

const after = (seconds: number) => plusSeconds(noon, seconds)

async function known(count: number) {
  const tokens = createKnownTokens(15)
  const pairs = await Promise.all(
    Array.from({ length: count }, async () => {
      const token = newSessionToken()
      return { token, hash: await hashToken(token) }
    }),
  )
  return { tokens, pairs }
}

describe('the tokens that an isolate knows', () => {
  it('lead to their own hash, for as long as a standing counts', async () => {
    const { tokens, pairs } = await known(2)
    for (const { token, hash } of pairs) tokens.keep(token, hash, noon)
    const hashesAt = (seconds: number) =>
      pairs.map(({ token }) => tokens.hashOf(token, after(seconds)))
    const hashes = pairs.map(({ hash }) => hash)
    expect([hashesAt(0), hashesAt(14), hashesAt(15)]).toEqual([hashes, hashes, [null, null]])
  })

  it('are not known for longer because a clock was set back', async () => {
    const { tokens, pairs } = await known(1)
    for (const { token, hash } of pairs) tokens.keep(token, hash, noon)
    expect(pairs.map(({ token }) => tokens.hashOf(token, after(-15)))).toEqual([null])
  })

  it('are dropped when the next standing is read, and not only passed over', async () => {
    const { tokens, pairs } = await known(3)
    const [first, second, third] = pairs
    if (!first || !second || !third) throw new Error('unreachable')
    tokens.keep(first.token, first.hash, noon)
    tokens.keep(second.token, second.hash, after(10))
    tokens.keep(third.token, third.hash, after(20))
    // At this moment the first would count if it was still there.
    const found = pairs.map(({ token }) => tokens.hashOf(token, after(10)) !== null)
    expect(found).toEqual([false, true, true])
  })

  it('are kept anew with each standing that is read', async () => {
    const { tokens, pairs } = await known(2)
    const [one, other] = pairs
    if (!one || !other) throw new Error('unreachable')
    tokens.keep(one.token, one.hash, noon)
    tokens.keep(one.token, one.hash, after(14))
    tokens.keep(other.token, other.hash, after(20))
    expect(tokens.hashOf(one.token, after(28))).toBe(one.hash)
  })

  it('are forgotten with their session', async () => {
    const { tokens, pairs } = await known(2)
    for (const { token, hash } of pairs) tokens.keep(token, hash, noon)
    const [one, other] = pairs
    if (!one || !other) throw new Error('unreachable')
    tokens.forget(one.hash)
    tokens.forget(one.hash)
    expect([tokens.hashOf(one.token, noon), tokens.hashOf(other.token, noon)]).toEqual([
      null,
      other.hash,
    ])
  })
})
