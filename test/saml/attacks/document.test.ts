/** What is no XML that Gatehouse reads, or no message of the binding. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, encodeBase64, utf8 } from '../../../src/lib/bytes.ts'
import { openResponse } from '../../../src/saml/index.ts'
import { limits, parseXml } from '../../../src/saml/xml/reader.ts'
import { toPosted } from '../../../tools/signing/saml-signer.ts'
import { FORGED, expected, options, outcomeOf, ownSeed, seeds } from './stage.ts'

const genuine = (await ownSeed('assertion')).xml
const accepted = `accepted as ${options.nameId}`
const faultOf = (xml: string | Uint8Array) => {
  const read = parseXml(typeof xml === 'string' ? utf8(xml) : xml)
  return read.ok ? 'read' : read.error
}

describe('DOCTYPE', () => {
  it.each([
    ['doctype-plain', '<!DOCTYPE x>'],
    ['doctype-entity', `<!DOCTYPE x [<!ENTITY e "${FORGED}">]>`],
    ['doctype-xxe-file', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'],
    ['doctype-xxe-http', '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]>'],
    ['doctype-xxe-param', '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/">%e;]>'],
    ['doctype-external-subset', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'],
    [
      'doctype-billion-laughs',
      `<!DOCTYPE x [<!ENTITY a "aa">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "&a;&a;">`).join('')}]>`,
    ],
    ['doctype-attlist-default-id', '<!DOCTYPE x [<!ATTLIST saml:Assertion ID CDATA "x">]>'],
    ['doctype-attlist-xmlns', '<!DOCTYPE x [<!ATTLIST saml:Assertion xmlns:x CDATA "urn:x">]>'],
    ['doctype-roundtrip-quote', `<!DOCTYPE x SYSTEM '"><x y="'>`],
    ['doctype-redefines-lt', '<!DOCTYPE x [<!ENTITY lt "v">]>'],
  ])('%s is refused', async (_, doctype) => {
    expect(faultOf(doctype + genuine)).toBe('doctype')
    expect(await outcomeOf(doctype + genuine, expected)).toBe('malformed-xml')
    expect(await outcomeOf(`<?xml version="1.0"?>\n${doctype}${genuine}`, expected)).toBe(
      'malformed-xml',
    )
  })
})

describe('well-formedness', () => {
  it.each([
    ['nul-byte', genuine.replace('zoe', 'z\u0000oe')],
    ['control-char', genuine.replace('zoe', 'z\u000boe')],
    ['charref-nul', genuine.replace('zoe', 'z&#0;oe')],
    ['charref-surrogate', genuine.replace('zoe', 'z&#xD800;oe')],
    ['charref-huge', genuine.replace('zoe', 'z&#x110000;oe')],
    ['undefined-entity', genuine.replace('zoe', 'z&nbsp;oe')],
    ['bare-ampersand', genuine.replace('zoe', 'z & oe')],
    ['duplicate-attribute', genuine.replace('Version="2.0"', 'Version="2.0" Version="2.0"')],
    [
      'duplicate-attribute-ns',
      genuine.replace(
        'Version="2.0"',
        'Version="2.0" xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2"',
      ),
    ],
    ['unbound-prefix', genuine.replace('<saml:NameID', '<none:NameID')],
    ['xmlns-rebind-xml', genuine.replace('Version="2.0"', 'Version="2.0" xmlns:xml="urn:x"')],
    ['xmlns-empty-prefix', genuine.replace('Version="2.0"', 'Version="2.0" xmlns:p=""')],
    ['attr-lt', genuine.replace('Version="2.0"', 'Version="2.0" a="<"')],
    ['trailing-text', `${genuine}x`],
    ['two-decls', `<?xml version="1.0"?><?xml version="1.0"?>${genuine}`],
    ['leading-space-decl', ` <?xml version="1.0"?>${genuine}`],
    ['colon-names', genuine.replace('Version="2.0"', 'Version="2.0" :a="1"')],
    ['comment-double-dash', genuine.replace('zoe', '<!-- a -- b -->zoe')],
    ['unclosed-comment', genuine.replace('zoe', '<!-- zoe')],
    ['cdata-end-in-text', genuine.replace('zoe', 'z]]>oe')],
    ['mismatched-end-tag', genuine.replace('</saml:NameID>', '</saml:nameID>')],
    ['unclosed-root', genuine.replace('</samlp:Response>', '')],
    ['multiple-roots', genuine + genuine],
    [
      'a local name that begins with a digit',
      genuine.replace('Version="2.0"', 'Version="2.0" xmlns:p="urn:x" p:1="1"'),
    ],
    [
      'a prefix that begins with a digit',
      genuine.replace('Version="2.0"', 'Version="2.0" xmlns:1="urn:x"'),
    ],
    ['two byte order marks', `\uFEFF\uFEFF${genuine}`],
    ['an unquoted attribute', genuine.replace('Version="2.0"', 'Version=2.0')],
    ['nothing', ''],
  ])('%s is refused', (_, xml) => {
    expect(faultOf(xml)).toMatch(/^(not-well-formed|processing-instruction)$/)
  })

  it.each([
    ['trailing-comment', `${genuine}<!-- x -->`],
    ['a declaration', `<?xml version="1.0" encoding="utf-8" standalone="no"?>${genuine}`],
    ['a byte order mark', `\uFEFF${genuine}`],
    ['cdata-nameid', genuine.replace(options.nameId, `<![CDATA[${options.nameId}]]>`)],
    [
      'cdata-split-nameid',
      genuine.replace(options.nameId, `<![CDATA[zoe]]>${options.nameId.slice(3)}`),
    ],
    ['charref-nameid', genuine.replace(options.nameId, `&#122;oe${options.nameId.slice(3)}`)],
    ['single quotes', genuine.replace('Version="2.0"', "Version='2.0'")],
    ['ok-crlf-lineends', genuine.replace('<samlp:Status>', '\r\n<samlp:Status>')],
  ])('%s changes nothing that was signed', async (_, xml) => {
    expect(await outcomeOf(xml, expected)).toBe(accepted)
  })

  it.each([
    ['pi-nameid', genuine.replace('zoe', '<?x?>zoe'), 'processing-instruction'],
    ['pi-swallows', genuine.replace('zoe', '<?x not-?>zoe'), 'processing-instruction'],
    ['a PI before the root', `<?x y?>${genuine}`, 'processing-instruction'],
    ['xml11', `<?xml version="1.1"?>${genuine}`, 'declaration'],
    ['encoding-utf7-decl', `<?xml version="1.0" encoding="UTF-7"?>${genuine}`, 'declaration'],
    [
      'encoding-latin1-decl',
      `<?xml version="1.0" encoding="ISO-8859-1"?>${genuine}`,
      'declaration',
    ],
    ['utf16 declared', `<?xml version="1.0" encoding="UTF-16"?>${genuine}`, 'declaration'],
    [
      'relative-namespace',
      genuine.replace('Version="2.0"', 'Version="2.0" xmlns:p="x"'),
      'namespace-uri',
    ],
    [
      'a namespace that is no URI',
      genuine.replace('Version="2.0"', 'Version="2.0" xmlns:p="urn:a>b"'),
      'namespace-uri',
    ],
    ...[' ', '\t', '&#xD;', '\u00a0', '\uFEFF'].map((blank): [string, string, string] => [
      `a namespace that is SAML's but for ${JSON.stringify(blank)}`,
      genuine.replaceAll(/(xmlns:saml="[^"]*)"/g, `$1${blank}"`),
      'namespace-uri',
    ]),
  ])('%s is refused', (_, xml, fault) => {
    expect(faultOf(xml)).toBe(fault)
  })
})

describe('encoding', () => {
  const bytes = utf8(genuine)

  it.each([
    ['invalid-utf8', concatBytes(bytes.slice(0, 200), Uint8Array.of(0xff), bytes.slice(200))],
    [
      'overlong-utf8',
      concatBytes(bytes.slice(0, 200), Uint8Array.of(0xc0, 0xbc), bytes.slice(200)),
    ],
    [
      'a surrogate in UTF-8',
      concatBytes(bytes.slice(0, 200), Uint8Array.of(0xed, 0xa0, 0x80), bytes.slice(200)),
    ],
  ])('%s is refused', (_, text) => {
    expect(faultOf(text)).toBe('not-utf8')
  })

  it('encoding-utf16 is refused', () => {
    const utf16 = Uint8Array.from([
      0xff,
      0xfe,
      ...Array.from(genuine, (c) => [c.charCodeAt(0), 0]).flat(),
    ])
    expect(faultOf(utf16)).toBe('not-utf8')
  })
})

describe('resources', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)

  it.each([
    ['deep-nesting', nested(100_000), 'too-deep'],
    ['one level too deep', nested(limits.depth + 1), 'too-deep'],
    [
      'deep-namespaces',
      Array.from({ length: 20_000 }, (_, i) => `<a xmlns:p${i}="urn:${i}">`).join(''),
      'too-deep',
    ],
    [
      'many-attributes',
      `<a ${Array.from({ length: 40_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      'too-many-attributes',
    ],
    [
      'many-namespaces',
      `<a ${Array.from({ length: 20_000 }, (_, i) => `xmlns:p${i}="urn:x"`).join(' ')}/>`,
      'too-many-attributes',
    ],
    ['many nodes', `<a>${'<b/>'.repeat(limits.nodes + 1)}</a>`, 'too-many-nodes'],
    ['too large', `<a>${'x'.repeat(limits.bytes)}</a>`, 'too-large'],
    [
      'too large in bytes, not in characters',
      `<a>${'é'.repeat(limits.bytes / 2)}</a>`,
      'too-large',
    ],
  ])('%s is refused', (_, xml, fault) => {
    expect(faultOf(xml)).toBe(fault)
  })

  it('takes what is just within the depth', () => {
    expect(faultOf(nested(limits.depth))).toBe('read')
  })
})

describe('transport', () => {
  const reasonOf = async (posted: string) => {
    const opened = await openResponse(posted, expected)
    return opened.ok ? 'accepted' : opened.error.reason
  }

  it.each([
    [
      'transport-b64-garbage',
      `${toPosted(genuine).slice(0, 8)}*${toPosted(genuine).slice(8)}`,
      'not-base64',
    ],
    ['transport-plain-xml', genuine, 'not-base64'],
    [
      'base64url',
      toPosted(genuine).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
      'not-base64',
    ],
    ['transport-double-base64', encodeBase64(utf8(toPosted(genuine))), 'malformed-xml'],
    ['nothing', '', 'malformed-xml'],
    ['too long', 'A'.repeat(limits.bytes * 2), 'too-large'],
  ])('%s is refused', async (_, posted, reason) => {
    expect(await reasonOf(posted)).toBe(reason)
  })

  it('transport-deflated-response is refused', async () => {
    const stream = new Blob([utf8(genuine)])
      .stream()
      .pipeThrough(new CompressionStream('deflate-raw'))
    const deflated = new Uint8Array(await new Response(stream).arrayBuffer())
    expect(await reasonOf(encodeBase64(deflated))).toBe('malformed-xml')
  })

  it('takes wrapped base64', async () => {
    expect(await reasonOf(toPosted(genuine).replace(/.{76}/g, '$&\r\n'))).toBe('accepted')
  })
})

describe('message type and names', () => {
  it.each([
    [
      'response-renamed-logoutresponse',
      genuine.replaceAll('samlp:Response', 'samlp:LogoutResponse'),
      'not-a-response',
    ],
    [
      'another namespace',
      genuine.replace('SAML:2.0:protocol', 'SAML:1.0:protocol'),
      'not-a-response',
    ],
    [
      'assertion-in-no-namespace',
      genuine.replace('<samlp:Status>', '<Assertion xmlns=""/><samlp:Status>'),
      'unexpected-element',
    ],
    [
      'assertion-in-other-namespace',
      genuine.replace(
        '<samlp:Status>',
        '<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/><samlp:Status>',
      ),
      'unexpected-element',
    ],
    [
      'id-pollution-prefixed',
      genuine.replace('ID="_assertion"', 'ID="_x" samlp:ID="_assertion"'),
      'reference-not-parent',
    ],
    ['id-xml-id', genuine.replace('ID="_assertion"', 'xml:id="_assertion"'), 'invalid-id'],
    ['id-case-Id', genuine.replace('ID="_assertion"', 'Id="_assertion"'), 'invalid-id'],
    ['id-case-id', genuine.replace('ID="_assertion"', 'id="_assertion"'), 'invalid-id'],
    ['id-case-iD', genuine.replace('ID="_assertion"', 'iD="_assertion"'), 'invalid-id'],
    [
      'an ID twice in two spellings',
      genuine.replace('<saml:Subject>', '<saml:Subject Id="_assertion">'),
      'duplicate-id',
    ],
    [
      'an ID twice, once as xml:id where no signature is over it',
      genuine.replace('<ds:SignatureValue>', '<ds:SignatureValue xml:id="_assertion">'),
      'duplicate-id',
    ],
    [
      'tamper-prefixes-rewritten',
      genuine.replaceAll('saml:', 's:').replaceAll('xmlns:saml=', 'xmlns:s='),
      'digest-mismatch',
    ],
  ])('%s is refused', async (_, xml, reason) => {
    expect(await outcomeOf(xml, expected)).toBe(reason)
  })
})

describe('whatever comes', () => {
  it('never throws on any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), async (text) => {
        expect((await openResponse(text, expected)).ok).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('never throws on, and never takes a forged name from, a mutant of a genuine response', async () => {
    const mutation = fc.record({
      seed: fc.constantFrom(...seeds),
      at: fc.nat(20_000),
      length: fc.nat(40),
      added: fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom(
          '<!-- x -->',
          '<a/>',
          '</a>',
          '&#65;',
          ' xmlns:p="urn:x"',
          '<![CDATA[x]]>',
          FORGED,
        ),
      ),
    })
    await fc.assert(
      fc.asyncProperty(mutation, async ({ seed, at, length, added }) => {
        const from = at % seed.xml.length
        const mutant = seed.xml.slice(0, from) + added + seed.xml.slice(from + length)
        const outcome = await outcomeOf(mutant, seed.expect)
        if (outcome.startsWith('accepted')) expect(outcome).toBe(`accepted as ${seed.nameId}`)
      }),
      { numRuns: 1500 },
    )
  })
})
