/**
 * The documents that mutants start from: every fixture, and responses signed here in every form
 * that we know.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBase64, decodeUtf8, encodeBase64, utf8 } from '../../src/lib/bytes.ts'
import { canonicalize } from '../../src/saml/xml/c14n.ts'
import { parseCertificate, toBase64Der } from '../../src/saml/certificate.ts'
import { allowSha1, openResponse, type Expect, type Subject } from '../../src/saml/index.ts'
import { EXC_C14N, EXC_C14N_WITH_COMMENTS } from '../../src/saml/names.ts'
import { createSpKey, decodePem, importDecryptionKeys } from '../signing/encryptor.ts'
import {
  elementById,
  responseXml,
  sign,
  signatureFor,
  transform,
  type ResponseOptions,
  type SignOptions,
  type TestIdp,
} from '../signing/saml-signer.ts'

import { sealFor, withContainer, type Seal } from './sealed.ts'

export interface Seed {
  readonly name: string
  readonly xml: string
  /** null: not a response that we accept. */
  readonly signed: Signed | null
}

export interface Signed {
  readonly expect: Expect
  /** Base64 DER. */
  readonly certificate: string
  readonly sha1: boolean
  /** true: xmlsec1 sees at most the signature of the Response. */
  readonly encrypted: boolean
  readonly subject: Subject
  /** Turns the mutated document into the posted one; null: they are the same. */
  readonly seal: Seal | null
}

const vectors = join(import.meta.dirname, '..', '..', 'test', 'vectors')
const read = (...path: readonly string[]): string => readFileSync(join(vectors, ...path), 'utf8')

export async function readSeeds(): Promise<readonly Seed[]> {
  const files = globSync('{c14n/edge,responses,responses/metadata}/*.xml', {
    cwd: vectors,
  }).toSorted()
  const plain = files.map((file) => ({ name: file, xml: read(file), signed: null }))
  const cases: readonly { readonly name: string; readonly xml: string }[] = ['xml', 'fuzz'].flatMap(
    (folder) => JSON.parse(read(folder, 'cases.json')),
  )
  return [
    ...plain,
    ...cases.map(({ name, xml }) => ({ name: `case ${name}`, xml, signed: null })),
    ...(await capturedSeeds()),
    ...(await ownSeeds()),
  ]
}

async function toSeed(
  name: string,
  xml: string,
  expect: Expect,
  seal: Seal | null = null,
): Promise<Seed> {
  const posted = seal ? await seal(utf8(xml)) : utf8(xml)
  const opened = await openResponse(encodeBase64(posted), expect)
  if (!opened.ok) throw new Error(`the seed ${name} is refused: ${opened.error.reason}`)
  const certificate = derOf(expect.idp.certificates[0] ?? '')
  const sha1 = expect[allowSha1] === true
  const encrypted = expect.sp.decryptionKeys !== undefined && seal === null
  const signed = { expect, certificate, sha1, encrypted, subject: opened.value, seal }
  return { name, xml, signed }
}

function derOf(pem: string): string {
  const certificate = parseCertificate(pem)
  if (!certificate.ok) throw new Error(`a certificate of the fixtures is ${certificate.error}`)
  return toBase64Der(certificate.value)
}

interface Capture {
  readonly id: string
  readonly kind: string
  readonly file_b64: string
  readonly idp_certificate: string
  readonly idp_entity_id: string
  readonly acs_url: string
  readonly encrypted: boolean
  readonly suggested_verdict: string
  readonly algorithms: { readonly signature_algorithms: readonly string[] }
  readonly expected: {
    readonly issue_instant: string
    readonly in_response_to: string | null
  }
}

async function capturedSeeds(): Promise<readonly Seed[]> {
  const manifest: {
    readonly sp: { readonly SP_ENTITY_ID: string }
    readonly captures: readonly Capture[]
  } = JSON.parse(read('responses', 'manifest.json'))
  const good = manifest.captures.filter(
    // Responses encrypted in a way that Gatehouse refuses are used as plain XML.
    (c) =>
      c.kind === 'Response' &&
      (c.suggested_verdict === 'accept' || (!c.encrypted && c.suggested_verdict === 'policy')),
  )
  const decryptionKeys = await importDecryptionKeys(decodePem(read('responses', 'keys', 'sp.key')))
  return Promise.all(
    good.map((capture) => {
      const bytes = decodeBase64(read('responses', capture.file_b64).trim())
      const xml = bytes.ok ? decodeUtf8(bytes.value) : bytes
      if (!xml.ok) throw new Error(`${capture.id} is ${xml.error}`)
      const certificates = [read('responses', capture.idp_certificate)]
      const sha1 = capture.algorithms.signature_algorithms.some((uri) => uri.endsWith('sha1'))
      return toSeed(capture.id, xml.value, {
        idp: { entityId: capture.idp_entity_id, certificates },
        sp: {
          entityId: manifest.sp.SP_ENTITY_ID,
          acsUrl: capture.acs_url,
          ...(capture.encrypted ? { decryptionKeys } : {}),
        },
        inResponseTo: capture.expected.in_response_to,
        now: new Date(capture.expected.issue_instant),
        ...(sha1 ? { [allowSha1]: true } : {}),
      })
    }),
  )
}

