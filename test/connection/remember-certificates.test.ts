/** What an isolate remembers of identity providers' certificates, and for how long it counts. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { toStored } from '../../src/connection/certificates.ts'
import { knownCertificates } from '../../src/connection/known-certificates.ts'
import { rememberCertificates } from '../../src/connection/remember-certificates.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { openResponse, parseCertificate } from '../../src/saml/index.ts'
import { connectionOf } from '../../tools/signing/connection.ts'
import {
  createTestIdp,
  responseXml,
  sign,
  signedResponse,
  toPosted,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'
import { saveConnection } from '../../tools/stage/connection.ts'
import { byRedirect, emptyAll, redirectOf, refused, request, stageWith } from '../logout/stage.ts'
import { createStage, refusals, SITE, type Stage } from '../login/stage.ts'
import { expectOf, options, outcomeOf } from '../saml/attacks/stage.ts'

beforeEach(emptyAll)

const imported = () => vi.spyOn(crypto.subtle, 'importKey')
const [one, two] = [await createTestIdp(), await createTestIdp()]
const responseOf = (idp: TestIdp, hash = 'SHA-256') =>
  sign(responseXml({ ...options, issuer: idp.entityId }), '_assertion', idp, { hash })

describe('a certificate that is prepared', () => {
  it('is parsed once, and its key imported once for each hash', async () => {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' } as const
    const strong = await createTestIdp({ key: rsa })
    const remember = rememberCertificates(knownCertificates())
    const expected = expectOf(one)
    const idp = { ...expected.idp, prepareCertificate: remember }
    const imports = imported()
    for (let i = 0; i < 3; i++) {
      expect(await outcomeOf(await responseOf(one), { ...expected, idp })).toContain('accepted')
    }
    expect(imports).toHaveBeenCalledTimes(1)
    const other = { ...expectOf(strong).idp, prepareCertificate: remember }
    const xml = await responseOf(strong, 'SHA-512')
    for (let i = 0; i < 3; i++) {
      expect(await outcomeOf(xml, { ...expected, idp: other })).toContain('accepted')
    }
    expect(imports).toHaveBeenCalledTimes(2)
    imports.mockRestore()
    expect(remember(one.certificate)).toBe(remember(one.certificate))
  })

  it('is asked for by each message, so that one that is unreadable refuses every message', async () => {
    const expected = expectOf(one)
    const certificates = [one.certificate, 'AAAA']
    const remember = rememberCertificates(knownCertificates())
    for (let i = 0; i < 2; i++) {
      const opened = await openResponse(toPosted(await responseOf(one)), {
        ...expected,
        idp: { ...expected.idp, certificates, prepareCertificate: remember },
      })
      expect(opened).toMatchObject({ ok: false, error: { reason: 'invalid-certificate' } })
    }
  })

  it('stays refused where its key is too weak, however often it was prepared', async () => {
    const key = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', bits: 1024 } as const
    const weak = await createTestIdp({ key })
    const idp = {
      ...expectOf(weak).idp,
      prepareCertificate: rememberCertificates(knownCertificates()),
    }
    const xml = await responseOf(weak)
    for (let i = 0; i < 2; i++) {
      expect(await outcomeOf(xml, { ...expectOf(weak), idp })).toBe('weak-key')
    }
  })
})

describe('what is remembered', () => {
  it('is bounded: the certificate that was used longest ago is prepared anew', () => {
    const remember = rememberCertificates(knownCertificates())
    // White space is ignored in base64, so these are different texts of certificates.
    const texts = Array.from({ length: 101 }, (_, i) => one.certificate + ' '.repeat(i))
    const prepared = texts.map((text) => remember(text))
    expect(prepared.every(({ ok }) => ok)).toBe(true)
    expect(remember(texts[100] ?? '')).toBe(prepared[100])
    expect(remember(texts[0] ?? '')).not.toBe(prepared[0])
  })

  it.each([
    ['changed', [two], ['signature-mismatch', 'in']],
    ['added', [one, two], ['in', 'in']],
    ['removed', [], ['no-certificate', 'no-certificate']],
  ])('does not outlive a certificate that is %s', async (_, then, outcomes) => {
    const stage = await createStage(undefined, await trusting([one]))
    expect(await signIn(stage, one)).toBe('in')
    expect(await signIn(stage, two)).toBe('signature-mismatch')
    await saveConnection(env.DB, await trusting(then), toInstant(Date.now()))
    expect([await signIn(stage, one), await signIn(stage, two)]).toEqual(outcomes)
  })

  it('is what messages of logout are judged by, too', async () => {
    const stage = await stageWith({ ...(await trusting([one])), slo: byRedirect })
    const leave = async (idp: TestIdp): Promise<string> => {
      const before = refused(stage).length
      const url = await redirectOf(idp, request(stage))
      await stage.send(new Request(url))
      return refused(stage).length === before ? 'taken' : 'refused'
    }
    expect(await leave(one)).toBe('taken')
    const imports = imported()
    expect(await leave(one)).toBe('taken')
    expect(imports.mock.calls.filter(([format]) => format === 'spki')).toEqual([])
    imports.mockRestore()
    const changed = { ...(await trusting([two])), slo: byRedirect }
    await saveConnection(env.DB, changed, toInstant(Date.now()))
    expect(await leave(one)).toBe('refused')
    expect(await leave(two)).toBe('taken')
  })
})

/** The connection, with the certificates of these. */
async function trusting(idps: readonly TestIdp[]): Promise<Connection> {
  const parsed = idps.map(({ certificate }) => parseCertificate(certificate))
  const certificates = parsed.flatMap((each) => (each.ok ? [toStored(each.value)] : []))
  return connectionOf(one, { certificates: await Promise.all(certificates) })
}

/** Signs somebody in by an answer that `idp` has signed. */
async function signIn(stage: Stage, idp: TestIdp): Promise<unknown> {
  const browser = stage.browser()
  const asked = await stage.begin(browser, '/')
  const before = refusals(stage).length
  const posted = await signedResponse(idp, {
    spEntityId: `${SITE}/.gatehouse/saml/okta/metadata`,
    acsUrl: `${SITE}/.gatehouse/saml/okta/acs`,
    inResponseTo: asked.id,
    now: new Date(),
    assertionId: `_${crypto.randomUUID()}`,
  })
  await stage.post(browser, posted, asked.relayState)
  return refusals(stage)[before]?.['reason'] ?? 'in'
}
