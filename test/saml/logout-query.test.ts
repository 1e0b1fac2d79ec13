/** A signed query, as it stands in the URL (Bindings §3.4.4.1). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readParameter } from '../../src/saml/index.ts'
import { inflateMessage, readRedirect } from '../../src/saml/incoming/redirect.ts'
import { verifyQuery } from '../../src/saml/incoming/signature.ts'
import { limits } from '../../src/saml/xml/reader.ts'
import { deflated, postedForm, signedBase64, signedQuery } from '../../tools/signing/logout.ts'
import { idp } from './attacks/stage.ts'
import { ask, outcome, received, requestXml, responseXml } from './logout-stage.ts'

const xml = requestXml()
const outcomeOf = (query: string): Promise<string> => outcome({ binding: 'redirect', query })

/** Percent-encodes some characters that need it not, in one of two cases. */
const encoders = fc.infiniteStream(fc.nat(3)).map((choices) => (value: string) => {
  const code = (octet: number): string => octet.toString(16).padStart(2, '0')
  return Array.from(new TextEncoder().encode(value), (octet) => {
    const character = String.fromCharCode(octet)
    const { value: choice } = choices.next()
    if (/[A-Za-z0-9._~-]/.test(character) && choice !== 0) return character
    return `%${choice % 2 === 0 ? code(octet) : code(octet).toUpperCase()}`
  }).join('')
})

