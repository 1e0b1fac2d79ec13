import { env } from 'cloudflare:workers'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose'
import { describe, expect, it } from 'vitest'
import { createIdentify } from '../../src/identity/identify.ts'
import { createKeyRing, SIGNING_KEYS_PURPOSE, type KeyRing } from '../../src/identity/keys.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { createSealer } from '../../src/lib/seal.ts'
import type { LiveSession } from '../../src/session/session.ts'
import type { Site } from '../../src/site/site.ts'
import { liveOf, noon, siteOf, visitOf } from '../support/site.ts'

const secrets = { current: utf8('a'.repeat(32)), previous: null }
const ring = createKeyRing(env.DB, await createSealer(secrets, SIGNING_KEYS_PURPOSE))

function counted(keys: KeyRing): KeyRing & { signings: () => number } {
  let signings = 0
  return {
    ...keys,
    signings: () => signings,
    signingKey: (now) => {
      signings++
      return keys.signingKey(now)
    },
  }
}

const headersOf = async (live: LiveSession, site: Site = siteOf()) =>
  Object.fromEntries(await createIdentify(ring)(live, visitOf(site)))

async function claimsOf(token: string | undefined, at: Instant = noon): Promise<JWTPayload> {
  const keys = createLocalJWKSet({ keys: [...(await ring.publicKeys(noon))] })
  const { payload } = await jwtVerify(token ?? '', keys, {
    issuer: 'https://app.example.com',
    audience: 'https://app.example.com',
    algorithms: ['ES256'],
    currentDate: new Date(at),
  })
  return payload
}

describe('the token', () => {
  it('says who, of which groups, by which connection, for which site, and for how long', async () => {
    const headers = await headersOf(liveOf())
    const token = headers['X-Gatehouse-Jwt-Assertion']
    const iat = noon / 1000
    expect(await claimsOf(token)).toEqual({
      iss: 'https://app.example.com',
      aud: 'https://app.example.com',
      sub: 'user-1',
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      preferred_username: 'ada',
      connection: 'okta',
      groups: ['staff'],
      iat,
      nbf: iat - 30,
      exp: iat + 300,
    })
    const { kid } = await ring.signingKey(noon)
    expect(decodeProtectedHeader(token ?? '')).toEqual({ alg: 'ES256', typ: 'JWT', kid })
  })

  it('leaves out what is not known', async () => {
    const headers = await headersOf(liveOf({ email: null, displayName: null }, []))
    const claims = await claimsOf(headers['X-Gatehouse-Jwt-Assertion'])
    expect(claims).not.toHaveProperty('email')
    expect(claims).not.toHaveProperty('name')
    expect(claims['groups']).toEqual([])
    expect(Object.keys(headers)).toEqual([
      'X-Gatehouse-Jwt-Assertion',
      'X-Forwarded-User',
      'X-Forwarded-Preferred-Username',
    ])
  })

  it('is refused by an origin after tokenSeconds', async () => {
    const headers = await headersOf(liveOf())
    const token = headers['X-Gatehouse-Jwt-Assertion']
    await expect(claimsOf(token, plusSeconds(noon, 300))).rejects.toThrow('"exp" claim')
  })

  it.each([
    ['they are many', Array.from({ length: 400 }, (_, i) => `group-number-${i}`)],
    ['their letters are long in a header', Array.from({ length: 30 }, () => '部'.repeat(40))],
  ])('says how many groups were left out where %s', async (_, groups) => {
    const headers = await headersOf(liveOf({}, groups))
    const claims = await claimsOf(headers['X-Gatehouse-Jwt-Assertion'])
    expect(claims['groups_omitted']).toBe(groups.length)
    expect(claims).not.toHaveProperty('groups')
    expect(headers).not.toHaveProperty('X-Forwarded-Groups')
  })

  it.each([
    [
      'as many plain groups as fit',
      Array.from({ length: 100 }, (_, i) => `${i}`.padStart(36, '0')),
    ],
    ['as many of three bytes a letter', Array.from({ length: 25 }, () => '部'.repeat(30))],
  ])('and each header stay under 8 KiB with %s', async (_, groups) => {
    const headers = await headersOf(liveOf({}, groups))
    const token = headers['X-Gatehouse-Jwt-Assertion']
    expect((await claimsOf(token))['groups']).toEqual(groups)
    for (const value of Object.values(headers)) expect(value.length).toBeLessThan(8000)
  })
})

describe('signing', () => {
  it('happens once per session and token life, and leaves a token a minute to be used in', async () => {
    const keys = counted(ring)
    const identify = createIdentify(keys)
    const at = (seconds: number) =>
      identify(liveOf(), visitOf(siteOf(), plusSeconds(noon, seconds)))
    const first = await at(0)
    expect(await at(240)).toBe(first)
    expect(keys.signings()).toBe(1)
    expect(await at(240.001)).not.toBe(first)
    expect(keys.signings()).toBe(2)
  })

  it('happens again when the clock was set back', async () => {
    const keys = counted(ring)
    const identify = createIdentify(keys)
    await identify(liveOf(), visitOf(siteOf(), noon))
    await identify(liveOf(), visitOf(siteOf(), plusSeconds(noon, -1)))
    expect(keys.signings()).toBe(2)
  })

  it('happens again when the groups are others', async () => {
    const identify = createIdentify(ring)
    await identify(liveOf(), visitOf(siteOf()))
    const headers = Object.fromEntries(await identify(liveOf({}, ['admins']), visitOf(siteOf())))
    expect(headers['X-Forwarded-Groups']).toBe('admins')
    expect((await claimsOf(headers['X-Gatehouse-Jwt-Assertion']))['groups']).toEqual(['admins'])
  })

  it('is for one session on one site', async () => {
    const keys = counted(ring)
    const identify = createIdentify(keys)
    await identify(liveOf(), visitOf(siteOf()))
    const other = siteOf({ url: 'https://other.example.com' })
    const elsewhere = Object.fromEntries(await identify(liveOf(), visitOf(other)))
    await expect(claimsOf(elsewhere['X-Gatehouse-Jwt-Assertion'])).rejects.toThrow('"iss" claim')
    const another = liveOf({ id: 'session-2', userId: 'user-2' })
    const headers = Object.fromEntries(await identify(another, visitOf(siteOf())))
    expect((await claimsOf(headers['X-Gatehouse-Jwt-Assertion'])).sub).toBe('user-2')
    expect(keys.signings()).toBe(3)
  })

  it('remembers a thousand sessions at most', async () => {
    const keys = counted(ring)
    const identify = createIdentify(keys)
    const ask = (i: number) => identify(liveOf({ id: `session-${i}` }), visitOf(siteOf()))
    for (let i = 0; i <= 1000; i++) await ask(i)
    await ask(1000)
    expect(keys.signings()).toBe(1001)
    await ask(0)
    expect(keys.signings()).toBe(1002)
  })
})
