/** What the live tests do with a gate, an identity provider and a browser. */
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { expect, vi } from 'vitest'
import { DS, SAML, XENC } from '../../src/saml/names.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  parseXml,
  type XmlElement,
} from '../../src/saml/xml/reader.ts'
import { sloOf, spOf } from '../../src/connection/sp.ts'
import { leaks, said } from '../../tools/stage/evidence.ts'
import type { Page, Sent, Trip } from './browser.ts'
import { BEHIND, type Gate } from './gate.ts'
import {
  startIdp,
  type Cipher,
  type Idp,
  type IdpOptions,
  type Product,
  type Signs,
} from './idp.ts'

export const products: readonly Product[] = ['SimpleSAMLphp', 'samlp', 'Lasso']

export const signings: readonly Signs[] = ['response', 'assertion', 'both']
const ciphers: Readonly<Record<Product, readonly Cipher[]>> = {
  SimpleSAMLphp: ['aes128-cbc'],
  samlp: ['aes128-cbc', 'aes256-cbc', 'aes128-gcm', 'aes256-gcm'],
  Lasso: ['aes128-cbc', 'aes256-cbc'],
}
/** Lasso encrypts the assertions that it signs, and no others. */
export const ciphersFor = (product: Product, signs: Signs): readonly Cipher[] =>
  product === 'Lasso' && signs === 'response' ? [] : ciphers[product]
/** Who gives a transient NameID to a request that names no format. */
export const formatDemanders: readonly Product[] = ['Lasso']
export const nameIdEncrypters: readonly Product[] = ['SimpleSAMLphp', 'Lasso']
export const metadataReaders: readonly Product[] = ['SimpleSAMLphp', 'Lasso']

export interface Connected {
  readonly id: string
  readonly idp: Idp
  /** The connection goes first, so that the next one is the only one. */
  readonly disconnect: () => Promise<void>
}

/** As an operator does: an IdP with what `connection add` prints, and a connection with its metadata. */
export async function connect(
  gate: Gate,
  product: Product,
  options: Omit<IdpOptions, 'sp'>,
  settings: readonly string[] = [],
): Promise<Connected> {
  const id = `${product.toLowerCase()}-${options.signs}`
  const sp = spOf({ url: gate.loginUrl }, id)
  const idp = await startIdp(product, { ...options, sp: { ...sp, sloUrl: sloUrlOf(gate, id) } })
  const asks = formatDemanders.includes(product) ? ['--name-id-format', 'persistent'] : []
  const file = ['--metadata', idp.metadataFile]
  const added = await gate.command(['connection', 'add', id, ...file, ...asks, ...settings])
  expect(added).toMatchObject({
    connection: { id, idpEntityId: idp.entityId, ssoBinding: 'redirect', warnings: [] },
    paste: [sp],
  })
  return connectedOf(gate, id, idp)
}

/** The IdP makes itself new keys, and tells nobody. */
export async function renewKeys(
  gate: Gate,
  product: Product,
  { id, idp }: Connected,
): Promise<Connected> {
  await idp.stop()
  const sp = { ...spOf(gate, id), sloUrl: sloUrlOf(gate, id) }
  const options = { sp, signs: 'both', port: idp.port } as const
  return connectedOf(gate, id, await startIdp(product, options))
}

const sloUrlOf = ({ loginUrl }: Gate, id: string): string => sloOf({ url: loginUrl }, id).url

const connectedOf = (gate: Gate, id: string, idp: Idp): Connected => ({
  id,
  idp,
  async disconnect() {
    await gate.command(['connection', 'remove', id, '--yes'])
    await idp.stop()
  },
})

/** What the site was told with the last request that reached it, and by a token that holds. */
export async function lastTold(gate: Gate): Promise<{
  readonly url: string
  readonly userId: string
  readonly userName: string
  readonly email: string
  readonly groups: string
  readonly claims: JWTPayload
}> {
  const request = gate.received.at(-1)
  const header = (name: string) => String(request?.headers[name] ?? 'absent')
  const { text } = await gate.browser().go(`${gate.url}/.gatehouse/jwks.json`)
  const token = header('x-gatehouse-jwt-assertion')
  const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(text)), {
    issuer: gate.url,
    audience: gate.url,
    algorithms: ['ES256'],
  })
  return {
    url: request?.url ?? 'none',
    userId: header('x-forwarded-user'),
    userName: header('x-forwarded-preferred-username'),
    email: header('x-forwarded-email'),
    groups: header('x-forwarded-groups'),
    claims: payload,
  }
}

