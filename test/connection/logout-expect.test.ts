/** What a message of logout must satisfy, by the settings of its connection. */
import { describe, expect, it } from 'vitest'
import { toLogoutExpect, type LogoutTerms } from '../../src/connection/expect.ts'
import type { Connection, ConnectionSettings } from '../../src/connection/connection.ts'
import { plusSeconds, toInstant } from '../../src/lib/instant.ts'
import { openLogoutRequest, openLogoutResponse, prepareCertificate } from '../../src/saml/index.ts'
import { connectionOf, usualSettings } from '../../tools/signing/connection.ts'
import { logoutRequestXml, logoutResponseXml, signedQuery } from '../../tools/signing/logout.ts'
import { createTestIdp } from '../../tools/signing/saml-signer.ts'

const now = toInstant(Date.UTC(2026, 10, 24, 10))
const host = { url: 'https://app.example.com' }
const SLO = 'https://app.example.com/.gatehouse/saml/okta/slo'
const TENANT = '6babcaad-604b-40ac-a9d7-9fd97c0b779f'
const ENTRA = `https://sts.windows.net/${TENANT}/`
const OTHER_TENANT = TENANT.replace('6', '7')

const idp = await createTestIdp()
const terms = (fields: Partial<LogoutTerms> = {}): LogoutTerms => ({
  host,
  isSoap: false,
  prepareCertificate,
  decryptionKeys: [],
  now,
  ...fields,
})
const withSettings = (settings: Partial<ConnectionSettings>): Connection =>
  connectionOf(idp, { settings: { ...usualSettings, ...settings } })

async function reasonOf(
  connection: Connection,
  options: {
    readonly issuer?: string
    readonly destination?: string
    readonly sha1?: boolean
  } = {},
  at: LogoutTerms = terms(),
): Promise<string> {
  const { issuer = connection.idpEntityId, destination = SLO } = options
  const xml = logoutResponseXml({ issuer, destination, now: new Date(now), inResponseTo: '_asked' })
  const sha1 = { sigAlg: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', hash: 'SHA-1' }
  const signed = options.sha1 ? await createTestIdp({ key: rsaSha1 }) : idp
  const certificates = connection.certificates.map((each) => ({
    ...each,
    certificate: signed.certificate,
  }))
  const query = await signedQuery(signed, xml, {
    parameter: 'SAMLResponse',
    ...(options.sha1 ? sha1 : {}),
  })
  const opened = await openLogoutResponse(
    { binding: 'redirect', query },
    { ...toLogoutExpect({ ...connection, certificates }, at), inResponseTo: '_asked' },
  )
  return opened.ok ? 'accepted' : opened.error.reason
}
const rsaSha1 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' } as const

describe('a message of logout', () => {
  it('is for our address of the connection, and for another one by SOAP', async () => {
    const connection = connectionOf(idp)
    const soap = terms({ isSoap: true })
    expect(await reasonOf(connection)).toBe('accepted')
    expect(await reasonOf(connection, {}, soap)).toBe('logout-destination')
    expect(await reasonOf(connection, { destination: `${SLO}/soap` }, soap)).toBe('accepted')
    const elsewhere = terms({ host: { url: 'https://other.example.com' } })
    expect(await reasonOf(connection, {}, elsewhere)).toBe('logout-destination')
  })

  it('has the exceptions of the connection until they end', async () => {
    const sha1 = { sha1: true }
    expect(await reasonOf(connectionOf(idp), sha1)).toBe('sha1-not-allowed')
    const open = withSettings({ allowSha1Until: plusSeconds(now, 1) })
    expect(await reasonOf(open, sha1)).toBe('accepted')
    expect(await reasonOf(withSettings({ allowSha1Until: now }), sha1)).toBe('sha1-not-allowed')
  })

  it('has the clock skew and the affiliation of the connection', async () => {
    const later = (seconds: number) => terms({ now: plusSeconds(now, seconds) })
    const skewed = withSettings({ clockSkewSeconds: 120 })
    expect(await reasonOf(skewed, {}, later(419))).toBe('accepted')
    expect(await reasonOf(skewed, {}, later(420))).toBe('logout-time')
    const xml = logoutRequestXml({
      issuer: idp.entityId,
      destination: SLO,
      now: new Date(now),
      identifier: '<saml:NameID SPNameQualifier="urn:affiliation">zoe</saml:NameID>',
    })
    const query = await signedQuery(idp, xml)
    const ask = (connection: Connection) =>
      openLogoutRequest({ binding: 'redirect', query }, toLogoutExpect(connection, terms()))
    expect(await ask(connectionOf(idp))).toMatchObject({ ok: false, error: { reason: 'name-id' } })
    const affiliated = withSettings({ spNameQualifier: 'urn:affiliation' })
    expect(await ask(affiliated)).toMatchObject({ ok: true })
  })

  it('of Entra ID has its other Issuer too, of the same tenant', async () => {
    const entra = connectionOf(idp, { idpEntityId: ENTRA })
    const from = (issuer: string) => reasonOf(entra, { issuer })
    expect(await from(`https://login.microsoftonline.com/${TENANT}/`)).toBe('accepted')
    expect(await from(ENTRA)).toBe('accepted')
    expect(await from(`https://login.microsoftonline.com/${TENANT}`)).toBe('issuer')
    expect(await from(`https://login.microsoftonline.com/${OTHER_TENANT}/`)).toBe('issuer')
    expect(await from(`https://sts.windows.net/${OTHER_TENANT}/`)).toBe('issuer')
  })

  it.each([
    'https://idp.example.test/saml',
    `https://sts.windows.net/${TENANT}`,
    `https://sts.windows.net/${TENANT}/x/`,
    `https://sts.windows.net.example.test/${TENANT}/`,
    'https://sts.windows.net/common/',
  ])('of %s has one Issuer', async (idpEntityId) => {
    const other = connectionOf(idp, { idpEntityId })
    const issuer = `https://login.microsoftonline.com/${TENANT}/`
    expect(await reasonOf(other, { issuer })).toBe('issuer')
    expect(await reasonOf(other)).toBe('accepted')
  })
})
