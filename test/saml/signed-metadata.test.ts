/** Metadata §2 and §3: whose signature counts, what it covers, and documents of any size. */
import { beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { parseCertificate, toBase64Der, type Certificate } from '../../src/saml/certificate.ts'
import { explainMetadataError } from '../../src/saml/metadata/error.ts'
import { readSignedMetadata, type MetadataTrust } from '../../src/saml/signed-metadata.ts'
import { createCanonicalWriter, canonicalize } from '../../src/saml/xml/c14n.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import {
  createTestIdp,
  EXC_C14N,
  signatureFor,
  transform,
  type SignOptions,
  type TestIdp,
} from '../../tools/signing/saml-signer.ts'
import { federation, idOf, inPieces, keyInfoOf } from '../support/federation.ts'
import {
  ENTITY,
  entities,
  entity,
  key,
  newCertificate,
  redirect,
  role,
} from '../support/idp-metadata.ts'

const now = toInstant(Date.UTC(2026, 10, 25, 12))
const trustNobody: MetadataTrust = { pinned: null, known: [] }
let publisher: TestIdp
let stranger: TestIdp
let der: string

beforeAll(async () => {
  publisher = await createTestIdp()
  stranger = await createTestIdp()
  der = await newCertificate()
})

const certificateOf = (idp: TestIdp): Certificate => {
  const parsed = parseCertificate(idp.certificate)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const pinned = (idp: TestIdp): MetadataTrust => ({ pinned: certificateOf(idp), known: [] })

const read = async (
  document: string | Uint8Array | AsyncIterable<Uint8Array>,
  trust = trustNobody,
  entityId: string | null = null,
) => {
  const pieces =
    typeof document === 'string' || document instanceof Uint8Array
      ? inPieces(typeof document === 'string' ? utf8(document) : document, 7)
      : document
  return readSignedMetadata(pieces, { entityId, now }, trust)
}

const faultOf = async (...given: Parameters<typeof read>) => {
  const result = await read(...given)
  if (result.ok) throw new Error(`it was read, with ${result.value.metadata.entityId}`)
  expect(explainMetadataError(result.error)).toMatch(/^[A-Z"].+\.?/)
  const { reason } = result.error
  return result.error.reason === 'signature' ? `signature: ${result.error.fault.reason}` : reason
}
const signerOf = async (...given: Parameters<typeof read>) => {
  const result = await read(...given)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value.signer && toBase64Der(result.value.signer)
}

/** Puts the signature of the element with this ID behind the element's start tag. */
async function signed(xml: string, id: string, by: TestIdp, options: SignOptions = {}) {
  const signature = await signatureFor(xml, id, by, { keyInfo: keyInfoOf(by), ...options })
  const at = xml.indexOf('>', xml.indexOf(`ID="${id}"`)) + 1
  return xml.slice(0, at) + signature + xml.slice(at)
}
const inner = () => role(key(der) + redirect)
const one = (more = '') => entity(inner(), ENTITY, ` ID="_one"${more}`)
const many = (more = '') =>
  entities(
    `${entity(inner())}\n${entity(inner(), 'https://other.example.com')}`,
    ` ID="_all"${more}`,
  )

describe('a signature over metadata', () => {
  it('is told with the certificate that made it, and its absence too', async () => {
    expect(await signerOf(one())).toBeNull()
    expect(await signerOf(many(), trustNobody, ENTITY)).toBeNull()
    expect(await signerOf(await signed(one(), '_one', publisher))).toBe(publisher.certificate)
    const all = await signed(many(), '_all', publisher)
    expect(await signerOf(all, trustNobody, ENTITY)).toBe(publisher.certificate)
  })

  it('of the entity counts where the document has none', async () => {
    const xml = entities(await signed(one(), '_one', publisher))
    expect(await signerOf(xml, pinned(publisher), ENTITY)).toBe(publisher.certificate)
    expect(await faultOf(xml, pinned(stranger), ENTITY)).toBe('signature: signature-mismatch')
  })

  it('must be by the pinned certificate, whatever certificate it names', async () => {
    for (const [xml, wanted] of [
      [await signed(one(), '_one', publisher), null],
      [await signed(many(), '_all', publisher), ENTITY],
    ] as const) {
      expect(await signerOf(xml, pinned(publisher), wanted)).toBe(publisher.certificate)
      expect(await faultOf(xml, pinned(stranger), wanted)).toBe('signature: signature-mismatch')
    }
    const lying = await signed(one(), '_one', stranger, { keyInfo: keyInfoOf(publisher) })
    expect(await faultOf(lying, pinned(publisher))).toBe('signature: signature-mismatch')
    expect(await faultOf(lying)).toBe('signature: signature-mismatch')
  })

  it('is wanted where a certificate is pinned', async () => {
    expect(await faultOf(one(), pinned(publisher))).toBe('signature: unsigned')
    expect(await faultOf(many(), pinned(publisher), ENTITY)).toBe('signature: unsigned')
  })

  it('by a known key is told as that key, without a certificate in the document', async () => {
    const xml = await signed(one(), '_one', publisher, { keyInfo: '' })
    const known = [certificateOf(stranger), certificateOf(publisher)]
    expect(await signerOf(xml, { pinned: null, known })).toBe(publisher.certificate)
    expect(await faultOf(xml)).toBe('signature: no-certificate')
    expect(await faultOf(xml, { pinned: null, known: known.slice(0, 1) })).toBe(
      'signature: signature-mismatch',
    )
  })

  it('covers all: any change of the document is noticed', async () => {
    for (const [xml, wanted] of [
      [await signed(one(), '_one', publisher), null],
      [await signed(many(), '_all', publisher), ENTITY],
      [await signed(many(), '_all', publisher), 'https://other.example.com'],
    ] as const) {
      for (const [from, to] of [
        ['example.com/sso', 'evil.example/sso'],
        ['</md:IDPSSODescriptor>', '</md:IDPSSODescriptor><x/>'],
        ['protocolSupportEnumeration', 'cacheDuration="P1D" protocolSupportEnumeration'],
      ] as const) {
        const changed = xml.replace(from, to)
        expect(changed).not.toBe(xml)
        expect(await faultOf(changed, trustNobody, wanted)).toBe('signature: digest-mismatch')
      }
    }
  })

  it('covers entities that are added, removed or moved', async () => {
    const xml = await signed(many(), '_all', publisher)
    const [first = '', second = ''] =
      xml.match(/<md:EntityDescriptor.*?<\/md:EntityDescriptor>/gs) ?? []
    for (const changed of [
      xml.replace(second, ''),
      xml.replace(`${first}\n${second}`, `${second}\n${first}`),
      xml.replace(second, second + entity(inner(), 'https://third.example.com')),
      xml.replace('\n', ''),
    ]) {
      expect(changed).not.toBe(xml)
      expect(await faultOf(changed, pinned(publisher), ENTITY)).toBe('signature: digest-mismatch')
    }
  })

  it('is no excuse for what is wrapped around it: only what it covers is read', async () => {
    const genuine = await signed(one(), '_one', publisher)
    const evil = entity(role(key(stranger.certificate) + redirect), ENTITY, ' ID="_evil"')
    // The genuine entity as a child of the evil one, and the signature moved to the evil one.
    const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(genuine)?.[0] ?? ''
    const wrapped = evil.replace('>', `>${signature}<md:Extensions>${genuine}</md:Extensions>`)
    expect(await faultOf(wrapped, pinned(publisher))).toBe('signature: reference-not-parent')
    const sameId = wrapped.replace('ID="_evil"', 'ID="_one"')
    expect(await faultOf(sameId, pinned(publisher))).toBe('signature: digest-mismatch')
    // The genuine entity beside the evil one of the same entity ID, in a document that nobody signed.
    for (const both of [evil + genuine, genuine + evil]) {
      expect(await faultOf(entities(both), pinned(publisher), ENTITY)).toBe('signature: unsigned')
      expect(await faultOf(entities(both), trustNobody, ENTITY)).toBe('entity-repeated')
    }
    // A signed entity inside the Extensions of an unsigned document is no entity of the document.
    const hidden = entities(`<md:Extensions>${genuine}</md:Extensions>`)
    expect(await faultOf(hidden, pinned(publisher), ENTITY)).toBe('entity-not-found')
  })

  it('does not make metadata of what is none', async () => {
    const sp = entity('<md:SPSSODescriptor/>', ENTITY, ' ID="_one"')
    expect(await faultOf(await signed(sp, '_one', publisher), pinned(publisher))).toBe('not-an-idp')
  })

  it('that names a certificate which cannot be read is by nobody', async () => {
    const keyInfo = keyInfoOf(publisher).replace(publisher.certificate, 'bm90IG9uZQ==')
    const xml = await signed(one(), '_one', publisher, { keyInfo })
    expect(await faultOf(xml)).toBe('signature: no-certificate')
    const known = [certificateOf(publisher)]
    expect(await signerOf(xml, { pinned: null, known })).toBe(publisher.certificate)
  })

  it('is none where an element only looks like one', async () => {
    const ds = 'http://www.w3.org/2000/09/xmldsig#'
    for (const other of [
      '<x:Signature xmlns:x="urn:x"/>',
      `<ds:Object xmlns:ds="${ds}"/>`,
      '<Signature xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
    ]) {
      const xml = entities(other + entity(inner()))
      expect(await signerOf(xml, trustNobody, ENTITY), other).toBeNull()
    }
  })

  it('of an aggregate is of its document element alone, and comes first', async () => {
    const xml = await signed(many(), '_all', publisher)
    const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''
    const bare = xml.replace(signature, '')
    const last = bare.replace('</md:EntitiesDescriptor>', `${signature}</md:EntitiesDescriptor>`)
    expect(await faultOf(last, pinned(publisher), ENTITY)).toBe('signature: malformed-signature')
    const twice = xml.replace(signature, signature + signature)
    expect(await faultOf(twice, pinned(publisher), ENTITY)).toMatch(
      /^signature: (several-signatures|malformed-signature)$/,
    )
    const nested = entities(xml, ' ID="_outer"')
    expect(await faultOf(nested, pinned(publisher), ENTITY)).toBe('signature: unsigned')
  })

  it('by SHA-1, or by more than exclusive canonicalization, is refused', async () => {
    const sha1 = await signed(many(), '_all', publisher, {
      digestMethod: 'http://www.w3.org/2000/09/xmldsig#sha1',
    })
    expect(await faultOf(sha1, pinned(publisher), ENTITY)).toBe('signature: sha1-not-allowed')
    const xpath = await signed(many(), '_all', publisher, {
      transforms: transform('http://www.w3.org/TR/1999/REC-xpath-19991116'),
    })
    expect(await faultOf(xpath, pinned(publisher), ENTITY)).toBe(
      'signature: transforms-not-allowed',
    )
  })

  it('with a PrefixList is verified, in an aggregate too', async () => {
    const list = `<InclusiveNamespaces xmlns="${EXC_C14N}" PrefixList="md xs #default"/>`
    const xml = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="_all">${entity(inner())}</md:EntitiesDescriptor>`
    const element = parseXml(utf8(xml))
    if (!element.ok) throw new Error(element.error)
    const hashed = canonicalize(element.value, {
      withComments: false,
      inclusivePrefixes: ['md', 'xs', ''],
      omit: null,
    })
    expect(hashed).toContain('XMLSchema')
    const document = await signed(xml, '_all', publisher, {
      transforms:
        transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature') +
        transform(EXC_C14N, list),
      editHashed: () => hashed,
    })
    expect(await signerOf(document, pinned(publisher), ENTITY)).toBe(publisher.certificate)
  })
})

describe('the time of metadata', () => {
  it('is the earliest validUntil and the shortest cacheDuration around the IdP', async () => {
    const xml = await signed(
      entities(
        entity(
          role(key(der) + redirect, ' validUntil="2027-01-01T00:00:00Z" cacheDuration="PT6H"'),
        ),
        ' ID="_all" validUntil="2026-12-01T00:00:00Z" cacheDuration="P1DT1M"',
      ),
      '_all',
      publisher,
    )
    const result = await read(xml, pinned(publisher), ENTITY)
    expect(result.ok && result.value.metadata).toMatchObject({
      validUntil: Date.UTC(2026, 11, 1),
      cacheSeconds: 6 * 3600,
    })
  })

  it('that is over is refused, wherever it stands', async () => {
    const over = ' validUntil="2026-11-25T12:00:00Z"'
    expect(await faultOf(one(over))).toBe('expired')
    expect(await faultOf(many(over), trustNobody, ENTITY)).toBe('expired')
    const around = entities(await signed(one(), '_one', publisher), over)
    expect(await faultOf(around, pinned(publisher), ENTITY)).toBe('expired')
  })
})

describe('a document in pieces', () => {
  it('is the same wherever it is cut', async () => {
    const xml = utf8(await signed(many(), '_all', publisher))
    for (const size of [1, 2, 3, 64, 1000, xml.length]) {
      const result = await read(inPieces(xml, size), pinned(publisher), ENTITY)
      expect(result.ok && result.value.metadata.entityId).toBe(ENTITY)
    }
  })

  it('names the IdPs where none is chosen, or the chosen one is missing', async () => {
    const result = await read(many())
    expect(result).toEqual({
      ok: false,
      error: { reason: 'several-entities', entityIds: [ENTITY, 'https://other.example.com'] },
    })
    const ids = ['https://a.example', 'https://b.example', 'https://c.example']
    const three = entities(ids.map((id) => entity(inner(), id)).join(''))
    expect(await read(three)).toMatchObject({ error: { entityIds: ids } })
    expect(await read(many(), trustNobody, 'https://x.example')).toMatchObject({
      error: { reason: 'entity-not-found', entityIds: [ENTITY, 'https://other.example.com'] },
    })
    expect(await faultOf(entities(''))).toBe('no-idp')
  })

  it.each([
    ['a DOCTYPE', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'],
    [
      'an entity bomb',
      `<!DOCTYPE l [<!ENTITY a "${'x'.repeat(99)}"><!ENTITY b "&a;&a;">]><l>&b;</l>`,
    ],
    ['a web page', '<!doctype html><title>Sign in</title>'],
    ['no XML', '{"keys":[]}'],
    ['nothing', ''],
    ['half of it', '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'],
    ['a processing instruction', '<?xml-stylesheet href="x"?><x/>'],
  ])('is refused with %s in it', async (_, xml) => {
    expect(await faultOf(xml)).toBe('malformed-xml')
  })

  it('is refused when it is no UTF-8, or ends within a character', async () => {
    const xml = utf8(one().replace('</md:EntityDescriptor>', '<!--é--></md:EntityDescriptor>'))
    const at = xml.indexOf(0xc3)
    expect(await faultOf(xml.subarray(0, at + 1))).toBe('malformed-xml')
    const other = xml.slice()
    other[at] = 0xff
    expect(await faultOf(other)).toBe('malformed-xml')
    // Behind the whole document, too.
    const cut = concatBytes(utf8(many()), new Uint8Array([0xc3]))
    expect(await read(inPieces(cut), trustNobody, ENTITY)).toMatchObject({
      error: { reason: 'malformed-xml', fault: 'not-utf8' },
    })
    expect(await signerOf(xml)).toBeNull()
  })

  it('bounds what one entity may hold, in text and in elements', async () => {
    const padding = entities(entity(`<x>${'a'.repeat(1_100_000)}</x>`))
    expect(await read(inPieces(utf8(padding)))).toMatchObject({ error: { fault: 'too-large' } })
    const nodes = entities(entity('<x/>'.repeat(50_001)))
    expect(await read(inPieces(utf8(nodes)))).toMatchObject({ error: { fault: 'too-many-nodes' } })
    const deep = entities('<x>'.repeat(60) + '</x>'.repeat(60))
    expect(await read(inPieces(utf8(deep)))).toMatchObject({ error: { fault: 'too-deep' } })
    const alone = entity(`<x>${'<y/>'.repeat(50_001)}</x>`)
    expect(await read(inPieces(utf8(alone)))).toMatchObject({ error: { fault: 'too-many-nodes' } })
  })

  it('ends after 100 MB', async () => {
    const filler = utf8(`<md:EntityDescriptor entityID="https://x.example"/>${' '.repeat(900)}`)
    const block = concatBytes(...Array.from({ length: 1000 }, () => filler))
    let sent = 0
    async function* tooMuch() {
      yield utf8('<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">')
      while (sent < 110_000_000) {
        sent += block.length
        yield await Promise.resolve(block)
      }
    }
    expect(await read(tooMuch(), trustNobody, ENTITY)).toMatchObject({
      error: { reason: 'large-aggregate' },
    })
    expect(sent).toBeLessThan(102_000_000)
  })

  const large = { reason: 'large-aggregate' }
  const largeKept = { reason: 'malformed-xml', fault: 'too-large' }
  it.each([
    // Each element declares 5 KB again: 60 KB become 10 to 50 MB.
    ['in one piece, what is hashed', 5000, '<p:a/>', 60_000, large],
    ['in one piece, what is kept', 5000, '<md:EntitiesDescriptor p:a=""/>', 60_000, largeKept],
    ['in all', 500, `<p:a>${'b'.repeat(20)}</p:a>`, 12_000_000, large],
  ] as const)(
    'ends where the canonical text of small elements is too long: %s',
    async (_, length, child, most, error) => {
      const namespace = ` xmlns:p="urn:${'x'.repeat(length)}"`
      const all = await signed(entities('', ` ID="_all"${namespace}`), '_all', publisher)
      const block = utf8(child.repeat(Math.floor(60_000 / child.length)))
      let sent = 0
      async function* endless() {
        yield utf8(all.replace('</md:EntitiesDescriptor>', ''))
        while (sent < 2 * most) {
          sent += block.length
          yield await Promise.resolve(block)
        }
      }
      expect(await read(endless(), trustNobody, ENTITY)).toMatchObject({ error })
      expect(sent).toBeLessThanOrEqual(most)
    },
  )
})

describe('an EntitiesDescriptor of 10,000 identity providers', () => {
  it('gives the one that is wanted, and its signature over all of them is verified', async () => {
    const signing = { of: 7_777, certificate: der }
    const large = await federation({ entities: 10_000, signing }, publisher)
    expect(large.bytes).toBeGreaterThan(20_000_000)
    const result = await read(large.pieces(), pinned(publisher), idOf(7_777))
    if (!result.ok) throw new Error(JSON.stringify(result.error))
    expect(result.value.metadata.entityId).toBe(idOf(7_777))
    expect(result.value.metadata.certificates.map(toBase64Der)).toEqual([der])
    expect(await faultOf(large.pieces(), pinned(stranger), idOf(7_777))).toBe(
      'signature: signature-mismatch',
    )
  })

  it('is refused when one letter of another entity was changed', async () => {
    const signing = { of: 7_777, certificate: der }
    const large = await federation({ entities: 10_000, signing }, publisher, {
      edit: (body) => body.replace('University 9999 ', 'University 999X '),
    })
    expect(await faultOf(large.pieces(), pinned(publisher), idOf(7_777))).toBe(
      'signature: digest-mismatch',
    )
  })
})

describe('canonicalization while reading', () => {
  it('is that of the whole element', () => {
    const xml = `<a:r xmlns:a="urn:a" xmlns:b="urn:b" z="1" b:y="2"><!--c--> <b:c xmlns:b="urn:b2"/>t&amp;<a:d xmlns="urn:d"><e/></a:d></a:r>`
    const root = parseXml(utf8(xml))
    if (!root.ok) throw new Error(root.error)
    const options = { withComments: true, inclusivePrefixes: ['b', ''], omit: null }
    const writer = createCanonicalWriter(options)
    let text = ''
    writer.open(root.value)
    for (const child of root.value.children) {
      text += writer.take()
      writer.child(child)
    }
    writer.close()
    expect(text + writer.take()).toBe(canonicalize(root.value, options))
  })
})
