/**
 * Messages of logout in the shapes that other programs and their tests have: white space between the
 * elements, other prefixes, SHA-1, older encryption. Each is judged for the reason it should be.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainSamlError, openLogoutRequest, openLogoutResponse } from '../../src/saml/index.ts'
import { allowSha1 } from '../../src/saml/incoming/trust.ts'
import { createSpKey, encrypt } from '../../tools/signing/encryptor.ts'
import { inSoap, postedForm, signedQuery } from '../../tools/signing/logout.ts'
import { createTestIdp, sign, signatureFor } from '../../tools/signing/saml-signer.ts'
import { idp, sp } from './attacks/stage.ts'
import {
  answer,
  ask,
  expected,
  outcome,
  REQUEST_ID,
  requestXml,
  responseXml,
} from './logout-stage.ts'

const pretty = (xml: string): string =>
  `<?xml version="1.0"?>\n${xml.replaceAll('><', '>\n    <')}\n`
const post = (xml: string) => ({ binding: 'post', body: postedForm(xml) }) as const
const postAnswer = (xml: string) =>
  ({ binding: 'post', body: postedForm(xml, 'SAMLResponse') }) as const

describe('a LogoutRequest', () => {
  it('with white space and an XML declaration is read as it was signed', async () => {
    const xml = pretty(
      requestXml({
        identifier: `<saml:NameID SPNameQualifier="${sp.entityId}">zoe@example.test</saml:NameID>`,
        sessionIndexes: ['_be9967abd904ddcae3c0eb4189adbe3f71e327cf93'],
      }),
    )
    const signed = await sign(xml, '_logout', idp)
    expect(await ask(post(signed))).toMatchObject({
      ok: true,
      value: {
        nameId: 'zoe@example.test',
        sessionIndexes: ['_be9967abd904ddcae3c0eb4189adbe3f71e327cf93'],
      },
    })
    expect(await outcome(post(signed.replace('zoe@', 'eve@')))).toBe('digest-mismatch')
    expect(await outcome(post(xml))).toBe('logout-unsigned')
  })

  it('with other prefixes, and its signature at the end, is the same', async () => {
    const xml = requestXml()
      .replaceAll('samlp:', 'saml2p:')
      .replace('xmlns:samlp=', 'xmlns:saml2p=')
      .replaceAll('saml:', 'saml2:')
      .replace('xmlns:saml=', 'xmlns:saml2=')
    const signature = await signatureFor(xml, '_logout', idp)
    const signed = xml.replace('</saml2p:LogoutRequest>', `${signature}</saml2p:LogoutRequest>`)
    expect(await outcome(post(signed))).toBe('accepted')
  })

  it('with SHA-1 is accepted where the connection allows it', async () => {
    const older = await createTestIdp({ key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' } })
    const sha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
    const signed = await sign(requestXml(), '_logout', older, {
      signatureMethod: sha1,
      hash: 'SHA-1',
    })
    const query = await signedQuery(older, requestXml(), { sigAlg: sha1, hash: 'SHA-1' })
    const trusted = { idp: { entityId: idp.entityId, certificates: [older.certificate] } }
    for (const from of [post(signed), { binding: 'redirect', query } as const]) {
      expect(await outcome(from, trusted)).toBe('sha1-not-allowed')
      expect(await outcome(from, { ...trusted, [allowSha1]: true })).toBe('accepted')
    }
  })

  it('with a weak key is refused', async () => {
    const weak = await createTestIdp({
      key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', bits: 1024 },
    })
    const trusted = { idp: { entityId: idp.entityId, certificates: [weak.certificate] } }
    const query = await signedQuery(weak, requestXml())
    expect(await outcome({ binding: 'redirect', query }, trusted)).toBe('weak-key')
  })

  it('with an EncryptedID by RSA 1.5, or of no namespace, is refused for that', async () => {
    const key = await createSpKey()
    const identifier = await encrypt('<saml:NameID/>', key, {}, 'EncryptedID')
    const older = identifier.replace(
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      'http://www.w3.org/2001/04/xmlenc#rsa-1_5',
    )
    const bare = identifier.replaceAll('saml:EncryptedID', 'EncryptedID')
    const expects = { sp: { ...expected.sp, decryptionKeys: key.decryptionKeys } }
    const reasonOf = async (text: string) =>
      outcome(post(await sign(requestXml({ identifier: text }), '_logout', idp)), expects)
    expect(older).not.toBe(identifier)
    expect(await reasonOf(older)).toBe('encryption-not-allowed')
    expect(await reasonOf(bare)).toBe('unexpected-element')
  })
})

describe('a LogoutResponse', () => {
  it('whose Status was changed after it was signed is refused', async () => {
    const signed = await sign(responseXml({ codes: ['Responder'] }), '_logout', idp)
    expect(await answer(postAnswer(signed))).toMatchObject({
      ok: true,
      value: { status: 'failed' },
    })
    const changed = postAnswer(signed.replace('status:Responder', 'status:Success'))
    expect(await answer(changed)).toEqual({ ok: false, error: { reason: 'digest-mismatch' } })
  })

  it('with a StatusMessage has it told, shortened', async () => {
    const xml = responseXml({ codes: ['Responder'] }).replace(
      '</samlp:Status>',
      `<samlp:StatusMessage>${'no '.repeat(200)}</samlp:StatusMessage></samlp:Status>`,
    )
    const query = await signedQuery(idp, xml, { parameter: 'SAMLResponse' })
    const opened = await answer({ binding: 'redirect', query })
    expect(opened.ok && opened.value.message).toBe('no '.repeat(100))
  })
})

describe('whatever comes', () => {
  const junk = fc.string({
    unit: fc.constantFrom(
      '<',
      '>',
      '"',
      '&',
      '=',
      '%',
      '+',
      'a',
      ' ',
      ':',
      '/',
      '\u0000',
      'é',
      '😀',
    ),
    maxLength: 12,
  })
  const expects = { ...expected, inResponseTo: REQUEST_ID }

  it('is refused with a sentence or accepted, and nothing throws', async () => {
    const texts = [requestXml(), responseXml()]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.nat(700),
        fc.nat(40),
        junk,
        async (text, at, length, other) => {
          // Signed by the identity provider as it is, so that it is read to its end.
          const xml = text.slice(0, at) + other + text.slice(at + length)
          for (const parameter of ['SAMLRequest', 'SAMLResponse'] as const) {
            const query = await signedQuery(idp, xml, { parameter })
            for (const received of [
              { binding: 'redirect', query },
              { binding: 'redirect', query: query.slice(0, at) + other },
              { binding: 'post', body: postedForm(xml, parameter) },
              { binding: 'post', body: other + query },
              { binding: 'soap', xml: inSoap(xml) },
              { binding: 'soap', xml: other + xml },
            ] as const) {
              const opened = [
                await openLogoutRequest(received, expects),
                await openLogoutResponse(received, expects),
              ]
              for (const each of opened) {
                if (!each.ok) expect(explainSamlError(each.error)).toMatch(/\S \S/)
              }
            }
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
