import { beforeAll, describe, expect, it } from 'vitest'
import { parseChanges, parseNewConnection } from '../../src/connection/input.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import {
  entities,
  ENTITY,
  entity,
  key,
  newCertificate,
  redirect,
  role,
  sso,
} from '../support/idp-metadata.ts'
import { accepted, acme, faultsOf, file, idpFields, inputOf, now } from './stage.ts'

const problemsOf = async (...args: Parameters<typeof parseNewConnection>) =>
  Object.fromEntries(faultsOf(await parseNewConnection(...args)))
const create = (...args: Parameters<typeof inputOf>) =>
  parseNewConnection('acme', inputOf(...args), now)
const certificates = [file('rsa2048')]
const fetched = (text: string, entityId: string | null = null) => ({
  metadata: { xml: utf8(text), url: 'https://idp.example.com/metadata', entityId },
})

describe('a connection by its fields', () => {
  it('needs an entity ID, an SSO URL and a certificate; the rest has a default', async () => {
    const { connection, metadata } = accepted(await create(idpFields, { certificates }))
    expect(metadata).toBeNull()
    expect(connection).toMatchObject({
      id: 'acme',
      displayName: 'acme',
      enabled: true,
      idpEntityId: 'https://idp.example.com/saml',
      ssoUrl: 'https://idp.example.com/sso',
      ssoBinding: 'redirect',
      provisioning: 'jit',
      domains: [],
    })
    expect(connection.settings).toEqual({
      nameIdFormat: null,
      forceAuthn: false,
      loginHint: null,
      authnContext: null,
      subject: { from: 'name-id' },
      attributes: { email: null, userName: null, displayName: null, groups: null },
      directory: { join: 'user-name', groupsFrom: 'auto', removalGuardPercent: null },
      spNameQualifier: null,
      clockSkewSeconds: 60,
      signRequests: null,
      requireEncryption: false,
      allowSha1Until: null,
      allowWeakRsaUntil: null,
    })
    expect(connection.certificates).toHaveLength(1)
  })

  it('is told everything that is missing at once', async () => {
    expect(Object.keys(await problemsOf('acme', inputOf(), now))).toEqual([
      'entity-id',
      'sso-url',
      'certificate',
    ])
  })

  it('is told everything that is wrong at once', async () => {
    const problems = await problemsOf(
      'Acme_1',
      inputOf(
        {
          'entity-id': 'two words',
          'sso-url': 'http://idp.example.com/sso',
          'sso-binding': 'soap',
          'display-name': 'a\nb',
          provisioning: 'ldap',
          'name-id-format': 'mail',
          'authn-context': ['Passwort'],
          'email-attribute': '',
          'clock-skew': '301',
          'allow-sha1-until': 'forever',
          'allow-weak-rsa-until': '2026-11-24',
          domain: ['localhost'],
        },
        { certificates: [{ name: 'idp.pem', text: '-----BEGIN PRIVATE KEY-----' }] },
      ),
      now,
    )
    expect(problems).toEqual({
      id: 'must be at most 40 characters of a-z, 0-9 and inner hyphens, because it is part of URLs; it is "Acme_1"',
      'display-name': 'must be one line of 1 to 100 characters',
      'entity-id': 'must be the entity ID of the IdP, without spaces',
      'sso-url': 'must begin with https:// (plain http is for localhost only)',
      'sso-binding': 'must be redirect or post',
      provisioning:
        'must be jit (everybody the IdP vouches for), scim (only people the directory has provisioned) or jit+scim (both)',
      'name-id-format':
        'must be email, persistent, unspecified, transient, encrypted, none, or a URN',
      'authn-context': expect.stringContaining('PasswordProtectedTransport'),
      'email-attribute': 'must be one line of 1 to 256 characters',
      'clock-skew': 'must be 0 to 300 seconds',
      'allow-sha1-until': 'must be a date, such as 2027-03-31, or none',
      'allow-weak-rsa-until': 'must be later than today, 2026-11-25; none removes the exception',
      domain: 'must be an email domain, such as example.com',
      certificate: 'idp.pem is a private key. Give the certificate; the key stays at the IdP',
    })
  })

  it.each(['acme_corp', 'Acme', '-acme', 'acme-', 'a--b', '', 'a/b', 'ä', 'a'.repeat(41)])(
    'has no id like %j',
    async (id) => {
      const problems = await problemsOf(id, inputOf(idpFields, { certificates }), now)
      expect(Object.keys(problems)).toEqual(['id'])
    },
  )

  it.each([
    'javascript:alert(1)',
    'https://idp.example.com/sso#top',
    'https://user:word@idp.example.com/',
    'http://idp.example.com',
    'idp.example.com',
  ])('sends nobody to %s', async (url) => {
    const problems = await problemsOf(
      'acme',
      inputOf({ ...idpFields, 'sso-url': url }, { certificates }),
      now,
    )
    expect(Object.keys(problems)).toEqual(['sso-url'])
  })

  it('sends people to a URI, whatever of it was not typed as one', async () => {
    const url = 'https://idp.example.com/größe?a=\u009b'
    const parsed = await create({ ...idpFields, 'sso-url': url }, { certificates })
    expect(accepted(parsed).connection.ssoUrl).toBe(
      'https://idp.example.com/gr%C3%B6%C3%9Fe?a=%C2%9B',
    )
  })

  it('takes the NameIDs of an affiliation that is named, until it is taken back', async () => {
    const named = await acme({ 'sp-name-qualifier': 'https://affiliation.example.com' })
    expect(named.settings.spNameQualifier).toBe('https://affiliation.example.com')
    const kept = accepted(await parseChanges(named, inputOf({ 'clock-skew': '5' }), now))
    expect(kept.connection.settings.spNameQualifier).toBe('https://affiliation.example.com')
    const back = accepted(await parseChanges(named, inputOf({ 'sp-name-qualifier': 'none' }), now))
    expect(back.connection.settings.spNameQualifier).toBeNull()
    const two = await problemsOf('a', inputOf({ ...idpFields, 'sp-name-qualifier': 'a b' }), now)
    expect(two).toMatchObject({
      'sp-name-qualifier': 'must be the entity ID of an affiliation, without spaces',
    })
  })

  it('takes plain http for this machine only', async () => {
    for (const url of ['http://localhost:8101/sso', 'http://idp.localhost:8101/sso']) {
      const parsed = await create({ ...idpFields, 'sso-url': url }, { certificates })
      expect(accepted(parsed).connection.ssoUrl).toBe(url)
    }
  })

  it('takes short words for formats and contexts, and domains in any script', async () => {
    const { connection } = accepted(
      await create(
        {
          ...idpFields,
          'name-id-format': 'email',
          'authn-context': ['X509', 'https://refeds.org/profile/mfa'],
          'authn-context-comparison': 'minimum',
          'subject-attribute': 'employeeNumber',
          domain: ['Example.com', 'bücher.example', 'example.com'],
          'allow-sha1-until': '2027-03-31',
        },
        { certificates },
      ),
    )
    expect(connection.domains).toEqual(['example.com', 'xn--bcher-kva.example'])
    expect(connection.settings).toMatchObject({
      nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
      authnContext: {
        comparison: 'minimum',
        classRefs: [
          'urn:oasis:names:tc:SAML:2.0:ac:classes:X509',
          'https://refeds.org/profile/mfa',
        ],
      },
      subject: { from: 'attribute', name: 'employeeNumber' },
      allowSha1Until: Date.UTC(2027, 2, 31),
    })
  })

  it('asks for an encrypted NameID by a short word too', async () => {
    const fields = { ...idpFields, 'name-id-format': 'encrypted' }
    const { settings } = accepted(await create(fields, { certificates })).connection
    expect(settings.nameIdFormat).toBe('urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted')
  })

  it('makes no exception for longer than a year', async () => {
    const problems = await problemsOf(
      'acme',
      inputOf({ ...idpFields, 'allow-sha1-until': '2027-11-27' }, { certificates }),
      now,
    )
    expect(problems).toEqual({
      'allow-sha1-until': 'must be within a year. You can renew an exception when it ends',
    })
  })

  it('compares no context that is not there', async () => {
    const comparison = { ...idpFields, 'authn-context-comparison': 'exact' }
    expect(await problemsOf('acme', inputOf(comparison, { certificates }), now)).toEqual({
      'authn-context-comparison': 'needs an authn-context as well',
    })
    const mixed = { ...idpFields, 'authn-context': ['X509', 'none'] }
    expect(await problemsOf('acme', inputOf(mixed, { certificates }), now)).toEqual({
      'authn-context': 'has both none and another value',
    })
  })
})

