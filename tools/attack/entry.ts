/** What the catalogue is made of. */
import type { Bytes } from '../../src/lib/bytes.ts'
import type { Signed, TestIdp } from '../signing/saml-signer.ts'
import type { Pieces } from './text.ts'

/** A genuine response, and what it is judged by. */
export interface Seed {
  readonly name: string
  readonly xml: string
  readonly signed: Signed
  readonly nameId: string
  readonly idpEntityId: string
  /** PEM or base64 DER; '' where it is not known. */
  readonly certificate: string
  readonly spEntityId: string
  readonly acsUrl: string
  readonly inResponseTo: string | null
  readonly now: Date
  /** The service provider's own, where they are known. */
  readonly decryptionKeys: readonly CryptoKey[]
}

/** The identity provider's own key, for what only it could have signed. */
export interface IdpKey {
  readonly pkcs8: Bytes
  /** The key for that hash, as the signer of test/support takes it. */
  readonly signer: (hash: string) => Promise<TestIdp>
}

export interface Stage {
  readonly seed: Seed
  readonly pieces: Pieces
  /** A key that nobody trusts. */
  readonly attacker: TestIdp
  readonly idp: IdpKey | null
  /** The service provider's RSA encryption key, as everybody can read it in its metadata. */
  readonly encryptionKey: CryptoKey | null
}

export type Message =
  | {
      readonly kind: 'response'
      /** As it is before base64. */
      readonly document: string | Bytes
      /** The signed name, where it is another than the seed's. */
      readonly nameId: string | null
      /** What the service provider trusts, where it is something else than the seed's certificate. */
      readonly certificates: readonly string[] | null
    }
  /** The value of the form field, whatever it holds. */
  | { readonly kind: 'field'; readonly value: string }
  /** A whole form body, and what stands in the query of the URL. */
  | { readonly kind: 'form'; readonly body: string; readonly query: string }

/**
 * `refuse`: whoever accepts it breaks a rule. `either`: refused, or taken for exactly what was
 * signed. `accept`: a good message, which a complete service provider takes.
 */
export type Correct = 'accept' | 'either' | 'refuse'

/**
 * What a message cannot be made without: a signature on that element of the seed, the key of the
 * identity provider or its certificate, or the encryption key of the service provider.
 */
export type Need =
  'assertion-signature' | 'response-signature' | 'certificate' | 'idp-key' | 'encryption-key'

export interface Entry {
  readonly id: string
  readonly class: string
  /** `attacker`: has one valid response and no key. `idp`: only a malicious or careless IdP, or a good one. */
  readonly by: 'attacker' | 'idp'
  readonly correct: Correct
  /** What Gatehouse answers: `accepted`, or the reason of its refusal. */
  readonly gatehouse: string | ((signed: Signed) => string)
  readonly says: string
  readonly source: string
  readonly needs: readonly Need[]
  readonly make: (stage: Stage) => Made | Promise<Made>
}

type Made = string | Bytes | Message

type Row = Pick<Entry, 'says' | 'make'> & Partial<Omit<Entry, 'id'>>

/** Entries that have most things in common. */
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

/** null: does not apply to this seed. */
export async function build(entry: Entry, stage: Stage): Promise<Message | null> {
  if (missing(entry, stage).length > 0) return null
  const made = await entry.make(stage)
  return typeof made === 'string' || made instanceof Uint8Array ? response(made) : made
}

export const gatehouseOf = ({ gatehouse }: Entry, seed: Seed): string =>
  typeof gatehouse === 'string' ? gatehouse : gatehouse(seed.signed)
