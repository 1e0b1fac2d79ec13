/** The types of the catalogue. */
import type { Bytes } from '../../src/lib/bytes.ts'
import type { Signed, TestIdp } from '../signing/saml-signer.ts'
import type { Pieces } from './text.ts'

/** A genuine response, and the settings of the service provider that it is for. */
export interface Seed {
  readonly name: string
  readonly xml: string
  readonly signed: Signed
  readonly nameId: string
  readonly idpEntityId: string
  /** PEM or base64 DER; '' if unknown. */
  readonly certificate: string
  readonly spEntityId: string
  readonly acsUrl: string
  readonly inResponseTo: string | null
  readonly now: Date
  /** The private keys of the service provider; empty if unknown. */
  readonly decryptionKeys: readonly CryptoKey[]
}

/** The identity provider's private key, for messages that only the identity provider can sign. */
export interface IdpKey {
  readonly pkcs8: Bytes
  /** The same key as an identity provider that signs with this hash. */
  readonly signer: (hash: string) => Promise<TestIdp>
}

export interface Stage {
  readonly seed: Seed
  readonly pieces: Pieces
  /** An identity provider whose key nobody trusts. */
  readonly attacker: TestIdp
  readonly idp: IdpKey | null
  /** The service provider's RSA encryption key, which is public in its metadata. */
  readonly encryptionKey: CryptoKey | null
}

export type Message =
  | {
      readonly kind: 'response'
      /** The document before it is encoded as base64. */
      readonly document: string | Bytes
      /** The NameID that was signed; null: the seed's. */
      readonly nameId: string | null
      /** The certificates that the service provider trusts; null: the seed's. */
      readonly certificates: readonly string[] | null
    }
  /** The raw value of the form field. */
  | { readonly kind: 'field'; readonly value: string }
  /** A whole form body, and the query string of the URL. */
  | { readonly kind: 'form'; readonly body: string; readonly query: string }

/**
 * `refuse`: a service provider that accepts the message breaks a rule. `either`: it may refuse, or
 * accept exactly the signed content. `accept`: a valid message that a complete service provider
 * accepts.
 */
export type Correct = 'accept' | 'either' | 'refuse'

/**
 * What is needed to make a message: a signature on that element of the seed, the identity
 * provider's key or certificate, or the service provider's encryption key.
 */
export type Need =
  'assertion-signature' | 'response-signature' | 'certificate' | 'idp-key' | 'encryption-key'

export interface Entry {
  readonly id: string
  readonly class: string
  /**
   * Who can send the message. `attacker`: anybody with one valid response and no key. `idp`: only
   * an identity provider.
   */
  readonly by: 'attacker' | 'idp'
  readonly correct: Correct
  /** What Gatehouse does: `accepted`, or the reason of its refusal. */
  readonly gatehouse: string | ((signed: Signed) => string)
  readonly says: string
  readonly source: string
  readonly needs: readonly Need[]
  readonly make: (stage: Stage) => Made | Promise<Made>
}

type Made = string | Bytes | Message

type Row = Pick<Entry, 'says' | 'make'> & Partial<Omit<Entry, 'id'>>

/** Makes entries that share most of their fields. */
export const group = (
  common: Omit<Entry, 'id' | 'says' | 'make' | 'needs'> & { readonly needs?: readonly Need[] },
  rows: Readonly<Record<string, Row>>,
): readonly Entry[] =>
  Object.entries(rows).map(([id, row]) => ({ needs: [], ...common, ...row, id }))

export const response = (
  document: string | Bytes,
  options: { readonly nameId?: string; readonly certificates?: readonly string[] } = {},
): Message => ({
  kind: 'response',
  document,
  nameId: options.nameId ?? null,
  certificates: options.certificates ?? null,
})

const has = (need: Need, { seed, idp, encryptionKey }: Stage): boolean =>
  ({
    'assertion-signature': seed.signed !== 'response',
    'response-signature': seed.signed !== 'assertion',
    certificate: seed.certificate !== '',
    'idp-key': idp !== null,
    'encryption-key': encryptionKey !== null,
  })[need]

export const missing = (entry: Entry, stage: Stage): readonly Need[] =>
  entry.needs.filter((need) => !has(need, stage))

/** null: the entry cannot be made from this seed. */
export async function build(entry: Entry, stage: Stage): Promise<Message | null> {
  if (missing(entry, stage).length > 0) return null
  const made = await entry.make(stage)
  return typeof made === 'string' || made instanceof Uint8Array ? response(made) : made
}

export const gatehouseOf = ({ gatehouse }: Entry, seed: Seed): string =>
  typeof gatehouse === 'string' ? gatehouse : gatehouse(seed.signed)