describe('a connection by metadata', () => {
  let xml = ''
  beforeAll(async () => {
    const post = sso('HTTP-POST', 'https://idp.example.com/post')
    xml = entity(role(key(await newCertificate()) + post + redirect))
  })
  it('has all it needs, and prefers the redirect', async () => {
    const parsed = accepted(await create({}, fetched(xml)))
    expect(parsed.connection).toMatchObject({
      idpEntityId: ENTITY,
      ssoUrl: 'https://idp.example.com/sso',
      ssoBinding: 'redirect',
      metadataUrl: 'https://idp.example.com/metadata',
    })
    expect(parsed.connection.certificates).toHaveLength(1)
    expect(parsed.added).toEqual(parsed.connection.certificates)
    expect(parsed.metadata?.entityId).toBe(ENTITY)
  })

  it('may take the other binding, where it is offered', async () => {
    const post = accepted(await create({ 'sso-binding': 'post' }, fetched(xml)))
    expect(post.connection).toMatchObject({
      ssoUrl: 'https://idp.example.com/post',
      ssoBinding: 'post',
    })
    const without = xml.replace('HTTP-POST', 'SOAP')
    expect(faultsOf(await create({ 'sso-binding': 'post' }, fetched(without)))).toEqual([
      ['sso-binding', 'is a binding that the metadata does not offer'],
    ])
  })

  it('is told the faults of the metadata together with those of the fields', async () => {
    const refused = await create({ 'clock-skew': 'x' }, fetched('<html/>'))
    expect(faultsOf(refused).map(([field]) => field)).toEqual(['clock-skew', 'metadata'])
  })

  it('does not take by fields what the metadata says', async () => {
    expect(faultsOf(await create(idpFields, fetched(xml))).map(([field]) => field)).toEqual([
      'entity-id',
      'sso-url',
    ])
  })

  it('takes the IdP that is meant out of several, and lists them when none is', async () => {
    const several = entities(xml + xml.replace(ENTITY, 'https://other.example.com'))
    const parsed = accepted(await create({}, fetched(several, 'https://other.example.com')))
    expect(parsed.connection.idpEntityId).toBe('https://other.example.com')
    const [fault] = faultsOf(await create({}, fetched(several)))
    expect(fault?.[1]).toContain(`\n  ${ENTITY}\n  https://other.example.com`)
  })

  it('sends nobody to a plain http URL of it', async () => {
    const plain = xml.replaceAll('https://idp.example.com/sso', 'http://idp.example.com/sso')
    const [fault] = faultsOf(await create({}, fetched(plain)))
    expect(fault?.[0]).toBe('metadata')
    expect(fault?.[1]).toContain('http://idp.example.com/sso')
  })

  it('is another IdP, and refused, when it no longer describes the connection', async () => {
    const other = fetched(xml.replace(ENTITY, 'https://other.example.com'))
    const [fault] = faultsOf(await parseChanges(await acme(), inputOf({}, other), now))
    expect(fault?.[1]).toContain('The metadata does not describe "https://idp.example.com/saml"')
  })

  it('does not make the keys of one IdP speak for another', async () => {
    const connection = await acme()
    const OTHER = 'https://other.example.com'
    const other = fetched(xml.replace(ENTITY, OTHER), OTHER)
    const refused = await parseChanges(connection, inputOf({}, other), now)
    expect(faultsOf(refused)).toEqual([
      ['metadata', expect.stringContaining('names another IdP than https://idp.example.com/saml')],
    ])
    const replaced = inputOf({}, { ...other, replaceCertificates: true })
    const parsed = accepted(await parseChanges(connection, replaced, now))
    expect(parsed.connection.idpEntityId).toBe(OTHER)
    expect(parsed.connection.certificates).toEqual(parsed.added)
  })

  it('signs requests from the beginning where the metadata wants it, unless it is told not to', async () => {
    const wanted = entity(
      role(key(await newCertificate()) + redirect, ' WantAuthnRequestsSigned="1"'),
    )
    const signs = async (fields: Parameters<typeof inputOf>[0] = {}) =>
      accepted(await create(fields, fetched(wanted))).connection.settings.signRequests
    expect(await signs()).toBe('rsa-sha256')
    expect(await signs({ 'sign-requests': 'ecdsa-sha256' })).toBe('ecdsa-sha256')
    expect(await signs({ 'sign-requests': 'none' })).toBeNull()
    const made = accepted(await create({ 'sign-requests': 'none' }, fetched(wanted))).connection
    const again = accepted(await parseChanges(made, inputOf({}, fetched(wanted)), now))
    expect(again.connection.settings.signRequests).toBeNull()
  })

  it('stays on the binding in use', async () => {
    const connection = await acme({ 'sso-binding': 'post' })
    const parsed = accepted(await parseChanges(connection, inputOf({}, fetched(xml)), now))
    expect(parsed.connection).toMatchObject({
      ssoUrl: 'https://idp.example.com/post',
      ssoBinding: 'post',
    })
  })
})

