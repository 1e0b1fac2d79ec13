import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { warningsOf, warningsOfMetadata } from '../../src/connection/warnings.ts'
import { plusSeconds, type Instant } from '../../src/lib/instant.ts'
import { parseIdpMetadata } from '../../src/saml/metadata/idp.ts'
import { entity, key, newCertificate, redirect, role } from '../support/idp-metadata.ts'
import { acme, file, now } from './stage.ts'

const kinds = (connection: Connection, at: Instant = now) =>
  warningsOf(connection, at).map(({ kind }) => kind)
const later = (days: number): Instant => plusSeconds(now, days * 86_400)

const kindsOf = async (xml: string, connection: Connection) => {
  const metadata = parseIdpMetadata(xml, { entityId: null, now: new Date(now) })
  if (!metadata.ok) throw new Error(metadata.error.reason)
  return warningsOfMetadata(metadata.value, connection, now).map(({ kind }) => kind)
}

describe('a connection', () => {
  it('that is as it should be has no warning', async () => {
    expect(kinds(await acme())).toEqual([])
  })

  it('shows an exception for SHA-1 while it lasts, and that it is over', async () => {
    const connection = await acme({ 'allow-sha1-until': '2027-03-31' })
    expect(warningsOf(connection, now)).toEqual([
      { kind: 'sha1-allowed', text: expect.stringContaining('until 2027-03-31') },
    ])
    expect(kinds(connection, later(200))).toEqual(['sha1-ended'])
  })

  it('shows a weak key while it is accepted, and that it is refused after', async () => {
    const connection = await acme(
      { 'allow-weak-rsa-until': '2027-03-31' },
      { certificates: [file('rsa1024')] },
    )
    expect(warningsOf(connection, now)).toEqual([
      { kind: 'weak-rsa-allowed', text: expect.stringContaining('1024 bits') },
    ])
    expect(kinds(connection, later(200))).toEqual(['weak-key-refused'])
    const gone = { ...connection.settings, allowWeakRsaUntil: null }
    expect(kinds({ ...connection, settings: gone })).toEqual(['weak-key-refused'])
  })

  it('shows the end of a certificate from thirty days before', async () => {
    const connection = await acme()
    const end = connection.certificates[0]?.notAfter ?? now
    expect(kinds(connection, plusSeconds(end, -31 * 86_400))).toEqual([])
    expect(kinds(connection, plusSeconds(end, -30 * 86_400))).toEqual(['certificate-expiring'])
    expect(warningsOf(connection, plusSeconds(end, -3600))[0]?.text).toContain('in 1 day:')
    expect(kinds(connection, end)).toEqual(['certificate-expired'])
  })

  it('shows a certificate that is not valid yet', async () => {
    const connection = await acme()
    const begin = connection.certificates[0]?.notBefore ?? now
    expect(kinds(connection, plusSeconds(begin, -1))).toEqual(['certificate-not-yet-valid'])
  })

  it('shows that nobody is recognised by a transient NameID', async () => {
    expect(kinds(await acme({ 'name-id-format': 'transient' }))).toEqual(['transient-subject'])
    const byAttribute = { 'name-id-format': 'transient', 'subject-attribute': 'uid' }
    expect(kinds(await acme(byAttribute))).toEqual([])
  })
})

describe('metadata', () => {
  it('as it should be has no warning', async () => {
    const xml = entity(role(key(await newCertificate()) + redirect))
    expect(await kindsOf(xml, await acme({ 'name-id-format': 'email' }))).toEqual([])
  })

  it('that wants requests signed is content when they are', async () => {
    const xml = entity(
      role(key(await newCertificate()) + redirect, ' WantAuthnRequestsSigned="true"'),
    )
    expect(await kindsOf(xml, await acme({ 'sign-requests': 'ecdsa-sha256' }))).toEqual([])
  })

  it('warns of what we cannot do, cannot read, and of its end', async () => {
    const format =
      '<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>'
    const inner = key(await newCertificate()) + key('AAAA') + format + redirect
    const ends = ' WantAuthnRequestsSigned="true" validUntil="2026-12-01T00:00:00Z"'
    expect(
      await kindsOf(entity(role(inner, ends)), await acme({ 'name-id-format': 'email' })),
    ).toEqual([
      'unreadable-certificate',
      'requests-wanted-signed',
      'metadata-ends',
      'format-not-offered',
    ])
  })
})
