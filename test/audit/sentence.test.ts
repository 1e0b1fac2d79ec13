/** Every event says in English who did what to whom, and from where. */
import { expect, it } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { toRow } from '../../src/audit/row.ts'
import { sentenceOf } from '../../src/audit/sentence.ts'
import { auditKinds } from '../../src/audit/share.ts'
import type { Whence } from '../../src/lib/whence.ts'
import { noon } from '../support/site.ts'

const say = (event: AuditEvent, userName: string | null = null, whence: Whence | null = null) =>
  sentenceOf({ ...toRow(event, noon, 'request-1', whence), userName })

const site = 'app.example.com'
const who = { site, connection: 'okta', user: 'user-1', session: 'session-1' } as const
const of = { connection: 'okta', user: 'user-1' } as const
const granted = { ...of, site, client: 'reports', grant: 'grant-1' } as const
const operator = (command: string, facts = {}, about: object = of) =>
  ({
    kind: 'operator',
    actor: 'cli',
    operator: 'Grace',
    command,
    connection: null,
    user: null,
    facts,
    ...about,
  }) as const satisfies AuditEvent

const said: readonly (readonly [AuditEvent, string])[] = [
  [{ kind: 'login', ...who }, 'ada signed in to app.example.com with "okta".'],
  [
    { kind: 'arrival', ...who },
    'ada, who had signed in with "okta", came to app.example.com and got a session there.',
  ],
  [
    { kind: 'groups-omitted', ...of, site },
    '"okta" left out the groups of ada at the sign-in to app.example.com, so pages for groups are closed to ada.',
  ],
  [
    { kind: 'login-refused', ...of, site, reason: 'expired', facts: { explained: 'It is late.' } },
    'ada could not sign in to app.example.com with "okta": It is late.',
  ],
  [
    { kind: 'access-denied', ...who, path: '/admin', reason: 'needs group admins' },
    'ada may not open /admin on app.example.com: needs group admins.',
  ],
  [
    { kind: 'session-refused', ...who, reason: 'user-disabled' },
    'A request of ada to app.example.com was refused: the user is disabled.',
  ],
  [
    { kind: 'device-bound', ...who },
    'The session of ada at app.example.com was bound to their device.',
  ],
  [
    { kind: 'device-refused', ...who, reason: 'signature' },
    'A proof of the device of ada was refused at app.example.com: signature.',
  ],
  [
    { kind: 'theft-stopped', ...who },
    'The session of ada at app.example.com came without the device that it is bound to, as a stolen cookie does. It was ended.',
  ],
  [
    { kind: 'session-ended', ...who, reason: 'revoked' },
    'What ada had open on app.example.com was closed: the session was ended.',
  ],
  [{ kind: 'logout', ...who }, 'ada signed out of app.example.com.'],
  [
    { kind: 'idp-logout', connection: 'okta', user: 'u', binding: 'post', signIns: ['one'] },
    'ada was signed out by "okta": 1 sign-in ended.',
  ],
  [
    { kind: 'idp-logout-answered', connection: 'okta', status: 'partial', codes: [] },
    '"okta" was asked to sign a person out, and did, but not of every application.',
  ],
  [
    {
      kind: 'logout-refused',
      site: 'login.example.com',
      connection: 'okta',
      reason: 'logout-replayed',
      facts: { explained: 'It was used before.' },
    },
    'A message of "okta" about sign-out was refused at login.example.com: It was used before.',
  ],
  [
    {
      kind: 'logout-refused',
      site: 'login.example.com',
      connection: 'okta',
      reason: 'logout-unanswered',
      facts: { url: 'https://idp.example/slo', explained: 'Our LogoutRequest got no answer.' },
    },
    '"okta" was asked to sign a person out. Our LogoutRequest got no answer.',
  ],
  [
    { kind: 'sign-ins-ended', ...who, signIns: ['one'] },
    'ada ended 1 sign-in of their own in other browsers.',
  ],
  [
    {
      kind: 'directory-changed',
      connection: 'okta',
      token: 't',
      change: 'user-deactivated',
      id: 'user-1',
      unknownMembers: 0,
    },
    'The directory of "okta" deactivated ada.',
  ],
  [
    {
      kind: 'directory-changed',
      connection: 'okta',
      token: 't',
      change: 'group-created',
      id: 'group-1',
      unknownMembers: 0,
    },
    'The directory of "okta" created the group group-1.',
  ],
  [
    {
      kind: 'directory-changed',
      connection: 'okta',
      token: 't',
      change: 'group-removed',
      id: 'group-1',
      group: 'Staff',
      unknownMembers: 0,
    },
    'The directory of "okta" removed the group "Staff" (group-1).',
  ],
  [
    { kind: 'removals-held', connection: 'okta', token: 't' },
    'The directory of "okta" tried to remove more people than its removal guard allows. They stay in until an operator allows it.',
  ],
  [
    { kind: 'scim-refused', connection: 'okta', token: 't', status: 409, reason: 'It is taken.' },
    'A request of the directory of "okta" was refused with 409: It is taken.',
  ],
  [
    { kind: 'scim-refused', connection: 'okta', token: null, status: 401, reason: 'No token.' },
    'A directory without a valid token was refused: No token.',
  ],
  [
    {
      kind: 'token-refused',
      site,
      connection: 'okta',
      token: 't1',
      name: 'service ci',
      reason: 'user-disabled',
    },
    'A token of service ci was refused at app.example.com: its owner is disabled.',
  ],
  [
    { kind: 'token-refused', site, connection: null, token: null, name: null, reason: 'misspelt' },
    'A token was refused at app.example.com: it is misspelt.',
  ],
  [
    { kind: 'api-refused', token: 't1', operation: 'user disable', status: 403, reason: 'scope' },
    '"user disable" with the token t1 was refused with 403: scope.',
  ],
  [
    { kind: 'api-refused', token: null, operation: null, status: 401, reason: 'token' },
    'A request to the API without a valid token was refused with 401: token.',
  ],
  [
    { kind: 'origin-failed', site, origin: 'https://origin.example.net', reason: 'unreachable' },
    'https://origin.example.net, the origin of app.example.com, failed: unreachable.',
  ],
  [
    { kind: 'store-unavailable', store: 'D1', during: 'reading a session' },
    'D1 failed during reading a session.',
  ],
  [
    {
      kind: 'metadata-changed',
      connection: 'okta',
      added: ['a', 'b'],
      removed: ['c'],
      ssoUrl: null,
      sloUrls: [],
    },
    'The metadata of "okta" has changed: 2 certificates added, 1 certificate removed.',
  ],
  [
    {
      kind: 'metadata-changed',
      connection: 'okta',
      added: [],
      removed: [],
      ssoUrl: 'https://idp.example.com/sso',
      sloUrls: [],
    },
    'The metadata of "okta" has changed: 0 certificates added, 0 certificates removed, people sign in at https://idp.example.com/sso.',
  ],
  [
    {
      kind: 'metadata-changed',
      connection: 'okta',
      added: [],
      removed: [],
      ssoUrl: null,
      sloUrls: ['https://idp.example.com/slo', 'https://idp.example.com/slo/answers'],
    },
    'The metadata of "okta" has changed: 0 certificates added, 0 certificates removed, messages of logout go to https://idp.example.com/slo and https://idp.example.com/slo/answers.',
  ],
  [
    { kind: 'metadata-waits', connection: 'okta', why: ['entity-id'], digest: 'd' },
    'The metadata of "okta" has changed so that a person has to accept it.',
  ],
  [
    { kind: 'metadata-failed', connection: 'okta', reason: 'status', explained: 'It is 404.' },
    'The metadata of "okta" cannot be used: It is 404.',
  ],
  [
    {
      kind: 'certificate-ends',
      connection: 'okta',
      certificate: 'c',
      endsAt: '2026-12-01T00:00:00.000Z',
      days: 1,
    },
    'A certificate of "okta" ends in 1 day, at 2026-12-01T00:00:00.000Z.',
  ],
  [
    {
      kind: 'certificate-ends',
      connection: null,
      certificate: 'c',
      endsAt: '2026-12-01T00:00:00.000Z',
      days: 7,
    },
    'A certificate of Gatehouse ends in 7 days, at 2026-12-01T00:00:00.000Z.',
  ],
  [
    { kind: 'webhook-off', webhook: 'siem', url: 'https://siem.example.com', reason: 'gone' },
    'The webhook to https://siem.example.com was switched off: it wants no more messages.',
  ],
  [
    { kind: 'webhook-off', webhook: 'siem', url: 'https://siem.example.com', reason: 'failing' },
    'The webhook to https://siem.example.com was switched off: it took no message for days.',
  ],
  [
    { kind: 'webhook-gave-up', webhook: 'siem', url: 'https://siem.example.com', messages: 2 },
    '2 messages to the webhook at https://siem.example.com were given up: it did not take them in time.',
  ],
  [
    {
      kind: 'signal',
      connection: 'okta',
      stream: 's1',
      user: 'user-1',
      event: 'caep/session-revoked',
      signIns: 2,
      facts: {},
    },
    'A signal of "okta" (caep/session-revoked) was about ada: 2 sign-ins ended.',
  ],
  [
    {
      kind: 'signal',
      connection: 'okta',
      stream: null,
      user: null,
      event: 'revocation',
      signIns: 0,
      facts: { why: 'nobody', person: 'eve@example.com' },
    },
    'A signal of "okta" (revocation) was about ada: nothing ended, because nobody here has this name.',
  ],
  [
    { kind: 'signal-refused', connection: 'okta', stream: null, reason: 'audience' },
    'A signal for "okta" was refused: audience. It ended nothing.',
  ],
  [
    { ...granted, kind: 'grant-made', name: 'Reports', by: 'consent' },
    'ada gave the program "Reports" access to app.example.com.',
  ],
  [
    { ...granted, kind: 'grant-made', name: 'Reports', by: 'remembered' },
    'ada gave the program "Reports" access to app.example.com once more, without being asked.',
  ],
  [
    { ...granted, kind: 'grant-ended', reason: 'person' },
    'The access of the program reports to app.example.com, given by ada, ended: ada took it back.',
  ],
  [
    { ...granted, kind: 'grant-ended', reason: 'refresh' },
    'The access of the program reports to app.example.com, given by ada, ended: a refresh token was used a second time.',
  ],
  [
    {
      kind: 'grant-refused',
      connection: 'okta',
      user: 'user-1',
      client: 'reports',
      reason: 'access_denied',
    },
    'The program reports asked for access and got none: access_denied.',
  ],
  [operator('user disable'), 'Grace disabled ada, on the command line.'],
  [{ ...operator('user enable'), actor: 'api' }, 'Grace enabled ada, by the API.'],
  [
    { ...operator('session revoke', { sessions: ['a', 'b'] }), actor: 'console' },
    'Grace ended 2 sessions of ada, in the console.',
  ],
  [
    operator('sign-in end', { of: 'user', signIns: 1, users: 1 }),
    'Grace ended 1 sign-in of ada, on the command line.',
  ],
  [
    operator('sign-in end', { of: 'connection', signIns: 7, users: 5 }, { connection: 'okta' }),
    'Grace ended 7 sign-ins of everybody by "okta", on the command line.',
  ],
  [
    operator('sign-in end', { of: 'site', site: 'wiki.example.com', signIns: 2, users: 2 }),
    'Grace ended 2 sign-ins of everybody at wiki.example.com, on the command line.',
  ],
  [
    { ...operator('sign-in end', { of: 'everybody', signIns: 0, users: 0 }), actor: 'api' },
    'Grace ended 0 sign-ins of everybody, by the API.',
  ],
  [
    operator('scim token create', { label: 'Okta' }, { connection: 'okta' }),
    'Grace made the SCIM token "Okta" for the directory of "okta", on the command line.',
  ],
  [
    operator('connection remove', {}, { connection: 'okta' }),
    'Grace removed the connection "okta", on the command line.',
  ],
  [operator('keys rotate', {}, {}), 'Grace ordered new keys of Gatehouse, on the command line.'],
  [
    operator('webhook add', { url: 'https://siem.example.com' }, {}),
    'Grace added a webhook to https://siem.example.com, on the command line.',
  ],
]