describe('a change', () => {
  it('of nothing changes nothing', async () => {
    const connection = await acme({ domain: ['example.com'], 'authn-context': ['X509'] })
    expect(accepted(await parseChanges(connection, inputOf(), now)).connection).toEqual(connection)
  })

  it('takes back what may be absent by the word none', async () => {
    const connection = await acme({
      'name-id-format': 'email',
      'authn-context': ['X509'],
      'subject-attribute': 'uid',
      'groups-attribute': 'roles',
      'allow-sha1-until': '2027-01-31',
      'force-authn': true,
      domain: ['example.com', 'example.org'],
    })
    const changes = inputOf({
      'name-id-format': 'none',
      'authn-context': ['none'],
      'subject-attribute': 'none',
      'groups-attribute': 'none',
      'allow-sha1-until': 'none',
      'force-authn': false,
      enabled: false,
      'remove-domain': ['example.org'],
    })
    const changed = accepted(await parseChanges(connection, changes, now)).connection
    expect(changed.enabled).toBe(false)
    expect(changed.domains).toEqual(['example.com'])
    expect(changed.settings).toEqual((await acme()).settings)
  })

  it('to another IdP takes its keys along', async () => {
    const fields = { 'entity-id': 'https://other.example.com' }
    const added = { certificates: [file('p256')] }
    for (const rest of [{}, added]) {
      expect(faultsOf(await parseChanges(await acme(), inputOf(fields, rest), now))).toEqual([
        ['entity-id', expect.stringContaining('names another IdP')],
      ])
    }
    const replaced = inputOf(fields, { ...added, replaceCertificates: true })
    const parsed = accepted(await parseChanges(await acme(), replaced, now))
    expect(parsed.connection.certificates).toEqual(parsed.added)
  })

  it('removes no domain that is not there', async () => {
    const changes = inputOf({ 'remove-domain': ['example.com'] })
    expect(faultsOf(await parseChanges(await acme(), changes, now))).toEqual([
      ['remove-domain', 'example.com is not one of its domains'],
    ])
  })
})
