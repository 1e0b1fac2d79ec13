import { describe, expect, it } from 'vitest'
import { describeKey, keyOf } from '../../src/connection/certificates.ts'
import { parseChanges, parseNewConnection } from '../../src/connection/input.ts'
import { accepted, acme, faultsOf, file, idpFields, inputOf, now } from './stage.ts'

describe('the key of a new connection', () => {
  it('is never an RSA key under 1024 bits, with an exception or without', async () => {
    for (const end of [null, '2027-03-31']) {
      const input = inputOf(
        { ...idpFields, 'allow-weak-rsa-until': end },
        { certificates: [file('rsa512')] },
      )
      const [fault] = faultsOf(await parseNewConnection('acme', input, now))
      expect(fault?.[1]).toContain('rsa512.pem has an RSA key of 512 bits')
      expect(fault?.[1]).toContain('never accepted')
    }
  })

  it('is an RSA key of 1024 to 2047 bits only by an exception with an end', async () => {
    const certificates = [file('rsa1024')]
    const [fault] = faultsOf(
      await parseNewConnection('acme', inputOf(idpFields, { certificates }), now),
    )
    expect(fault?.[1]).toContain('has an RSA key of 1024 bits, but should have at least 2048')
    const connection = await acme({ 'allow-weak-rsa-until': '2027-03-31' }, { certificates })
    expect(connection.settings.allowWeakRsaUntil).toBe(Date.UTC(2027, 2, 31))
    const [certificate] = connection.certificates
    const key = certificate ? keyOf(certificate) : null
    expect(key ? describeKey(key) : null).toBe('RSA, 1024 bits')
  })

  it('may be of an elliptic curve', async () => {
    const { certificates } = await acme({}, { certificates: [file('p256')] })
    expect(certificates.map((each) => keyOf(each))).toEqual([{ kind: 'ec', curve: 'P-256' }])
  })
})

describe('a rollover', () => {
  it('adds the new one beside the old one, and takes the old one away later', async () => {
    const before = await acme()
    const both = accepted(
      await parseChanges(before, inputOf({}, { certificates: [file('p256')] }), now),
    )
    expect(both.added).toHaveLength(1)
    expect(both.connection.certificates).toEqual([...before.certificates, ...both.added])
    const [old] = before.certificates
    const remove = inputOf({}, { removeCertificates: [old?.fingerprint.slice(0, 8) ?? ''] })
    const after = accepted(await parseChanges(both.connection, remove, now))
    expect(after.connection.certificates).toEqual(both.added)
  })

  it('adds none twice', async () => {
    const before = await acme()
    const again = inputOf({}, { certificates: [file('rsa2048'), file('rsa2048')] })
    const parsed = accepted(await parseChanges(before, again, now))
    expect(parsed.added).toEqual([])
    expect(parsed.connection.certificates).toEqual(before.certificates)
  })

  it('may replace all that were there', async () => {
    const replace = inputOf({}, { certificates: [file('p256')], replaceCertificates: true })
    const { connection, added } = accepted(await parseChanges(await acme(), replace, now))
    expect(connection.certificates).toEqual(added)
    const none = inputOf({}, { replaceCertificates: true })
    expect(faultsOf(await parseChanges(await acme(), none, now))).toEqual([
      ['replace-certificates', 'needs at least one new certificate'],
    ])
  })

  it('never takes the last one away', async () => {
    const connection = await acme()
    const [only] = connection.certificates
    const remove = inputOf({}, { removeCertificates: [only?.fingerprint ?? ''] })
    expect(faultsOf(await parseChanges(connection, remove, now))).toEqual([
      ['remove-certificate', 'would remove the last one: add a new one too'],
    ])
  })

  it('knows a certificate by its fingerprint, with colons or without, and by no other word', async () => {
    const connection = await acme({}, { certificates: [file('rsa2048'), file('p256')] })
    const [first] = connection.certificates
    const fingerprint = first?.fingerprint ?? ''
    const colons = fingerprint.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:')
    for (const text of [fingerprint, colons]) {
      const parsed = await parseChanges(
        connection,
        inputOf({}, { removeCertificates: [text] }),
        now,
      )
      expect(accepted(parsed).connection.certificates).toEqual(connection.certificates.slice(1))
    }
    for (const text of ['00000000', fingerprint.slice(0, 7), 'idp.pem']) {
      const parsed = await parseChanges(
        connection,
        inputOf({}, { removeCertificates: [text] }),
        now,
      )
      expect(faultsOf(parsed).map(([field]) => field)).toEqual(['remove-certificate'])
    }
  })
})

it.each([
  ['not a certificate', 'neither PEM'],
  ['AAAA', 'is not an X.509 certificate'],
  ['-----BEGIN RSA PRIVATE KEY-----\nAAAA', 'is a private key'],
  [`${file('p256').text}${file('rsa2048').text}`, 'holds several certificates'],
])('says what is wrong with a file that is no certificate: %j', async (text, problem) => {
  const input = inputOf(idpFields, { certificates: [{ name: 'idp.pem', text }] })
  const [fault, ...others] = faultsOf(await parseNewConnection('acme', input, now))
  expect(others).toEqual([])
  expect(fault?.[1]).toContain(`idp.pem`)
  expect(fault?.[1]).toContain(problem)
})
