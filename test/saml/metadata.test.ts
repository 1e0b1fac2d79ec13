import { beforeAll, describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { utf8 } from '../../src/lib/bytes.ts'
import { toBase64Der } from '../../src/saml/certificate.ts'
import { parseIdpMetadata } from '../../src/saml/metadata/idp.ts'
import { explainMetadataError, type MetadataError } from '../../src/saml/metadata/error.ts'
import {
  entities,
  ENTITY,
  entity,
  key,
  newCertificate,
  redirect,
  role,
  sso,
} from '../support/idp-metadata.ts'

const files = import.meta.glob('../vectors/responses/metadata/*.xml', {
  query: '?raw',
  eager: true,
  import: 'default',
})
const now = new Date('2026-11-24T12:00:00Z')
let certificate = ''
let another = ''

beforeAll(async () => {
  certificate = await newCertificate()
  another = await newCertificate()
})

const signer = (attributes = '') => role(key(certificate) + redirect, attributes)
const withSso = (...services: readonly string[]) =>
  entity(role(key(certificate) + services.join('')))
const withEnd = (end: string) => ` validUntil="${end}"`
const idp = (id = ENTITY): string => entity(signer(), id)
const sp = entity('<md:SPSSODescriptor/>', 'https://sp.example.com')

const parse = (xml: string | Uint8Array, entityId: string | null = null) =>
  parseIdpMetadata(xml, { entityId, now })
function accepted(xml: string, entityId: string | null = null) {
  const parsed = parse(xml, entityId)
  if (!parsed.ok) throw new Error(explainMetadataError(parsed.error))
  return parsed.value
}
function refusal(xml: string | Uint8Array, entityId: string | null = null): MetadataError {
  const parsed = parse(xml, entityId)
  if (parsed.ok) throw new Error('it was accepted')
  return parsed.error
}

describe('metadata of real identity providers', () => {
  it.each([
    ['ssp', 'http://ssp.localhost:8101/idp', 'http://ssp.localhost:8101/saml2/idp/SSOService.php'],
    ['samlp', 'http://samlp.localhost:8103/metadata', 'http://samlp.localhost:8103/sso'],
    ['lasso', 'http://lasso.localhost:8109/metadata', 'http://lasso.localhost:8109/sso'],
    [
      'saml-idp',
      'http://samlidp.localhost:8107/metadata',
      'http://samlidp.localhost:8107/saml/sso',
    ],
  ])('reads that of %s', (name, entityId, url) => {
    const metadata = accepted(files[`../vectors/responses/metadata/${name}.xml`] ?? '')
    expect(metadata.entityId).toBe(entityId)
    expect(metadata.sso).toEqual({ redirect: url, post: url })
    expect(metadata.certificates.map(({ subject }) => subject)).toEqual(['idp.lab.test'])
    expect(metadata.unreadableCertificates).toEqual([])
    expect(metadata.wantsSignedRequests).toBe(false)
    expect(metadata.validUntil).toBeNull()
    expect(metadata.nameIdFormats).toContain('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent')
  })
})

describe('the certificates of an IdP', () => {
  it('are those for signing and those for anything, each once, in order', () => {
    const keys = [key(another), key(certificate, null), key(another, null)].join('')
    const { certificates } = accepted(entity(role(keys + redirect)))
    expect(certificates.map(toBase64Der)).toEqual([another, certificate])
  })

  it('are not those for encryption', () => {
    const keys = key(another, 'encryption') + key(certificate)
    const { certificates } = accepted(entity(role(keys + redirect)))
    expect(certificates.map(toBase64Der)).toEqual([certificate])
  })

  it('are not those of its other roles', () => {
    const other = `<md:SPSSODescriptor>${key(another)}</md:SPSSODescriptor>`
    const { certificates } = accepted(entity(other + signer()))
    expect(certificates.map(toBase64Der)).toEqual([certificate])
  })

  it('may be wrapped in lines, with blanks before and after', () => {
    const wrapped = `\n      ${certificate.replaceAll(/(.{64})/g, '$1\n      ')}\n    `
    const { certificates } = accepted(entity(role(key(wrapped) + redirect)))
    expect(certificates.map(toBase64Der)).toEqual([certificate])
  })

  it('are told when one of them cannot be read', () => {
    const keys = key('bm90IGEgY2VydGlmaWNhdGU=') + key(certificate) + key('%%%')
    const metadata = accepted(entity(role(keys + redirect)))
    expect(metadata.certificates.map(toBase64Der)).toEqual([certificate])
    expect(metadata.unreadableCertificates).toEqual(['not-a-certificate', 'not-base64'])
  })

  it('must be there, readable and for signing', () => {
    const bare = entity(role(redirect))
    expect(refusal(bare)).toEqual({ reason: 'no-certificate', entityId: ENTITY, faults: [] })
    expect(refusal(entity(role(key(certificate, 'encryption') + redirect)))).toEqual({
      reason: 'no-certificate',
      entityId: ENTITY,
      faults: [],
    })
    expect(refusal(entity(role(key('AAAA') + redirect)))).toEqual({
      reason: 'no-certificate',
      entityId: ENTITY,
      faults: ['not-a-certificate'],
    })
  })
})

describe('the Name ID formats', () => {
  it('are told without blanks, and without the empty ones', () => {
    const format = (text: string) => `<md:NameIDFormat>${text}</md:NameIDFormat>`
    const formats = [' urn:x\n', '', '  ', 'urn:y'].map(format).join('')
    const { nameIdFormats } = accepted(entity(role(key(certificate) + formats + redirect)))
    expect(nameIdFormats).toEqual(['urn:x', 'urn:y'])
  })
})

describe('where people sign in', () => {
  it('is told for each binding', () => {
    const post = sso('HTTP-POST', 'https://idp.example.com/post')
    expect(accepted(withSso(post)).sso).toEqual({
      redirect: null,
      post: 'https://idp.example.com/post',
    })
    expect(accepted(withSso(post, redirect)).sso).toEqual({
      redirect: 'https://idp.example.com/sso',
      post: 'https://idp.example.com/post',
    })
  })

  it('is refused over other bindings alone, and they are named', () => {
    const soap = sso('SOAP', 'https://idp.example.com/soap')
    expect(refusal(withSso(soap))).toEqual({
      reason: 'no-sso-endpoint',
      entityId: ENTITY,
      offered: [
        {
          binding: 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP',
          location: 'https://idp.example.com/soap',
        },
      ],
    })
  })

  it('is refused over HTTP-Artifact alone, and that is said', () => {
    const artifact = sso('HTTP-Artifact', 'https://idp.example.com/artifact')
    const error = refusal(withSso(artifact))
    expect(error).toEqual({ reason: 'artifact-only', entityId: ENTITY })
    expect(explainMetadataError(error)).toContain('HTTP-Artifact')
    expect(accepted(withSso(artifact, redirect)).sso.redirect).not.toBeNull()
  })

  it('may stand in white space, as every anyURI does, the binding too', () => {
    const service = `<md:SingleSignOnService Binding="&#10; urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect " Location=" https://idp.example.com/sso&#9;"/>`
    expect(accepted(withSso(service)).sso.redirect).toBe('https://idp.example.com/sso')
    const spaced = entity(signer(), ` ${ENTITY}\n`)
    expect(accepted(spaced).entityId).toBe(ENTITY)
    expect(accepted(spaced, ENTITY).entityId).toBe(ENTITY)
  })

  it.each([
    ['https://idp.example.com/a?b=c&d=%2f#', 'https://idp.example.com/a?b=c&d=%2f#'],
    ['https://IDP.example.com', 'https://IDP.example.com'],
    ['https://idp.example.com/größe', 'https://idp.example.com/gr%C3%B6%C3%9Fe'],
    ['https://idp.example.com/a b', 'https://idp.example.com/a%20b'],
    ['https://idp.example.com/\u009b31m\u202e', 'https://idp.example.com/%C2%9B31m%E2%80%AE'],
  ])('is a URI, as a browser makes one of it: %j', (location, url) => {
    const escaped = location.replaceAll('&', '&amp;')
    expect(accepted(withSso(sso('HTTP-Redirect', escaped))).sso.redirect).toBe(url)
  })

  it('is shown where it is of the right binding and no http(s) URL', () => {
    const sentence = explainMetadataError(refusal(withSso(sso('HTTP-Redirect', 'ftp://x.test'))))
    expect(sentence).toContain('bindings:HTTP-Redirect" at "ftp://x.test"')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', '/sso', ''])('is never %j', (location) => {
    expect(refusal(withSso(sso('HTTP-Redirect', location)))).toMatchObject({
      reason: 'no-sso-endpoint',
    })
  })
})

describe('refused metadata', () => {
  it.each([
    ['an entity of another namespace', '<EntityDescriptor xmlns="urn:x"/>', '"urn:x"; it must be'],
    [
      'a part of an entity',
      entity('').replaceAll('EntityDescriptor', 'Organization'),
      'The root element is Organization; it must be EntityDescriptor',
    ],
    [
      'an IdP of SAML 1.1',
      entity('<md:IDPSSODescriptor protocolSupportEnumeration="urn:x  urn:y"/>'),
      'only "urn:x", "urn:y"',
    ],
  ])('is told what differs: %s', (_, xml, says) => {
    const sentence = explainMetadataError(refusal(xml))
    expect(sentence).toContain(says)
  })

  it('is told what differs: an entity that looks the same', () => {
    const sentence = explainMetadataError(refusal(idp('https://idp.ex\u0430mple.com'), ENTITY))
    expect(sentence).toContain('"https://idp.ex\\u0430mple.com"')
  })
})

describe('the end of metadata', () => {
  it('is told, the earliest of all that covers the IdP', () => {
    const inner = entity(signer(), ENTITY, withEnd('2027-03-01T00:00:00Z'))
    const xml = entities(inner, withEnd('2027-02-01T00:00:00Z'))
    expect(accepted(xml).validUntil).toBe(Date.UTC(2027, 1, 1))
  })

  it.each([
    ['EntityDescriptor', () => entity(signer(), ENTITY, withEnd('2026-11-24T12:00:00Z'))],
    ['IDPSSODescriptor', () => entity(signer(withEnd('2026-11-24T12:00:00Z')))],
    ['EntitiesDescriptor', () => entities(entities(idp(), withEnd('2026-11-24T12:00:00Z')))],
  ])('is the end when the %s has passed it', (_, xml) => {
    expect(refusal(xml())).toEqual({
      reason: 'expired',
      validUntil: '2026-11-24T12:00:00.000Z',
      now: '2026-11-24T12:00:00.000Z',
    })
  })

  it.each(['tomorrow', '2027-01-01T00:00:00', '2027-02-30T00:00:00Z', ''])(
    'must be a time: %j is none',
    (end) => {
      expect(refusal(entity(signer(), ENTITY, withEnd(end)))).toEqual({
        reason: 'malformed-time',
        field: 'validUntil of EntityDescriptor',
        found: end,
      })
    },
  )

  it('of another entity does not matter', () => {
    const old = entity(signer(), 'https://old.example.com', withEnd('2020-01-01T00:00:00Z'))
    expect(accepted(entities(old + idp()), ENTITY).entityId).toBe(ENTITY)
  })
})

describe('which entity is meant', () => {
  const other = 'https://other.example.com'

  it('is clear when there is one IdP, whatever stands beside it', () => {
    expect(accepted(entities(sp + entities(idp()))).entityId).toBe(ENTITY)
  })

  it('has to be said when there are several IdPs, and they are listed', () => {
    const xml = entities(entities(idp()) + sp + idp(other))
    const error = refusal(xml)
    expect(error).toEqual({ reason: 'several-entities', entityIds: [ENTITY, other] })
    expect(explainMetadataError(error)).toContain(`\n  ${ENTITY}\n  ${other}`)
    expect(accepted(xml, other).entityId).toBe(other)
    expect(accepted(xml, ENTITY).entityId).toBe(ENTITY)
  })

  it('is refused when it is not there, also in the metadata of one', () => {
    const error = refusal(idp(), other)
    expect(error).toEqual({ reason: 'entity-not-found', wanted: other, entityIds: [ENTITY] })
    expect(refusal(entities(''), other)).toMatchObject({ entityIds: [] })
  })

  it('is refused when it is there twice', () => {
    expect(refusal(entities(idp() + idp()), ENTITY)).toEqual({
      reason: 'entity-repeated',
      entityId: ENTITY,
    })
  })

  it('is never looked for outside the entities: not in Extensions', () => {
    const hidden = `<md:Extensions>${idp('https://evil.example.com')}</md:Extensions>`
    const xml = entity(hidden + signer())
    expect(accepted(xml).entityId).toBe(ENTITY)
    expect(refusal(xml, 'https://evil.example.com')).toMatchObject({ reason: 'entity-not-found' })
  })

  it('lists a federation of thousands shortly', () => {
    const many = Array.from({ length: 30 }, (_, i) => idp(`https://${i}.example.com`))
    const told = explainMetadataError(refusal(entities(many.join(''))))
    expect(told.split('\n')).toHaveLength(22)
    expect(told).toContain('… and 10 more')
  })
})

describe('what is not the metadata of a SAML 2.0 IdP', () => {
  it.each<[string, () => string, MetadataError['reason']]>([
    ['a service provider', () => sp, 'not-an-idp'],
    ['several service providers', () => entities(sp + sp), 'no-idp'],
    ['nobody', () => entities(''), 'no-idp'],
    ['an entity without a name', () => entity(signer(), ''), 'no-entity-id'],
    [
      'an IdP of SAML 1.1',
      () => idp().replace('SAML:2.0:protocol', 'SAML:1.1:protocol'),
      'not-saml-2',
    ],
    ['an IdP that names no protocol', () => idp().replace(/protocolSup[^>]*/, ''), 'not-saml-2'],
    [
      'an IdP of two minds',
      () => entity(signer() + role(key(another) + redirect)),
      'several-roles',
    ],
    [
      'a response',
      () => '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"/>',
      'not-metadata',
    ],
    ['a page', () => '<html><body>Sign in</body></html>', 'not-metadata'],
    ['an entity in no namespace', () => `<EntityDescriptor entityID="x"/>`, 'not-metadata'],
    ['nothing', () => '', 'malformed-xml'],
    ['text', () => 'Not found', 'malformed-xml'],
    ['HTML that is no XML', () => '<!DOCTYPE html><html><br></html>', 'malformed-xml'],
    ['a document type', () => `<!DOCTYPE x [<!ENTITY a "b">]>${idp()}`, 'malformed-xml'],
    ['a processing instruction', () => `<?xml-stylesheet href="x"?>${idp()}`, 'malformed-xml'],
    [
      'a tag that does not close',
      () => idp().replace('</md:IDPSSODescriptor>', ''),
      'malformed-xml',
    ],
  ])('is refused by its reason: %s', (_, xml, reason) => {
    expect(refusal(xml()).reason).toBe(reason)
    expect(explainMetadataError(refusal(xml()))).not.toBe('')
  })

  it('is refused in another encoding', () => {
    const utf16 = Uint8Array.from([...utf8(idp())].flatMap((byte) => [byte, 0]))
    expect(refusal(utf16)).toEqual({ reason: 'malformed-xml', fault: 'not-well-formed' })
    expect(refusal(Uint8Array.of(0x3c, 0xff))).toEqual({
      reason: 'malformed-xml',
      fault: 'not-utf8',
    })
  })

  it('never throws, whatever the bytes', () => {
    const valid = utf8(entities(idp() + sp))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
        (changes) => {
          const bytes = valid.slice()
          for (const [at, byte] of changes) bytes[at] = byte
          expect(typeof parse(bytes).ok).toBe('boolean')
        },
      ),
    )
  })
})

it.each([
  ['true', true],
  ['1', true],
  ['false', false],
])('notices whether an IdP wants requests signed: %s', (wants, isNoticed) => {
  const { wantsSignedRequests } = accepted(entity(signer(` WantAuthnRequestsSigned="${wants}"`)))
  expect(wantsSignedRequests).toBe(isNoticed)
})
