/**
 * Signed metadata (Metadata §3), by two judges: xmlsec1, which signs it here, and ours. The aggregate
 * has the shape of a real federation's: it is the one that SimpleSAMLphp tests its metarefresh with.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toInstant } from '../../src/lib/instant.ts'
import { parseCertificate, toBase64Der, type Certificate } from '../../src/saml/certificate.ts'
import { readSignedMetadata } from '../../src/saml/signed-metadata.ts'
import { serve } from '../../tools/bench/workerd.ts'
import { peakMegabytes, residentMegabytes } from '../flows/memory.ts'
import { federation, idOf, inPieces } from '../support/federation.ts'
import { newCertificate as newIdpCertificate } from '../support/idp-metadata.ts'
import { newCertificate } from './idp.ts'
import { xmlsecSign, xmlsecVerdict, type Signer } from './xmlsec.ts'

const SHAPE = '/usr/share/simplesamlphp/modules/metarefresh/tests/testmetadata.xml'
const ENTITY = 'https://idp.example.com/idp/shibboleth'
/** xmlsec1 writes letters beyond ASCII as references. */
const OTHER = /z\S+rich(?=\.example\.org)/
const DS = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** What Cloudflare gives a Worker in all. */
const MOST_MEGABYTES = 128

interface Party extends Signer {
  readonly certificate: Certificate
}

let directory: string
let publisher: Party
let stranger: Party
/** The aggregate without its signature, and one of its entities as a document of its own. */
let aggregate: string
let single: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-metadata-'))
  publisher = await newParty('publisher')
  stranger = await newParty('stranger')
  const shape = await readFile(SHAPE, 'utf8')
  const bare = shape
    // An ID begins with a letter or an underscore, so SimpleSAMLphp's own is none.
    .replace(' ID="54a61"', ' ID="_all" cacheDuration="PT6H"')
    .replace(/<ds:Signature>[^]*?<\/ds:Signature>/, '')
  const [entity = ''] = /<md:EntityDescriptor[^]*<\/md:EntityDescriptor>/.exec(bare) ?? []
  const others = entity.replaceAll('idp.example.com', 'zürich.example.org').replace(
    '<md:Organization>',
    // What the two canonicalizations could take for something else.
    `<!-- a comment --><x:y xmlns:x="urn:x" b="2" a="1&#9;&quot;" x:c='"'><![CDATA[<&>]]>&#13;</x:y>
     <md:Organization xmlns:x="urn:x2">`,
  )
  aggregate = bare.replace('</md:EntitiesDescriptor>', `${others}\r\n</md:EntitiesDescriptor>`)
  const [prefixes = ''] = /(?<=<md:EntitiesDescriptor)( xmlns:\w+="[^"]*")+/.exec(bare) ?? []
  single = entity.replace(' entityID', `${prefixes} ID="_one" entityID`)
})
afterAll(() => rm(directory, { recursive: true }))

async function newParty(name: string): Promise<Party> {
  const made = await newCertificate()
  const [keyFile, certificateFile] = [
    join(directory, `${name}.key`),
    join(directory, `${name}.crt`),
  ]
  await writeFile(keyFile, made.key)
  await writeFile(certificateFile, made.certificate)
  const certificate = parseCertificate(made.certificate)
  if (!certificate.ok) throw new Error(certificate.error)
  return { keyFile, certificateFile, certificate: certificate.value }
}

interface How {
  readonly signature: string
  readonly digest: string
  readonly c14n: string
}
const usual: How = {
  signature: `${MORE}rsa-sha256`,
  digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
  c14n: EXC_C14N,
}

/** Puts a signature without its values behind the start of the document element. */
function template(xml: string, { signature, digest, c14n }: How): string {
  const [, start = '', id = ''] =
    /^([^]*?<md:Entit(?:y|ies)Descriptor[^>]* ID="(\w+)"[^>]*>)/.exec(xml) ?? []
  return xml.replace(
    start,
    `${start}<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo>
      <ds:CanonicalizationMethod Algorithm="${c14n}"/><ds:SignatureMethod Algorithm="${signature}"/>
      <ds:Reference URI="#${id}"><ds:Transforms>
        <ds:Transform Algorithm="${DS}enveloped-signature"/><ds:Transform Algorithm="${c14n}"/>
      </ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference>
    </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>`,
  )
}
const signed = (xml: string, how: Partial<How> = {}, by = publisher): Promise<string> =>
  xmlsecSign(template(xml, { ...usual, ...how }), by)

/** What we make of it: the base64 DER of the certificate whose signature counts, or why none does. */
async function ours(xml: string, pinned: Party | null = publisher): Promise<string | null> {
  const read = await readSignedMetadata(
    inPieces(Buffer.from(xml), 1000),
    { entityId: ENTITY, now: toInstant(Date.now()) },
    { pinned: pinned?.certificate ?? null, known: [] },
  )
  if (read.ok) {
    const { metadata, signer } = read.value
    expect(metadata.entityId).toBe(ENTITY)
    expect(metadata.sso.post).toBe('https://idp.example.com/idp/profile/SAML2/POST/SSO')
    return signer && toBase64Der(signer)
  }
  return read.error.reason === 'signature' ? read.error.fault.reason : read.error.reason
}
const xmlsecs = (xml: string, by = publisher) => xmlsecVerdict(xml, 'document', by.certificateFile)