const options: ResponseOptions = {
  spEntityId: 'https://sp.test/metadata',
  acsUrl: 'https://sp.test/acs',
  inResponseTo: '_request',
  issuer: 'https://idp.example.test/saml',
  now: new Date('2026-11-24T10:00:00Z'),
  nameId: 'zoe@example.test',
  attributes: { groups: ['staff', 'admins <&">'], name: ['Zoë 李 𝒵'] },
}

const expect = (certificate: string): Expect => ({
  idp: { entityId: options.issuer, certificates: [certificate] },
  sp: { entityId: options.spEntityId, acsUrl: options.acsUrl },
  inResponseTo: options.inResponseTo,
  now: options.now,
})

async function idpOf(name: string, algorithm: SubtleCryptoImportKeyAlgorithm) {
  const pem = read('responses', 'keys', `${name}.key`).replaceAll(/-----[^-]+-----/g, '')
  const pkcs8 = decodeBase64(pem)
  if (!pkcs8.ok) throw new Error(`${name}.key is no PEM`)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8.value, algorithm, true, ['sign'])
  const certificate = derOf(read('responses', 'keys', `${name}.crt`))
  return { entityId: options.issuer, certificate, keys: { privateKey: key, publicKey: key } }
}

/** Content with many features that canonicalization must handle. */
const RICH =
  '<saml:Attribute xmlns:x="urn:x" xmlns:xs="http://www.w3.org/2001/XMLSchema" Name="rich" x:b="&#9;&#xD;&#10;" x:a=\'"\'>' +
  '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">a&#xD;b<!-- c --><![CDATA[<d> & ]]>e</saml:AttributeValue>' +
  '<saml:AttributeValue><f xmlns=""><x:g xmlns:x="urn:y" xmlns:y="urn:x" y:h="1" x:h="2" h="3"/></f></saml:AttributeValue></saml:Attribute>'

const rich = responseXml(options).replace(
  '</saml:AttributeStatement>',
  `${RICH}</saml:AttributeStatement>`,
)

/** SAML and XMLDSig in the default namespace, as Entra ID and others write them. */
const unprefixed = (xml: string): string =>
  xml.replaceAll(/<(\/?)saml:/g, '<$1').replace('<Assertion xmlns:saml=', '<Assertion xmlns=')

const ENVELOPED = transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature')
const prefixed = (...prefixes: readonly string[]): SignOptions => ({
  transforms:
    ENVELOPED +
    transform(
      EXC_C14N,
      `<ec:InclusiveNamespaces xmlns:ec="${EXC_C14N}" PrefixList="${prefixes.join(' ')}"/>`,
    ),
  editHashed: () =>
    canonicalize(elementById(rich, '_assertion'), {
      withComments: false,
      inclusivePrefixes: prefixes.map((prefix) => (prefix === '#default' ? '' : prefix)),
      omit: null,
    }),
})

async function ownSeeds(): Promise<readonly Seed[]> {
  const rsa: TestIdp = await idpOf('idp', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' })
  const ec: TestIdp = await idpOf('idp-ec', { name: 'ECDSA', namedCurve: 'P-256' })
  const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${rsa.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
  const both = await sign(await sign(rich, '_assertion', rsa), '_response', rsa)
  const comments = ENVELOPED + transform(EXC_C14N_WITH_COMMENTS)
  const written: readonly (readonly [string, string, TestIdp])[] = [
    ['assertion', await sign(rich, '_assertion', rsa, { keyInfo }), rsa],
    ['response', await sign(rich, '_response', rsa, { keyInfo }), rsa],
    ['both', both, rsa],
    ['ecdsa', await sign(rich, '_assertion', ec), ec],
    ['prefix list', await sign(rich, '_assertion', rsa, prefixed('xs', 'samlp', '#default')), rsa],
    [
      'with comments',
      await sign(rich, '_assertion', rsa, {
        transforms: comments,
        c14nMethod: EXC_C14N_WITH_COMMENTS,
      }),
      rsa,
    ],
    ['bare', await sign(responseXml({ ...options, attributes: {} }), '_assertion', rsa), rsa],
    ['unprefixed', await signUnprefixed(rsa), rsa],
  ]
  const spKey = await createSpKey()
  const seal = sealFor(spKey)
  return Promise.all([
    ...written.map(([name, xml, idp]) => toSeed(`own ${name}`, xml, expect(idp.certificate))),
    ...written
      .filter(([name]) => sealable.includes(name))
      .map(([name, xml, idp]) => {
        const { sp, ...rest } = expect(idp.certificate)
        const decryptionKeys = spKey.decryptionKeys.slice(0, 1)
        const knowing = { ...rest, sp: { ...sp, decryptionKeys } }
        return toSeed(`sealed ${name}`, withContainer(xml), knowing, seal)
      }),
  ])
}

/** Seeds with a signature on the Assertion, which stays valid when the Assertion is encrypted. */
const sealable = ['assertion', 'ecdsa', 'prefix list', 'bare']

async function signUnprefixed(idp: TestIdp): Promise<string> {
  const [head = '', assertion = '', tail = ''] = rich.split(/(?=<saml:Assertion )|(?=<\/samlp:R)/)
  const xml = head + unprefixed(assertion) + tail
  const signature = await signatureFor(xml, '_assertion', idp)
  return xml.replace('</Issuer>', (end) => end + signature)
}