describe('a signed query', () => {
  it('is verified by its very octets, however its signer encoded them', async () => {
    await fc.assert(
      fc.asyncProperty(encoders, fc.string({ unit: 'grapheme' }), async (encode, relayState) => {
        const query = await signedQuery(idp, xml, { encode, relayState })
        const opened = await ask({ binding: 'redirect', query })
        expect(opened).toMatchObject({ ok: true, value: { relayState: relayState || null } })
      }),
      { numRuns: 100 },
    )
  })

  it('is refused when one octet of what is signed is another', async () => {
    const query = await signedQuery(idp, xml, { relayState: 'a b/c' })
    const length = query.indexOf('&Signature=')
    await fc.assert(
      fc.asyncProperty(
        fc.nat(length - 1),
        fc.constantFrom('a', 'A', '%', '&', '=', '+', '2', '%41', '', ' ', '%20', 'aa'),
        async (at, other) => {
          const changed = query.slice(0, at) + other + query.slice(at + 1)
          fc.pre(changed !== query)
          expect(await outcomeOf(changed)).not.toBe('accepted')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is signed in the order of the specification, whatever the order in the URL', async () => {
    const parts = (await signedQuery(idp, xml, { relayState: 'r' })).split('&')
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(parts, { minLength: 4 }), async (shuffled) => {
        expect(await outcomeOf(`?${shuffled.join('&')}`)).toBe('accepted')
      }),
      { numRuns: 24 },
    )
  })

  it.each([
    ['', '&RelayState='],
    ['', '&RelayState=x'],
    ['&RelayState=', ''],
    ['&RelayState=x', ''],
    ['&RelayState=x', '&RelayState=y'],
    ['&RelayState=', '&RelayState'],
    ['&RelayState=x', '&relayState=x'],
  ])('with %j where it is signed, and %j where it is sent, is refused', async (signed, sent) => {
    const relayState = signed === '' ? null : signed.replace('&RelayState=', '')
    const query = await signedQuery(idp, xml, { relayState })
    expect(await outcomeOf(query)).toBe('accepted')
    const [message = ''] = query.split('&')
    const changed = message + sent + query.slice(query.indexOf('&SigAlg='))
    expect(await outcomeOf(changed)).toBe('signature-mismatch')
  })

  it('gives no element to whom its signature is missing', async () => {
    const read = readRedirect(`SAMLRequest=${encodeURIComponent(await deflated(xml))}`)
    if (!read.ok) throw new Error(read.error.reason)
    const trust = { certificates: [], sha1: true, weakRsa: true }
    expect(await verifyQuery(read.value, trust)).toEqual({
      ok: false,
      error: { reason: 'unsigned' },
    })
  })

  it('counts for nothing without a certificate, or with a weak key', async () => {
    const from = await received('redirect', xml)
    const noKey = { idp: { entityId: idp.entityId, certificates: [] } }
    expect(await outcome(from, noKey)).toBe('no-certificate')
    const unreadable = { idp: { entityId: idp.entityId, certificates: ['AAAA'] } }
    expect(await outcome(from, unreadable)).toBe('invalid-certificate')
  })
})

describe('the query of a URL', () => {
  it.each([
    ['', 'there is no SAMLRequest and no SAMLResponse'],
    ['?', 'there is no SAMLRequest and no SAMLResponse'],
    ['samlrequest=a', 'there is no SAMLRequest and no SAMLResponse'],
    ['SAMLRequest=a&SAMLResponse=b', 'there is both a SAMLRequest and a SAMLResponse'],
    ['SAMLRequest=a&SAMLRequest=a', 'the query has a parameter twice'],
    ['SAML%52equest=a', 'the query has a parameter whose name is encoded'],
    ['SAMLRequest=a&SAML%52equest=b', 'the query has a parameter whose name is encoded'],
    ['SAMLRequest=a&Relay+State=b', 'the query has a parameter whose name is encoded'],
    ['SAMLRequest=a&x&x', 'the query has a parameter twice'],
    ['SAMLRequest=a&SAMLEncoding=', 'the SAMLEncoding of the query is not DEFLATE'],
    ['SAMLRequest=a&SigAlg=', 'the query has only one of SigAlg and Signature'],
    ['SAMLRequest=a&Signature=', 'the query has only one of SigAlg and Signature'],
    ['SAMLRequest=%zz', 'the query is not percent-encoded UTF-8'],
    ['SAMLRequest=a&%c3=b', 'the query has a parameter whose name is encoded'],
  ])('%s is refused', (query, detail) => {
    expect(readRedirect(query)).toEqual({
      ok: false,
      error: { reason: 'malformed-binding', detail },
    })
  })

  it.each([
    ['SAMLRequest=a', { parameter: 'SAMLRequest', signed: 'SAMLRequest=a', relayState: null }],
    ['SAMLRequest', { parameter: 'SAMLRequest', compressed: '', signed: 'SAMLRequest' }],
    [
      '?x=1&Signature=s%2B&SigAlg=%41&RelayState=a+b%20%c3%a4&SAMLResponse=%61%2B=&y',
      {
        parameter: 'SAMLResponse',
        compressed: 'a+=',
        relayState: 'a b ä',
        signed: 'SAMLResponse=%61%2B=&RelayState=a+b%20%c3%a4&SigAlg=%41',
        signature: { algorithm: 'A', value: 's+' },
      },
    ],
    [
      'SAMLRequest=a&RelayState=&SAMLEncoding=urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE',
      { relayState: null, signed: 'SAMLRequest=a&RelayState=' },
    ],
  ])('%s is read', (query, value) => {
    expect(readRedirect(query)).toMatchObject({ ok: true, value })
  })

  it('has a RelayState of at most 2,000 characters', () => {
    const query = `SAMLRequest=a&RelayState=${'a'.repeat(2000)}`
    expect(readRedirect(query)).toMatchObject({ ok: true })
    const detail = 'the RelayState is longer than 2000 characters'
    expect(readRedirect(`${query}a`)).toEqual({
      ok: false,
      error: { reason: 'malformed-binding', detail },
    })
  })

  it('is as long as a URL may be, and no longer', () => {
    const query = `SAMLRequest=${'a'.repeat(16_384 - 12)}`
    expect(readRedirect(query).ok).toBe(true)
    expect(readRedirect(`${query}a`)).toEqual({
      ok: false,
      error: {
        reason: 'malformed-binding',
        detail: 'the query is longer than 16384 characters',
      },
    })
  })
})

describe('the compressed message', () => {
  const inflate = async (text: string | Uint8Array<ArrayBuffer>) => {
    const read = readRedirect(`SAMLRequest=${encodeURIComponent(await deflated(text))}`)
    if (!read.ok) throw new Error(read.error.reason)
    return inflateMessage(read.value)
  }

  it('inflates up to what is read of XML, and not further', async () => {
    const whole = await inflate('a'.repeat(limits.bytes))
    expect(whole.ok && whole.value.length).toBe(limits.bytes)
    const large = { ok: false, error: { reason: 'too-large' } }
    expect(await inflate('a'.repeat(limits.bytes + 1))).toEqual(large)
    expect(await inflate('a'.repeat(8_000_000))).toEqual(large)
  })

  it('is not inflated before its signature holds', async () => {
    const bomb = await deflated('a'.repeat(8_000_000))
    const query = await signedBase64(idp, bomb)
    expect(await outcomeOf(query)).toBe('too-large')
    expect(await outcomeOf(query.replace(/Signature=.*/, 'Signature=AAAA'))).toBe(
      'signature-mismatch',
    )
  })

  it.each([
    ['not base64', async () => 'a', 'not-base64'],
    ['nothing', async () => '', 'malformed-binding'],
    ['no compressed data', async () => 'AAAA', 'malformed-binding'],
    ['no XML', () => deflated('hello'), 'malformed-xml'],
    ['no UTF-8', () => deflated(Uint8Array.of(0x3c, 0xff, 0x2f, 0x3e)), 'malformed-xml'],
  ])('is refused when it is %s, though signed', async (_, make, reason) => {
    expect(await outcomeOf(await signedBase64(idp, await make()))).toBe(reason)
  })
})

describe('what has come', () => {
  it('is told by the name of its parameter', async () => {
    const parameterOf = (from: Parameters<typeof readParameter>[0]) => {
      const read = readParameter(from)
      return read.ok ? read.value : read.error.reason
    }
    for (const binding of ['redirect', 'post'] as const) {
      const [request, response] = [
        await received(binding, requestXml()),
        await received(binding, responseXml()),
      ]
      if (request.binding === 'soap' || response.binding === 'soap') throw new Error('not by SOAP')
      expect(parameterOf(request)).toBe('SAMLRequest')
      expect(parameterOf(response)).toBe('SAMLResponse')
    }
    expect(parameterOf({ binding: 'post', body: '' })).toBe('malformed-binding')
    expect(parameterOf({ binding: 'redirect', query: '?x=1' })).toBe('malformed-binding')
  })

  it('is a form whose fields are there once', async () => {
    const form = postedForm('<a/>')
    const bodies = [`${form}&${form}`, `${form}&x=1&x=2`, `${form}&SAMLResponse=a`, 'x=1']
    for (const body of bodies) {
      expect(await outcome({ binding: 'post', body })).toBe('malformed-binding')
    }
    expect(await outcome({ binding: 'post', body: form })).toBe('not-a-logout-message')
    const long = postedForm('<a/>', 'SAMLRequest', 'a'.repeat(2001))
    expect(await outcome({ binding: 'post', body: long })).toBe('malformed-binding')
  })
})