const otherLetter = (letter: string): string => (letter === 'A' ? 'B' : 'A')
const changes: readonly (readonly [string, string, RegExp, (found: string) => string])[] = [
  ['the signature', 'signature-mismatch', /(?<=SignatureValue>\s*)[A-Za-z0-9+/]/, otherLetter],
  ['the digest', 'digest-mismatch', /(?<=DigestValue>\s*)[A-Za-z0-9+/]/, otherLetter],
  ['an address', 'digest-mismatch', /(?<=Location="https:..)idp/, () => 'evil'],
  ['a certificate', 'digest-mismatch', /(?<=X509Certificate>\s+)MII/, () => 'MIJ'],
  ['an attribute', 'digest-mismatch', /regexp="false"/, () => 'regexp="true"'],
  ['white space', 'digest-mismatch', /\n(?=\s*<md:Extensions>)/, () => ''],
]

const documents = [
  ['an EntityDescriptor', () => single],
  ['an EntitiesDescriptor', () => aggregate],
] as const

describe.each(documents)('%s', (_, document) => {
  it.each(['sha256', 'sha384', 'sha512'])(
    'that xmlsec1 signed by RSA and %s holds',
    async (hash) => {
      const digest =
        hash === 'sha384' ? `${MORE}sha384` : `http://www.w3.org/2001/04/xmlenc#${hash}`
      const xml = await signed(document(), { signature: `${MORE}rsa-${hash}`, digest })
      expect(await xmlsecs(xml)).toBe('holds')
      expect(await ours(xml)).toBe(toBase64Der(publisher.certificate))
      expect(await ours(xml, null)).toBe(toBase64Der(publisher.certificate))
    },
  )

  it('holds whatever its comments say, which a reference by ID leaves out (XMLDSig §4.4.3.3)', async () => {
    const comment = (text: string) => `<!--${text}--><md:Organization>`
    const xml = await signed(document().replace('<md:Organization>', comment('one')), {
      c14n: `${EXC_C14N}WithComments`,
    })
    const signer = toBase64Der(publisher.certificate)
    expect([await xmlsecs(xml), await ours(xml)]).toEqual(['holds', signer])
    const other = xml.replace(comment('one'), comment('two'))
    expect(other).not.toBe(xml)
    expect([await xmlsecs(other), await ours(other)]).toEqual(['holds', signer])
  })

  it.each(changes)('is believed by neither where %s is another', async (_name, reason, at, to) => {
    const xml = await signed(document())
    const changed = xml.replace(at, to)
    expect(changed).not.toBe(xml)
    expect([await xmlsecs(changed), await ours(changed)]).toEqual(['does not hold', reason])
  })

  it('by the key of a stranger is believed by neither', async () => {
    const xml = await signed(document(), {}, stranger)
    expect([await xmlsecs(xml), await ours(xml)]).toEqual(['does not hold', 'signature-mismatch'])
  })

  it('by SHA-1 is refused, though it holds for xmlsec1', async () => {
    for (const how of [{ signature: `${DS}rsa-sha1` }, { digest: `${DS}sha1` }]) {
      const xml = await signed(document(), how)
      expect([await xmlsecs(xml), await ours(xml)]).toEqual(['holds', 'sha1-not-allowed'])
    }
  })

  it('by more than exclusive canonicalization is refused, though it holds for xmlsec1', async () => {
    const c14n = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
    const xml = await signed(document(), { c14n })
    expect([await xmlsecs(xml), await ours(xml)]).toEqual(['holds', 'algorithm-not-allowed'])
  })
})

describe('an aggregate', () => {
  it('as SimpleSAMLphp signed it, without an ID and by a key of 1024 bits, is refused', async () => {
    const xml = await readFile(SHAPE, 'utf8')
    expect(await ours(xml, null)).not.toMatch(/^MII/)
  })

  it('is believed by neither where another entity was added, removed or changed', async () => {
    const xml = await signed(aggregate)
    const [, second = ''] = xml.match(/<md:EntityDescriptor[^]*?<\/md:EntityDescriptor>/g) ?? []
    for (const changed of [
      xml.replace(second, ''),
      xml.replace(second, second + second.replace(OTHER, 'genf')),
      xml.replace(second, second.replace(OTHER, 'zurich')),
    ]) {
      expect(changed).not.toBe(xml)
      expect([await xmlsecs(changed), await ours(changed)]).toEqual([
        'does not hold',
        'digest-mismatch',
      ])
    }
  })

  it('of 10,000 identity providers is read in workerd within the memory of a Worker', async () => {
    const certificate = await newIdpCertificate()
    const made = await federation({ entities: 10_000, signing: { of: 7777, certificate } }, null)
    const pieces: Uint8Array[] = []
    for await (const piece of made.pieces()) pieces.push(piece)
    const xml = await signed(Buffer.concat(pieces).toString())
    expect(xml.length).toBeGreaterThan(20_000_000)

    const workerd = await serveReader()
    try {
      const read = async (document: string): Promise<unknown> => {
        const answer = await fetch(workerd.url, {
          method: 'POST',
          headers: { 'X-Entity-Id': idOf(7777), 'X-Pinned': toBase64Der(publisher.certificate) },
          body: document,
        })
        return answer.json()
      }
      // Starts everything that stays.
      expect(await read(await signed(aggregate))).toMatchObject({
        refused: { reason: 'entity-not-found' },
      })
      const before = residentMegabytes(workerd.pid)
      expect(await read(xml)).toEqual({ found: [certificate] })
      expect(await read(xml.replace('University 9999 ', 'University 999X '))).toMatchObject({
        refused: { reason: 'signature', fault: { reason: 'digest-mismatch' } },
      })
      expect(peakMegabytes(workerd.pid) - before).toBeLessThan(MOST_MEGABYTES)
    } finally {
      workerd.stop()
    }
  })
})

async function serveReader() {
  await build({
    entryPoints: [join(import.meta.dirname, 'metadata-worker.ts')],
    outfile: join(directory, 'worker.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  })
  return serve({ folder: directory, flags: [], bindings: [], services: [] })
}