/** What a person sees of a page, without what it may carry: an answer of an IdP, for one. */
export const seen = ({ url, status, text }: Page) => ({
  url,
  status,
  title: text === BEHIND ? BEHIND : (/<title>([^<]*)/i.exec(text)?.[1] ?? 'no title'),
})

/** Answers of the IdP among the forms that were sent. */
export const answersIn = ({ forms }: Trip): readonly Sent[] =>
  forms.filter(({ fields }) => 'SAMLResponse' in fields)

export function readAnswer({ fields }: Sent): {
  readonly xml: string
  /** What can be seen without a key. */
  readonly signs: Signs | 'nothing'
  readonly encrypts: 'assertion' | 'name-id' | 'nothing'
  /** By which algorithms: content, then key. */
  readonly encryption: readonly string[]
  readonly inResponseTo: string | null
} {
  const bytes = Buffer.from(fields['SAMLResponse'] ?? '', 'base64')
  const document = parseXml(new Uint8Array(bytes))
  if (!document.ok) throw new Error(`the answer is not XML: ${document.error}`)
  const response = document.value
  const [assertion] = childrenNamed(response, SAML, 'Assertion')
  const [encrypted] = childrenNamed(response, SAML, 'EncryptedAssertion')
  const [subject] = assertion ? childrenNamed(assertion, SAML, 'Subject') : []
  const [encryptedId] = subject ? childrenNamed(subject, SAML, 'EncryptedID') : []
  const isSigned = (element: XmlElement | undefined) =>
    element !== undefined && childrenNamed(element, DS, 'Signature').length > 0
  const [whole, part] = [isSigned(response), isSigned(assertion)]
  return {
    xml: bytes.toString('utf8'),
    signs: whole && part ? 'both' : whole ? 'response' : part ? 'assertion' : 'nothing',
    encrypts: encrypted ? 'assertion' : encryptedId ? 'name-id' : 'nothing',
    encryption: [encrypted, encryptedId].flatMap((each) => (each ? methodsIn(each) : [])),
    inResponseTo: response.attributes.find(({ local }) => local === 'InResponseTo')?.value ?? null,
  }
}

/** In the order of the document, which is content first. */
function methodsIn(element: XmlElement): readonly string[] {
  const isMethod = element.namespace === XENC && element.local === 'EncryptionMethod'
  return isMethod
    ? [attributeOf(element, 'Algorithm') ?? 'none']
    : childElements(element).flatMap(methodsIn)
}

/** Ours, for an IdP: as XML. */
export const metadataOf = async (gate: Gate, connection: string): Promise<string> =>
  (await gate.browser().go(spOf({ url: gate.loginUrl }, connection).entityId)).text

/** Base64 DER: those that our metadata has for a use, as an IdP's operator reads it. */
export async function certificatesFor(
  gate: Gate,
  connection: string,
  use: 'signing' | 'encryption',
): Promise<readonly string[]> {
  const text = await metadataOf(gate, connection)
  const pattern = new RegExp(
    `<md:KeyDescriptor use="${use}">.*?<ds:X509Certificate>([^<]+)</ds:X509Certificate>`,
    'gs',
  )
  return Array.from(text.matchAll(pattern), ([, certificate = '']) => certificate)
}

/** Whether the browser was sent to an address by a redirect or a link, whatever the query. */
export const wasSentTo = ({ steps }: Trip, url: string): boolean =>
  steps.some((step) => step.startsWith(`GET ${url} `))

/** What the log says of the refusal that a page shows, by the number on the page. */
export async function refusalOn(
  gate: Gate,
  { text }: Page,
): Promise<Readonly<Record<string, unknown>>> {
  const [, shown] = /Request number <code>([0-9a-f-]{36})</.exec(text) ?? []
  if (shown === undefined) throw new Error('the page shows no request number')
  const find = () => {
    const found = gate.audit().find(({ requestId }) => requestId === shown)
    if (found?.['audit'] !== 'login-refused') throw new Error(`no refusal ${shown} in the log`)
    return found
  }
  return vi.waitFor(find, { timeout: 120_000 })
}

/** Everything that was said, and that something was. */
export function expectNoLeaks(): void {
  expect(said.length).toBeGreaterThan(20)
  // Their number only: what it prints is a log, too.
  expect(leaks().length, 'secrets in a log, a page of ours or what the command printed').toBe(0)
}
