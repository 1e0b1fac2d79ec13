/** What the attacks on Single Logout start from: genuine messages, and the keys of everybody. */
import {
  parseIdpMetadata,
  toBase64Der,
  type LogoutExpect,
  type Received,
} from '../../../src/saml/index.ts'
import { METADATA } from '../../../src/saml/names.ts'
import { createSpKey, encrypt, type SpKey } from '../../signing/encryptor.ts'
import {
  deflated,
  inSoap,
  logoutRequestXml,
  logoutResponseXml,
  postedForm,
  signedInside,
  signedQuery,
  type QueryOptions,
  type RequestOptions,
  type ResponseOptions,
} from '../../signing/logout.ts'
import { createTestIdp, type TestIdp } from '../../signing/saml-signer.ts'
import { FORGED } from '../text.ts'

export const SLO = 'https://sp.test/slo'
export const SP = 'https://sp.test/metadata'
export const ASKED = '_asked'
export const ZOE = 'zoe@example.test'
const now = new Date('2026-11-24T10:00:00Z')

export interface LogoutStage {
  readonly idp: TestIdp
  /** The same one with its second key. */
  readonly ecdsa: TestIdp
  /** An identity provider whose key nobody trusts. */
  readonly attacker: TestIdp
  /** The identity provider of another connection. */
  readonly other: TestIdp
  /** Ours, which signs the messages that we send. */
  readonly us: TestIdp
  /** The key that the metadata of the identity provider has for encryption alone. */
  readonly encrypting: TestIdp
  readonly spKey: SpKey
  readonly expect: LogoutExpect & { readonly inResponseTo: string }
}

const keyOf = (use: string, { certificate }: TestIdp): string =>
  `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`

export async function createLogoutStage(): Promise<LogoutStage> {
  const [idp, ecdsa, attacker, other, us, encrypting] = await Promise.all([
    createTestIdp(),
    createTestIdp({ key: { name: 'ECDSA', namedCurve: 'P-256' } }),
    createTestIdp(),
    createTestIdp(),
    createTestIdp({ entityId: SP }),
    createTestIdp(),
  ])
  const metadata = parseIdpMetadata(
    `<md:EntityDescriptor xmlns:md="${METADATA}" entityID="${idp.entityId}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keyOf('signing', idp)}${keyOf('signing', ecdsa)}${keyOf('encryption', encrypting)}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.test/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
    { entityId: null, now },
  )
  if (!metadata.ok) throw new Error(metadata.error.reason)
  const spKey = await createSpKey()
  return {
    idp,
    ecdsa,
    attacker,
    other,
    us,
    encrypting,
    spKey,
    expect: {
      idp: {
        entityId: idp.entityId,
        certificates: metadata.value.certificates.map(toBase64Der),
      },
      sp: { entityId: SP, sloUrl: SLO, decryptionKeys: spKey.decryptionKeys },
      inResponseTo: ASKED,
      now,
    },
  }
}

export type LogoutMessage =
  /** Sent to our address of Single Logout; `as`: what is expected there. */
  | { readonly as: 'LogoutRequest' | 'LogoutResponse'; readonly received: Received }
  /** The form posted to our ACS URL. */
  | { readonly as: 'Response'; readonly body: string }

export interface LogoutEntry {
  readonly id: string
  readonly class: string
  readonly by: 'attacker' | 'idp'
  readonly correct: 'accept' | 'either' | 'refuse'
  /** What Gatehouse does: `accepted`, or the reason of its refusal. */
  readonly gatehouse: string
  readonly says: string
  readonly source: string
  /** The NameID that was signed; null: that of the genuine message. */
  readonly nameId: string | null
  readonly make: (stage: LogoutStage) => LogoutMessage | Promise<LogoutMessage>
}

type Row = Pick<LogoutEntry, 'says' | 'make'> & Partial<Omit<LogoutEntry, 'id'>>

export const group = (
  common: Omit<LogoutEntry, 'id' | 'says' | 'make' | 'nameId'>,
  rows: Readonly<Record<string, Row>>,
): readonly LogoutEntry[] =>
  Object.entries(rows).map(([id, row]) => ({ nameId: null, ...common, ...row, id }))

export const requestXml = (s: LogoutStage, options: Partial<RequestOptions> = {}): string =>
  logoutRequestXml({ issuer: s.idp.entityId, destination: SLO, now, ...options })
export const answerXml = (s: LogoutStage, options: Partial<ResponseOptions> = {}): string =>
  logoutResponseXml({
    issuer: s.idp.entityId,
    destination: SLO,
    now,
    inResponseTo: ASKED,
    ...options,
  })

export const asked = (received: Received): LogoutMessage => ({ as: 'LogoutRequest', received })
export const answered = (received: Received): LogoutMessage => ({ as: 'LogoutResponse', received })

export const byQuery = (query: string): LogoutMessage => asked({ binding: 'redirect', query })
export const byForm = (xml: string): LogoutMessage =>
  asked({ binding: 'post', body: postedForm(xml) })
/** The form of an answer, whatever the message is. */
export const answerForm = (xml: string): Received => ({
  binding: 'post',
  body: postedForm(xml, 'SAMLResponse'),
})
export const bySoap = (xml: string): LogoutMessage => asked({ binding: 'soap', xml })

/** The genuine query, with a RelayState that has characters to encode. */
export const genuineQuery = (s: LogoutStage, options: QueryOptions = {}): Promise<string> =>
  signedQuery(s.idp, requestXml(s), { relayState: 'a b/c', ...options })

export const signedBy = signedInside

/** The genuine request as it is posted. */
export const genuine = (s: LogoutStage): Promise<string> => signedBy(s.idp, requestXml(s))
export const soap = inSoap

/** The text with the first `from` replaced; throws if there is none. */
export function changed(text: string, from: string | RegExp, to: string): string {
  const after = text.replace(from, () => to)
  if (after === text) throw new Error(`nothing to replace: ${String(from)}`)
  return after
}

/** A message that inflates to 8 MB. Base64. */
export const bomb = (): Promise<string> => deflated(' '.repeat(8_000_000))

/** A LogoutRequest in the name of the identity provider that nobody signed. */
export const forged = (s: LogoutStage, id = '_forged'): string =>
  requestXml(s, { id, nameId: FORGED })
export const behindIssuer = (xml: string, inside: string): string =>
  changed(xml, '</saml:Issuer>', `</saml:Issuer>${inside}`)
/** An EncryptedID for us. */
export const encryptedId = (s: LogoutStage, xml: string): Promise<string> =>
  encrypt(xml, s.spKey, {}, 'EncryptedID')
export const SAML_DECLARED = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'

/** A request that the identity provider signed as it is. */
export const signed =
  (change: (xml: string, s: LogoutStage) => string, options: Partial<RequestOptions> = {}) =>
  async (s: LogoutStage) =>
    byQuery(await signedQuery(s.idp, change(requestXml(s, options), s), { relayState: 'a b/c' }))
export const identified = (identifier: string) => signed((xml) => xml, { identifier })
export const replaced = (from: string | RegExp, to: string) =>
  signed((xml) => changed(xml, from, to))

/** An answer that the identity provider signed as it is. */
export const answeredBy =
  (change: (xml: string, s: LogoutStage) => string) => async (s: LogoutStage) =>
    answered({
      binding: 'redirect',
      query: await signedQuery(s.idp, change(answerXml(s), s), { parameter: 'SAMLResponse' }),
    })
