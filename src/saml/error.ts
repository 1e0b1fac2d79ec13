/**
 * Why a message was refused, with facts for the operator. Of the message itself they contain only
 * names and times.
 */
import type { XmlFault } from './xml/reader.ts'

export type SamlError =
  | { readonly reason: 'too-large' | 'not-base64' }
  | { readonly reason: 'malformed-xml'; readonly fault: XmlFault }
  | { readonly reason: 'not-a-response'; readonly found: string; readonly namespace: string }
  | {
      readonly reason: 'unexpected-element'
      readonly element: string
      readonly namespace: string
      readonly in: string
    }
  | { readonly reason: 'duplicate-id'; readonly id: string }
  | {
      readonly reason: 'invalid-id'
      readonly of: 'Response' | 'Assertion'
      readonly found: string | null
    }
  | { readonly reason: 'no-assertion' | 'several-assertions' | 'misplaced-assertion' }
  | {
      readonly reason: 'no-decryption-key'
      readonly element: string
      /** The OAEP hash that our key would need; null: we have no decryption key at all. */
      readonly hash: string | null
    }
  | {
      readonly reason: 'encryption-not-allowed'
      readonly of: 'content' | 'key-transport' | 'oaep-digest'
      readonly algorithm: string
    }
  | { readonly reason: 'oaep-hashes-differ'; readonly digest: string; readonly mask: string }
  | { readonly reason: 'malformed-encryption'; readonly detail: string }
  /** Deliberately without a detail: a detail would help an attacker to decrypt. */
  | { readonly reason: 'decryption-failed' }
  | { readonly reason: 'decryption-limit' }
  | { readonly reason: 'not-encrypted' }
  | { readonly reason: 'no-certificate' }
  | { readonly reason: 'invalid-certificate'; readonly fault: string }
  | { readonly reason: 'unsigned' | 'several-signatures' | 'misplaced-signature' }
  | { readonly reason: 'malformed-signature'; readonly detail: string }
  | { readonly reason: 'reference-not-parent'; readonly found: string; readonly expected: string }
  | { readonly reason: 'several-references'; readonly found: number }
  | { readonly reason: 'transforms-not-allowed'; readonly found: readonly string[] }
  /** `of`: the element that names the algorithm. */
  | {
      readonly reason: 'algorithm-not-allowed'
      readonly of: string
      readonly algorithm: string
    }
  | { readonly reason: 'sha1-not-allowed' }
  | { readonly reason: 'weak-key'; readonly bits: number }
  | { readonly reason: 'digest-mismatch' | 'signature-mismatch' }
  | {
      readonly reason: 'status'
      readonly codes: readonly string[]
      readonly message: string | null
    }
  | {
      readonly reason: 'version'
      readonly of: 'Response' | 'Assertion'
      readonly found: string | null
    }
  | { readonly reason: 'destination'; readonly found: string | null; readonly expected: string }
  | {
      readonly reason: 'issuer'
      readonly of: 'Response' | 'Assertion'
      /** With `format`, both `found` and `expected` are values of the Format attribute. */
      readonly detail: 'absent' | 'several' | 'not-text' | 'another' | 'format'
      readonly found: readonly string[]
      readonly expected: string
    }
  | {
      readonly reason: 'in-response-to'
      readonly of: 'Response' | 'SubjectConfirmationData'
      readonly found: 'another' | 'none' | 'unasked'
    }
  | { readonly reason: 'malformed-time'; readonly field: string; readonly found: string | null }
  | {
      readonly reason: 'name-id'
      readonly detail: 'missing' | 'several' | 'empty' | 'not-text'
    }
  | {
      readonly reason: 'name-id'
      readonly detail: 'other-sp'
      readonly found: string
      readonly expected: string
    }
  | {
      readonly reason: 'subject-confirmation'
      readonly detail: 'none' | 'no-data' | 'several-data' | 'no-expiry'
    }
  | {
      readonly reason: 'subject-confirmation'
      readonly detail: 'no-bearer'
      readonly found: readonly string[]
    }
  | {
      readonly reason: 'confirmation-not-yet-valid'
      readonly notBefore: string
      readonly now: string
    }
  | { readonly reason: 'recipient'; readonly found: string | null; readonly expected: string }
  | { readonly reason: 'confirmation-expired'; readonly notOnOrAfter: string; readonly now: string }
  | { readonly reason: 'conditions'; readonly detail: 'none' | 'several' }
  | { readonly reason: 'conditions'; readonly detail: 'unknown'; readonly found: string }
  | {
      readonly reason: 'conditions' | 'subject-confirmation'
      readonly detail: 'inverted'
      readonly notBefore: string
      readonly notOnOrAfter: string
    }
  | { readonly reason: 'not-yet-valid'; readonly notBefore: string; readonly now: string }
  | { readonly reason: 'expired'; readonly notOnOrAfter: string; readonly now: string }
  /** `found`: the audiences of the restriction that does not name us. */
  | { readonly reason: 'audience'; readonly found: readonly string[]; readonly expected: string }
  | { readonly reason: 'no-authn-statement' }
  | {
      readonly reason: 'session-expired'
      readonly sessionNotOnOrAfter: string
      readonly now: string
    }
  | { readonly reason: 'malformed-attribute' }
  | {
      readonly reason: 'authn-too-old'
      readonly authnInstant: string
      readonly asked: string
    }
  | {
      readonly reason: 'authn-context'
      readonly found: readonly string[]
      readonly asked: readonly string[]
    }

/**
 * Shortens a value that comes from the message: the sender could make it as long as the message.
 */
export const brief = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
