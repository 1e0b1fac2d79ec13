/** A site that requires bound sessions, under a login host that passes sign-ins on. */
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { A, at, B, LOGIN, page, Person, three } from '../login/person.ts'
import { createStage } from '../login/stage.ts'
import { challengeIn, createDevice } from '../support/device.ts'
import { emptyStores } from '../support/session.ts'

beforeEach(async () => {
  await emptyStores()
  await env.DB.exec('DELETE FROM taken; DELETE FROM transfers; DELETE FROM audit')
})
afterEach(() => void vi.useRealTimers())

const config = {
  ...three({ [A]: { deviceBinding: 'require' } }),
  loginHost: {
    url: LOGIN,
    session: { absoluteSeconds: 8 * 3600, idleSeconds: null },
    deviceBinding: 'offer' as const,
  },
}

describe('a sign-in at the login host', () => {
  it('is passed on in its first minute, and later only if its session is bound', async () => {
    const zoe = new Person(await createStage(config))
    await zoe.open(`${B}/`)
    at(59)
    expect(await page(await zoe.open(`${A}/`))).toEqual([200, 'the page behind'])
    expect(zoe.timesAtIdp).toBe(1)
    // Whoever has only copied the cookie of the login host.
    at(61)
    const thief = new Person(zoe.stage)
    thief.staysAtIdp = true
    for (const [name, cookie] of zoe.at(LOGIN).cookies) thief.at(LOGIN).cookies.set(name, cookie)
    expect(await page(await thief.open(`${A}/`))).toEqual([200, 'the identity provider'])
    expect(await page(await thief.open(`${B}/`))).toEqual([200, 'the page behind'])
  })

  it('is passed on by a browser that has bound it', async () => {
    const stage = await createStage(config)
    const zoe = new Person(stage)
    let offer = ''
    const follow = zoe.follow.bind(zoe)
    zoe.follow = (response, from) => {
      const isLogin = from.startsWith(LOGIN)
      if (isLogin) offer ||= response.headers.get('Secure-Session-Registration') ?? ''
      return follow(response, from)
    }
    await zoe.open(`${B}/`)
    const device = await createDevice()
    const proof = await device.sign({ jti: challengeIn(offer) }, { jwk: device.jwk })
    at(30)
    const registered = await stage.send(
      new Request(`${LOGIN}/.gatehouse/device/register`, {
        method: 'POST',
        headers: { 'Secure-Session-Response': proof },
      }),
    )
    const [name = '', value = ''] =
      registered.headers.get('Set-Cookie')?.split('; ')[0]?.split('=') ?? []
    zoe.at(LOGIN).cookies.set(name, { value, sameSite: 'None' })
    at(300)
    expect(await page(await zoe.open(`${A}/`))).toEqual([200, 'the page behind'])
    expect(zoe.timesAtIdp).toBe(1)
  })
})
