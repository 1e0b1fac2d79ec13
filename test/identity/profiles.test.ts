import { describe, expect, it } from 'vitest'
import { couldBeIdentity, identityHeaders } from '../../src/identity/profiles.ts'
import type { HeaderProfile, NamedHeader } from '../../src/site/site.ts'
import { liveOf } from '../support/site.ts'

const live = liveOf({}, ['staff', 'admins'])
const profiles: readonly HeaderProfile[] = ['gatehouse', 'oauth2-proxy', 'authelia', 'authentik']
const told = (profile: HeaderProfile, of = live) =>
  Object.fromEntries(identityHeaders(profile, 'a.b.c', of))

describe('what the origin is told', () => {
  it('is the token and the X-Forwarded headers, in the gatehouse profile', () => {
    expect(told('gatehouse')).toEqual({
      'X-Gatehouse-Jwt-Assertion': 'a.b.c',
      'X-Forwarded-User': 'user-1',
      'X-Forwarded-Preferred-Username': 'ada',
      'X-Forwarded-Email': 'ada@example.com',
      'X-Forwarded-Groups': 'staff,admins',
    })
  })

  it('is what oauth2-proxy says, in both of its ways', () => {
    expect(told('oauth2-proxy')).toEqual({
      ...told('gatehouse'),
      'X-Auth-Request-User': 'user-1',
      'X-Auth-Request-Preferred-Username': 'ada',
      'X-Auth-Request-Email': 'ada@example.com',
      'X-Auth-Request-Groups': 'staff,admins',
    })
  })

  it('is what Authelia says', () => {
    expect(told('authelia')).toEqual({
      'X-Gatehouse-Jwt-Assertion': 'a.b.c',
      'Remote-User': 'ada',
      'Remote-Name': 'Ada Lovelace',
      'Remote-Email': 'ada@example.com',
      'Remote-Groups': 'staff,admins',
    })
  })

  it('is what authentik says, with groups between pipes', () => {
    expect(told('authentik')).toEqual({
      'X-Gatehouse-Jwt-Assertion': 'a.b.c',
      'X-authentik-username': 'ada',
      'X-authentik-uid': 'user-1',
      'X-authentik-name': 'Ada Lovelace',
      'X-authentik-email': 'ada@example.com',
      'X-authentik-groups': 'staff|admins',
      'X-authentik-jwt': 'a.b.c',
    })
  })

  it('has no group that two groups could be, and no second line', () => {
    const groups = [
      'a,admins',
      'b|admins',
      '100%',
      'Zoë',
      ' edge ',
      'x\r\nX-Forwarded-User: eve',
      '',
    ]
    expect(told('gatehouse', liveOf({}, groups))['X-Forwarded-Groups']).toBe(
      'a%2Cadmins,b|admins,100%25,Zo%C3%AB,%20edge%20,x%0D%0AX-Forwarded-User: eve',
    )
    expect(told('authentik', liveOf({}, groups))['X-authentik-groups']).toBe(
      'a,admins|b%7Cadmins|100%25|Zo%C3%AB|%20edge%20|x%0D%0AX-Forwarded-User: eve',
    )
  })

  it.each(profiles)('decodes to what it was, and is safe in a header: %s', (profile) => {
    const name = 'Zoë "Ζωή" 部長, 100% \r\n\u0000\ud800'
    const headers = identityHeaders(profile, 'a.b.c', liveOf({ userName: name, displayName: name }))
    expect(headers.length).toBeGreaterThan(1)
    for (const [header, value] of headers) {
      expect(value).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
      if (/name|Name|Remote-User/.test(header)) {
        expect(decodeURIComponent(value)).toBe(name.toWellFormed())
      }
    }
  })

  it.each(profiles)('is all of it removed from what clients send: %s', (profile) => {
    for (const [header] of identityHeaders(profile, 'a.b.c', live)) {
      expect(couldBeIdentity(header)).toBe(true)
    }
  })
})

