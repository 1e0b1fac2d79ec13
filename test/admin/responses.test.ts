import { beforeEach, describe, expect, it } from 'vitest'
import { tryResponse, type ResponseToTry } from '../../src/admin/responses.ts'
import { disableUser } from '../../src/admin/people.ts'
import { parseCertificate } from '../../src/saml/certificate.ts'
import {
  createTestIdp,
  signedResponse,
  type ResponseOptions,
} from '../../tools/signing/saml-signer.ts'
import { siteOf } from '../support/site.ts'
import {
  context,
  db,
  emptyStore,
  now,
  refusalOf,
  seedConnection,
  seedUser,
  valueOf,
} from './stage.ts'

const idp = await createTestIdp()
const app = siteOf()
const sp = `${app.url}/.gatehouse/saml/acme`

beforeEach(async () => {
  await emptyStore()
  const { notBefore, notAfter } = valueOf(parseCertificate(idp.certificate))
  const certificate = { certificate: idp.certificate, fingerprint: 'ab'.repeat(32) }
  const certificates = [{ ...certificate, notBefore, notAfter }]
  await seedConnection('acme', { idpEntityId: idp.entityId, certificates })
  await seedConnection('other', { domains: ['other.example'] })
})

const respond = (fields: Partial<ResponseOptions> = {}) =>
  signedResponse(idp, {
    spEntityId: `${sp}/metadata`,
    acsUrl: `${sp}/acs`,
    inResponseTo: '_r',
    now: new Date(now),
    nameId: 'ada@acme.com',
    attributes: {},
    ...fields,
  })

const attempt = (response: string, fields: Partial<ResponseToTry> = {}) =>
  tryResponse(db, {
    connection: 'acme',
    host: app,
    response,
    sealer: null,
    at: now,
    ...fields,
  })

const failed = async (response: string, fields: Partial<ResponseToTry> = {}) =>
  valueOf(await attempt(response, fields)).checks.flatMap(({ outcome, remark }) =>
    outcome === 'failed' ? [remark] : [],
  )

describe('tryResponse', () => {
  it('names the person and the user that a sign-in would make, and writes nothing', async () => {
    const tried = valueOf(await attempt(await respond()))
    expect(tried).toMatchObject({
      person: { subject: 'ada@acme.com' },
      user: 'created',
      issuedAt: now,
    })
    const count = 'SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM taken) AS n'
    expect(await db.prepare(count).first('n')).toBe(0)
    await seedUser('acme', 'ada@acme.com')
    expect(valueOf(await attempt(await respond())).user).toBe('known')
  })

  it('finds each rule that a sign-in would fail by', async () => {
    await seedUser('acme', 'ada@acme.com')
    valueOf(await disableUser(context, { text: 'ada@acme.com', connection: null }))
    expect(await failed(await respond())).toEqual([{ reason: 'user-disabled', connection: 'acme' }])
    expect(await failed(await respond({ nameId: 'eve@other.example' }))).toEqual([
      { reason: 'foreign-domain', domain: 'other.example' },
    ])
    const over = { nameId: 'bob', sessionNotOnOrAfter: new Date(now - 5000) }
    expect(await failed(await respond(over))).toEqual([{ reason: 'session-over' }])
    const host = { ...app, connections: ['other'] }
    expect(await failed(await respond({ nameId: 'bob' }), { host })).toEqual([
      { reason: 'connection-not-listed', host: app.url },
    ])
    expect(await failed(await respond({ spEntityId: 'https://wrong.example' }))).toMatchObject([
      { reason: 'saml', error: { reason: 'audience' } },
    ])
  })

  it('refuses an id that no connection has', async () => {
    expect(refusalOf(await attempt(await respond(), { connection: 'acmo' }))).toEqual({
      reason: 'unknown-connection',
      id: 'acmo',
      known: ['acme', 'other'],
    })
  })
})
