import { describe, expect, it } from 'vitest'
import { areGroupsOmitted, toPerson } from '../../src/connection/attributes.ts'
import type { Connection, ConnectionSettings } from '../../src/connection/connection.ts'
import type { Person } from '../../src/directory/user.ts'
import type { Subject } from '../../src/saml/index.ts'
import { usualSettings } from '../../tools/signing/connection.ts'

const connectionOf = (fields: Partial<ConnectionSettings> = {}): Connection => ({
  id: 'okta',
  displayName: 'Okta',
  enabled: true,
  idpEntityId: 'https://idp.example.test',
  ssoUrl: 'https://idp.example.test/sso',
  ssoBinding: 'redirect',
  slo: null,
  metadataUrl: null,
  certificates: [],
  provisioning: 'jit',
  domains: [],
  settings: { ...usualSettings, ...fields },
})

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'

const subjectOf = (
  attributes: Readonly<Record<string, readonly string[]>> = {},
  nameId = 'zoe',
  nameIdFormat: string | null = null,
): Subject => ({
  nameId,
  nameIdFormat,
  nameQualifier: null,
  spNameQualifier: null,
  sessionIndex: null,
  authnContext: null,
  authnInstant: new Date(0),
  notOnOrAfter: new Date(0),
  sessionNotOnOrAfter: null,
  issuer: 'https://idp.example.test',
  assertionId: '_1',
  attributes: new Map(Object.entries(attributes)),
})

function personOf(subject: Subject, fields: Partial<ConnectionSettings> = {}): Person {
  const person = toPerson(connectionOf(fields), subject)
  if (!person.ok) throw new Error(person.error.reason)
  return person.value
}

describe('a NameQualifier', () => {
  const subject = (nameIdFormat: string, nameQualifier: string | null) =>
    personOf({ ...subjectOf({}, 'zoe', nameIdFormat), nameQualifier }).subject

  it('of somebody else than the IdP keeps two people of one persistent NameID apart', () => {
    expect(subject(PERSISTENT, 'https://a.test')).toBe('https://a.test!zoe')
    expect(subject(PERSISTENT, 'https://b.test')).toBe('https://b.test!zoe')
  })

  it('adds nothing when it is the IdP, or is not there, or the name needs none', () => {
    expect(subject(PERSISTENT, 'https://idp.example.test')).toBe('zoe')
    expect(subject(PERSISTENT, null)).toBe('zoe')
    expect(subject(EMAIL, 'https://a.test')).toBe('zoe')
  })
})

const named = (fields: Partial<ConnectionSettings['attributes']>): Partial<ConnectionSettings> => ({
  attributes: { ...usualSettings.attributes, ...fields },
})

describe('a person', () => {
  it('of Entra ID, by its claim names', () => {
    const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/'
    const subject = subjectOf(
      {
        [`${claims}name`]: ['zoe@corp.example'],
        [`${claims}emailaddress`]: ['Zoe.Mail@Corp.example'],
        'http://schemas.microsoft.com/identity/claims/displayname': ['Zoë O’Neil'],
        'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': ['g1', 'g2', 'g1'],
      },
      'zoe@corp.example',
      EMAIL,
    )
    expect(personOf(subject)).toMatchObject({
      connection: 'okta',
      subject: 'zoe@corp.example',
      userName: 'zoe@corp.example',
      email: 'zoe.mail@corp.example',
      displayName: 'Zoë O’Neil',
      groups: ['g1', 'g2'],
    })
  })

  it('of Okta and OneLogin, by names in any case, the name in two parts', () => {
    const subject = subjectOf({
      Email: ['zoe@corp.example'],
      FirstName: ['Zoë'],
      LastName: ['O’Neil'],
      memberOf: ['staff'],
    })
    expect(personOf(subject)).toMatchObject({
      userName: 'zoe',
      email: 'zoe@corp.example',
      displayName: 'Zoë O’Neil',
      groups: ['staff'],
    })
  })

  it('of eduPerson, by OIDs, with an opaque NameID', () => {
    const subject = subjectOf(
      {
        'urn:oid:0.9.2342.19200300.100.1.1': ['zoe'],
        'urn:oid:0.9.2342.19200300.100.1.3': ['zoe@uni.example'],
      },
      'a8f3',
      PERSISTENT,
    )
    expect(personOf(subject)).toMatchObject({
      subject: 'a8f3',
      userName: 'zoe',
      email: 'zoe@uni.example',
    })
  })

  it('with nothing but an address as NameID has that address', () => {
    expect(personOf(subjectOf({}, 'Zoe@corp.example', EMAIL))).toMatchObject({
      subject: 'Zoe@corp.example',
      userName: 'Zoe@corp.example',
      email: 'zoe@corp.example',
      displayName: null,
      groups: [],
    })
  })

  it('has no address from a NameID that is not said to be one', () => {
    expect(personOf(subjectOf({}, 'zoe@corp.example', null)).email).toBeNull()
  })

  it.each([
    'zoe',
    'zoe@',
    '@corp.example',
    'a@b@corp.example',
    'zoe@localhost',
    'zoe@corp.example\n',
    'z oe@corp.example',
    'zoe@[127.0.0.1]',
    'zoe@127.0.0.1',
    'zoe@corp.example/x',
  ])('has no address that is none: %s', (email) => {
    expect(personOf(subjectOf({ email: [email] })).email).toBeNull()
  })

  it('keeps letters that only look like others (one address is not made of two)', () => {
    expect(personOf(subjectOf({ email: ['\u212Aelvin@corp.example'] })).email).toBe(
      '\u212Aelvin@corp.example',
    )
  })

  it('is read by the names of the connection where it has some, and by no others then', () => {
    const subject = subjectOf({
      email: ['wrong@corp.example'],
      Mail: ['right@corp.example'],
      roles: ['a'],
      groups: ['b'],
    })
    expect(personOf(subject, named({ email: 'Mail', groups: 'roles' }))).toMatchObject({
      email: 'right@corp.example',
      groups: ['a'],
    })
    expect(personOf(subject, named({ email: 'absent', groups: 'Groups' }))).toMatchObject({
      email: null,
      groups: [],
    })
  })

  it('skips values that are empty', () => {
    const subject = subjectOf({
      email: ['', 'zoe@corp.example'],
      displayName: [''],
      cn: ['Zoë'],
      groups: ['', 'a'],
    })
    expect(personOf(subject)).toMatchObject({
      email: 'zoe@corp.example',
      displayName: 'Zoë',
      groups: ['a'],
    })
  })

  it('has attributes of any name, prototypes included', () => {
    const person = personOf(subjectOf(JSON.parse('{"__proto__":["x"],"constructor":["y"]}')))
    expect(Object.entries(person.attributes)).toEqual([
      ['__proto__', ['x']],
      ['constructor', ['y']],
    ])
    expect(personOf(subjectOf({})).attributes['constructor']).not.toEqual(['y'])
  })
})

