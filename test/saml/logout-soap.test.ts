/** A message of logout in a SOAP 1.1 envelope (Bindings §3.2.2). */
import { describe, expect, it } from 'vitest'
import { inSoap } from '../../tools/signing/logout.ts'
import { sign } from '../../tools/signing/saml-signer.ts'
import { idp } from './attacks/stage.ts'
import { ask, outcome, requestXml } from './logout-stage.ts'

const signed = await sign(requestXml(), '_logout', idp)
const header = (attributes: string): string =>
  `<soap:Header><a xmlns="urn:x" xmlns:o="urn:other"${attributes}/></soap:Header>`
const outcomeOf = (xml: string): Promise<string> => outcome({ binding: 'soap', xml })

describe('an envelope', () => {
  it('has the message in its Body', async () => {
    expect(await ask({ binding: 'soap', xml: inSoap(signed) })).toMatchObject({
      ok: true,
      value: { id: '_logout', relayState: null },
    })
    const spaced = inSoap(`\n  <!-- here -->${signed}\n`)
    expect(await outcomeOf(spaced)).toBe('accepted')
  })

  it.each(['', ' soap:mustUnderstand="0"', ' mustUnderstand="1"', ' o:mustUnderstand="1"'])(
    'has a header that need not be understood',
    async (attributes) => {
      expect(await outcomeOf(inSoap(signed, header(attributes)))).toBe('accepted')
    },
  )

  it.each([
    ['no envelope', signed],
    [
      'an envelope of SOAP 1.2',
      inSoap(signed).replace(/http:[^"]*envelope\//, 'http://www.w3.org/2003/05/soap-envelope'),
    ],
    ['another root in the namespace', inSoap(signed).replaceAll('soap:Envelope', 'soap:Letter')],
    ['an empty Body', inSoap('')],
    ['text in the Body', inSoap('hello')],
    ['two messages', inSoap(signed + requestXml())],
    ['two Bodies', inSoap(`${signed}</soap:Body><soap:Body>`)],
    ['no Body', inSoap(signed).replaceAll('soap:Body', 'soap:Trunk')],
    ['a header that must be understood', inSoap(signed, header(' soap:mustUnderstand="1"'))],
    ['one that must, by another word', inSoap(signed, header(' soap:mustUnderstand=" true "'))],
  ])('is refused: %s', async (_, xml) => {
    expect(await outcomeOf(xml)).toBe('malformed-binding')
  })

  it('is refused when it is not XML, or has a DOCTYPE', async () => {
    expect(await outcomeOf('')).toBe('malformed-xml')
    expect(await outcomeOf(inSoap(signed).replace('\n', '<!DOCTYPE a>'))).toBe('malformed-xml')
  })
})