describe('what the origin is told by names of its own', () => {
  const say = (
    value: NamedHeader['value'],
    of = live,
    encoding: NamedHeader['encoding'] = 'percent',
  ) => Object.fromEntries(identityHeaders([{ name: 'X-It', value, encoding }], 'a.b.c', of))['X-It']

  it('is the token and those names, and nothing else', () => {
    const headers = [
      { name: 'Remote-User', value: 'userName', encoding: 'percent' },
      { name: 'X-Team', value: { attribute: 'team' }, encoding: 'percent' },
    ] as const
    expect(identityHeaders(headers, 'a.b.c', liveOf({ attributes: { team: ['core'] } }))).toEqual([
      ['X-Gatehouse-Jwt-Assertion', 'a.b.c'],
      ['Remote-User', 'ada'],
      ['X-Team', 'core'],
    ])
    expect(identityHeaders([], 'a.b.c', live)).toEqual([['X-Gatehouse-Jwt-Assertion', 'a.b.c']])
  })

  it.each([
    ['id', 'user-1'],
    ['userName', 'ada'],
    ['email', 'ada@example.com'],
    ['name', 'Ada Lovelace'],
    ['groups', 'staff,admins'],
    ['connection', 'okta'],
    ['token', 'a.b.c'],
  ] as const)('is for %s what is known of the person', (value, said) => {
    expect(say(value)).toBe(said)
    expect(say(value, live, 'raw')).toBe(said)
  })

  it('is nothing where nothing is known', () => {
    expect(say('email', liveOf({ email: null }))).toBeUndefined()
    expect(say('name', liveOf({ displayName: null }), 'raw')).toBeUndefined()
    expect(say({ attribute: 'team' })).toBeUndefined()
    expect(say({ attribute: 'constructor' })).toBeUndefined()
    expect(say('groups', liveOf({}, []))).toBeUndefined()
  })

  it('is every value of an attribute, and no value is two', () => {
    const of = liveOf({ attributes: { team: ['core', 'a,b', '', 'Zo\u00eb'] } })
    expect(say({ attribute: 'team' }, of)).toBe('core,a%2Cb,Zo%C3%AB')
    expect(say({ attribute: 'team' }, of, 'raw')).toBe('core,Zo\u00eb')
  })

  it('is raw as it is, percent signs and all letters', () => {
    const name = '100% Zo\u00eb \u90e8\u9577 \u{1F600}'
    expect(say('name', liveOf({ displayName: name }), 'raw')).toBe(name)
    expect(decodeURIComponent(say('name', liveOf({ displayName: name })) ?? '')).toBe(name)
  })

  it.each([
    'ada\r\nX-Evil: 1',
    'ada\n',
    'a\rb',
    'a\u0000b',
    'a\tb',
    'a\u001fb',
    'a\u007fb',
    'a\u0085b',
    'a\u009fb',
    'a\ud800b',
    ' admin',
    'admin ',
    '\u00a0admin',
    'admin\u3000',
    '\ufeffadmin',
    'a,admin',
    '',
  ])('is raw nothing rather than somebody else: %j', (userName) => {
    expect(say('userName', liveOf({ userName }), 'raw')).toBeUndefined()
    expect(say('userName', liveOf({ userName })) ?? '').toMatch(/^[\x20-\x7e]*$/)
    const admins = say('groups', liveOf({}, [userName, 'staff']), 'raw')
    expect(admins).toBe('staff')
  })

  it('is left out where no server would take it', () => {
    const teamOf = (text: string) => liveOf({ attributes: { team: [text] } })
    const isSent = (text: string, encoding: NamedHeader['encoding']) =>
      say({ attribute: 'team' }, teamOf(text), encoding) !== undefined
    const longest = 'x'.repeat(7 * 1024)
    expect([isSent(longest, 'percent'), isSent(longest, 'raw')]).toEqual([true, true])
    expect([isSent(`${longest}x`, 'percent'), isSent(`${longest}x`, 'raw')]).toEqual([false, false])
    // Three bytes each in UTF-8, and nine when percent-encoded.
    expect([isSent('\u90e8'.repeat(2389), 'raw'), isSent('\u90e8'.repeat(2390), 'raw')]).toEqual([
      true,
      false,
    ])
    expect(isSent('\u90e8'.repeat(797), 'percent')).toBe(false)
  })
})

describe('a name', () => {
  const say = (displayName: string) => told('authelia', liveOf({ displayName }))['Remote-Name']

  it('keeps the spaces within, and those at its ends as escapes', () => {
    expect(say(' Ada  L ')).toBe('%20Ada  L%20')
    expect(say('100% Zoë')).toBe('100%25 Zo%C3%AB')
  })

  // One step for each pair of spaces would be half a billion billion steps: the test would not end.
  it('of a million spaces is read once', () => {
    expect(say(`a${' '.repeat(1_000_000)}b`)).toHaveLength(1_000_002)
  })
})

describe('what a client sends', () => {
  it.each([
    'x-gatehouse-jwt-assertion',
    'X-GATEHOUSE-anything',
    'x_forwarded_user',
    'X-Forwarded_Email',
    'x--forwarded--groups',
    'x.forwarded.user',
    'X-Forwarded-For',
    'x-forwarded-access-token',
    'X-Forwarded-Preferred-Username',
    'x-auth-request-user',
    'X_AUTH_REQUEST_GROUPS',
    'remote-user',
    'REMOTE_USER',
    'Remote-Groups',
    'x-remote-user',
    'X-authentik-username',
    'x_authentik_groups',
    'cf-access-jwt-assertion',
    'Cf_Access_Authenticated_User_Email',
    'x-pomerium-claim-email',
    '_x-forwarded-user',
  ])('could be taken for ours: %s', (name) => {
    expect(couldBeIdentity(name)).toBe(true)
  })

  it.each([
    'authorization',
    'cookie',
    'x-request-id',
    'x-csrf-token',
    'x-remotely',
    'cf-ray',
    'from',
  ])('is its own: %s', (name) => {
    expect(couldBeIdentity(name)).toBe(false)
  })
})