describe('an SPNameQualifier', () => {
  const AFFILIATION = 'https://affiliation.test'
  const subject = (nameIdFormat: string, spNameQualifier: string | null, own = {}) =>
    personOf(
      { ...subjectOf({}, 'zoe', nameIdFormat), spNameQualifier, ...own },
      { spNameQualifier: AFFILIATION },
    ).subject

  it('of an affiliation keeps two people of one persistent NameID apart (Core §8.3.7)', () => {
    expect(subject(PERSISTENT, AFFILIATION)).toBe(`${AFFILIATION}!zoe`)
    expect(subject(PERSISTENT, AFFILIATION, { nameQualifier: 'https://a.test' })).toBe(
      `https://a.test!${AFFILIATION}!zoe`,
    )
  })

  it('adds nothing when it is ours, or is not there, or the name needs none', () => {
    expect(subject(PERSISTENT, 'https://app.example.com/.gatehouse/saml/okta/metadata')).toBe('zoe')
    expect(subject(PERSISTENT, null)).toBe('zoe')
    expect(subject(EMAIL, AFFILIATION)).toBe('zoe')
  })
})

describe('who a person is', () => {
  it('may be an attribute', () => {
    const rule: Partial<ConnectionSettings> = { subject: { from: 'attribute', name: 'employee' } }
    expect(personOf(subjectOf({ employee: ['7'] }, 'x', TRANSIENT), rule).subject).toBe('7')
    for (const values of [[], ['7', '8'], [''], [' \n']]) {
      const person = toPerson(connectionOf(rule), subjectOf({ employee: values }))
      expect(person).toEqual({
        ok: false,
        error: { reason: 'subject-attribute', attribute: 'employee', values: values.length },
      })
    }
  })

  it('may be an attribute beside no NameID, and is the user name then', () => {
    const rule: Partial<ConnectionSettings> = { subject: { from: 'attribute', name: 'employee' } }
    const subject = { ...subjectOf({ employee: ['7'] }), nameId: null }
    expect(personOf(subject, rule)).toMatchObject({ subject: '7', userName: '7', email: null })
    const mailed = { ...subjectOf({ employee: ['7'], mail: ['z@a.test'] }), nameId: null }
    expect(personOf(mailed, rule)).toMatchObject({ userName: 'z@a.test', email: 'z@a.test' })
    expect(toPerson(connectionOf(), subject)).toEqual({
      ok: false,
      error: { reason: 'no-name-id' },
    })
  })

  it('is never a transient NameID', () => {
    expect(toPerson(connectionOf(), subjectOf({}, 'x', TRANSIENT))).toEqual({
      ok: false,
      error: { reason: 'transient-subject' },
    })
  })
})

describe('groups that Entra ID leaves out', () => {
  it('are noticed', () => {
    expect(
      areGroupsOmitted(
        subjectOf({ 'http://schemas.microsoft.com/claims/groups.link': ['https://graph.example'] }),
      ),
    ).toBe(true)
    expect(areGroupsOmitted(subjectOf({ groups: ['a'] }))).toBe(false)
  })
})