it.each(said)('%j', (event, sentence) => {
  expect(say(event, 'ada')).toBe(sentence)
})

it('every kind has one', () => {
  expect(new Set(said.map(([{ kind }]) => kind))).toEqual(new Set(auditKinds))
})

it('says from where, as much as is known', () => {
  const login = { kind: 'login', ...who } as const
  const from = (whence: Whence) => say(login, 'ada', whence)
  expect(from({ country: 'IT', network: '192.0.2.0/24' })).toBe(
    'ada signed in to app.example.com with "okta" (from IT, 192.0.2.0/24).',
  )
  expect(from({ country: null, network: '2001:db8:7::/48' })).toContain('(from 2001:db8:7::/48).')
  expect(from({ country: 'T1', network: null })).toContain('(from T1).')
})

it('names a person as well as is known', () => {
  const refused = { kind: 'login-refused', connection: null, site, reason: 'replayed' } as const
  expect(say({ ...refused, user: null, facts: {} })).toBe(
    'Somebody could not sign in to app.example.com with an unknown connection: replayed.',
  )
  expect(say({ ...refused, user: null, facts: { person: 'eve@example.com' } })).toMatch(
    /^eve@example.com could not/,
  )
  expect(say({ kind: 'logout', ...who })).toBe('User user-1 signed out of app.example.com.')
})

it('of a kind or a command that this version does not know is still one', () => {
  const event = { kind: 'tea-made', connection: null, user: null, userName: null, facts: {} }
  expect(sentenceOf(event)).toBe('tea-made.')
  expect(sentenceOf({ ...event, kind: 'constructor' })).toBe('constructor.')
  expect(say(operator('tea make', {}, {}))).toBe('Grace did "tea make", on the command line.')
  expect(say(operator('constructor', {}, {}))).toBe('Grace did "constructor", on the command line.')
})
