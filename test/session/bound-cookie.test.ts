/** The cookie of a bound session: it counts for its own session alone, and for eight minutes. */
import { expect, it } from 'vitest'
import { plusSeconds } from '../../src/lib/instant.ts'
import { createDailySealer } from '../../src/lib/seal.ts'
import { BOUND_PURPOSE, createBoundCookies } from '../../src/session/bound-cookie.ts'
import { noon } from '../support/site.ts'

const secrets = { current: new Uint8Array(32).fill(7), previous: null }
const cookies = () => createBoundCookies(createDailySealer(secrets, BOUND_PURPOSE))
const later = (seconds: number) => plusSeconds(noon, seconds)
const pairOf = (made: string): string => made.split(';')[0] ?? ''
const sending = (...pairs: readonly string[]): Request =>
  new Request('https://app.example.com/', { headers: { Cookie: pairs.join('; ') } })

it('counts for its own session, whether this isolate has seen it before or not', async () => {
  const here = cookies()
  const request = sending(pairOf(await here.make('ada', noon)))
  expect(await here.isFresh(request, 'bob', noon)).toBe(false)
  expect(await here.isFresh(request, 'ada', noon)).toBe(true)
  expect(await here.isFresh(request, 'bob', noon)).toBe(false)
  expect(await here.isFresh(request, 'ada', noon)).toBe(true)
  expect(await cookies().isFresh(request, 'bob', noon)).toBe(false)
})

it('counts for 480 seconds and the 15 that it may be on its way, and not before it was made', async () => {
  const here = cookies()
  const request = sending(pairOf(await here.make('ada', noon)))
  for (const isolate of [here, cookies(), here]) {
    expect(await isolate.isFresh(request, 'ada', later(494))).toBe(true)
    expect(await isolate.isFresh(request, 'ada', later(495))).toBe(false)
    // Two isolates may disagree by a little; a clock that was set back by more opens nothing.
    expect(await isolate.isFresh(request, 'ada', later(-15))).toBe(true)
    expect(await isolate.isFresh(request, 'ada', later(-16))).toBe(false)
  }
})

it('counts beside others of its name, up to four in all', async () => {
  const here = cookies()
  const mine = pairOf(await here.make('ada', noon))
  const name = mine.slice(0, mine.indexOf('='))
  const other = pairOf(await here.make('bob', noon))
  const broken = `${name}=${'A'.repeat(60)}`
  expect(await here.isFresh(sending(broken, other, other, mine), 'ada', noon)).toBe(true)
  expect(await here.isFresh(sending(broken, other, other, other, mine), 'ada', noon)).toBe(false)
  expect(await here.isFresh(sending(broken, other), 'ada', noon)).toBe(false)
  expect(await here.isFresh(sending(), 'ada', noon)).toBe(false)
})
