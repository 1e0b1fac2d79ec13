import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificate } from '../../src/saml/certificate.ts'
import {
  createTestIdp,
  signedResponse,
  type ResponseOptions,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'
import { connectionOf, seedConnection, seedUser } from './people.ts'
import { createStage, type Stage } from './run.ts'

const at = new Date('2026-11-24T12:00:00Z')
const sp = 'https://app.example.com/.gatehouse/saml/acme'
const SECRET = 'nobody-reads-this'
let stage: Stage
let idp: TestIdp

const respond = (fields: Partial<ResponseOptions> = {}): Promise<string> =>
  signedResponse(idp, {
    spEntityId: `${sp}/metadata`,
    acsUrl: `${sp}/acs`,
    inResponseTo: '_asked-by-some-browser',
    now: at,
    nameId: 'ada@acme.com',
    attributes: { groups: ['staff', 'admins'], displayName: ['Ada Lovelace'], salary: [SECRET] },
    ...fields,
  })

beforeAll(async () => {
  stage = await createStage()
  idp = await createTestIdp()
  const parsed = parseCertificate(idp.certificate)
  if (!parsed.ok) throw new Error(parsed.error)
  const { notBefore, notAfter } = parsed.value
  const certificate = {
    fingerprint: 'ab'.repeat(32),
    certificate: idp.certificate,
    notBefore,
    notAfter,
  }
  await stage.withStore(async (db) => {
    const fields = { idpEntityId: idp.entityId, certificates: [certificate] }
    await seedConnection(db, connectionOf('acme', fields))
    await seedConnection(db, connectionOf('other', { domains: ['other.example.com'] }))
  })
})
afterAll(() => stage.remove())

const test = (response: string, ...more: readonly string[]) =>
  stage.run(['connection', 'test', 'acme', '--response', '-', ...more], response)
const then = ['--at', at.toISOString()]

describe('connection test', () => {
  it('shows each check and the person who would come out, and logs nobody in', async () => {
    const { code, out, err } = await test(await respond(), ...then)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/ok +Readable, and signed by a certificate of the connection\n/)
    expect(out).toMatch(/ok +Audience is our entity ID\n/)
    expect(out).toMatch(/not judged +Response answers our request\n/)
    expect(out).not.toContain('failed')
    expect(out).toContain('The person, a new user, made at sign-in:')
    expect(out).toMatch(/user name: +ada@acme\.com\n/)
    expect(out).toMatch(/groups: +staff, admins\n/)
    expect(out).toContain('It would be accepted. Nobody was signed in.')
    const rows = await stage.withStore((db) =>
      db
        .prepare(
          'SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM taken) AS n',
        )
        .first('n'),
    )
    expect(rows).toBe(0)
  })

  it('shows no value that no rule reads, as text or as JSON', async () => {
    const response = await respond()
    expect((await test(response, ...then)).out).toMatch(/salary \(1\)/)
    for (const more of [[], ['--json']]) {
      const { out } = await test(response, ...then, ...more)
      expect(out).not.toContain(SECRET)
      expect(out).not.toContain(response.slice(0, 60))
    }
  })

  it('takes a file, the form as posted, and says when it was issued', async () => {
    const file = join(stage.directory, 'response.txt')
    await writeFile(file, `SAMLResponse=${encodeURIComponent(await respond())}&RelayState=abc`)
    const { code, out } = await stage.run(['connection', 'test', 'acme', '--response', file])
    expect(code).toBe(1)
    expect(out).toMatch(/failed +Assertion is valid now\n +The assertion expired at/)
    expect(out).toContain('To try it as of then: --at 2026-11-24T12:00:00.000Z')
  })

  it('says what is wrong with each check, and what to set at the IdP', async () => {
    const { code, out } = await test(
      await respond({ spEntityId: 'https://wrong.example.com' }),
      ...then,
    )
    expect(code).toBe(1)
    expect(out).toMatch(
      /failed +Audience is our entity ID\n +The assertion is for the audience "https:\/\/wrong\.example\.com"/,
    )
    expect(out).toMatch(/ok +Assertion is valid now\n/)
    expect(out).toMatch(/not reached +The person is identified\n/)
    expect(out).toContain('It would be refused.')
  })

  it('reaches nothing beyond a signature that does not hold', async () => {
    const forged = Buffer.from(await respond(), 'base64')
      .toString()
      .replace('ada@acme.com', 'eve@acme.com')
    const { code, out } = await test(forged, ...then)
    expect(code).toBe(1)
    expect(out).toMatch(/failed +Readable, and signed by a certificate of the connection\n/)
    expect(out).toMatch(/not reached +Audience is our entity ID\n/)
    expect(out).not.toContain('eve')
  })

  it('knows the user, and whose domain it is', async () => {
    await stage.withStore((db) =>
      seedUser(db, { connection: 'acme', subject: 'ada@acme.com', userName: 'ada' }, 'user-ada'),
    )
    expect((await test(await respond(), ...then)).out).toContain('The person, a known user:')
    await stage.run(['user', 'disable', 'user-ada'])
    const disabled = await test(await respond(), ...then)
    expect(disabled).toMatchObject({ code: 1 })
    expect(disabled.out).toMatch(/failed +The user may sign in\n +The user is disabled\./)
    const foreign = await test(await respond({ nameId: 'eve@other.example.com' }), ...then)
    expect(foreign).toMatchObject({ code: 1 })
    expect(foreign.out).toContain('Another connection speaks for other.example.com.')
  })

  it('reads no more than a response', async () => {
    const { code, out } = await test('<html/>', ...then)
    expect(code).toBe(1)
    expect(out).toContain('not a Response in "urn:oasis:names:tc:SAML:2.0:protocol"')
    const nothing = await test('')
    expect(nothing).toMatchObject({ code: 1, out: '' })
    expect(nothing.err).toContain('There is nothing in it.')
  })
})
