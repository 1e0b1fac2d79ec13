/**
 * Why a message was refused, with facts for the operator. Of the message itself they contain only
 * names and times.
 */
import { toAsciiJson } from '../lib/plain.ts'
import type { XmlFault } from './xml/reader.ts'

export type LogoutName = 'LogoutRequest' | 'LogoutResponse'
export type MessageName = 'Response' | 'Assertion' | LogoutName

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
      readonly of: MessageName
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
      readonly of: MessageName
      readonly found: string | null
    }
  | { readonly reason: 'destination'; readonly found: string | null; readonly expected: string }
  | {
      readonly reason: 'issuer'
      readonly of: MessageName
      /** With `format`, both `found` and `expected` are values of the Format attribute. */
      readonly detail: 'absent' | 'several' | 'not-text' | 'another' | 'format'
      readonly found: readonly string[]
      readonly expected: string
    }
  | {
      readonly reason: 'in-response-to'
      readonly of: 'Response' | 'SubjectConfirmationData' | 'LogoutResponse'
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
  | LogoutFault

/** Only of messages of Single Logout. */
export type LogoutFault =
  /** The query, the form or the SOAP envelope is not as its binding has it. */
  | { readonly reason: 'malformed-binding'; readonly detail: string }
  | {
      readonly reason: 'not-a-logout-message'
      readonly found: string
      readonly namespace: string
      readonly expected: LogoutName
    }
  | { readonly reason: 'logout-unsigned'; readonly of: LogoutName; readonly isQuery: boolean }
  | {
      readonly reason: 'logout-destination'
      readonly of: LogoutName
      readonly found: string | null
      readonly expected: string
    }
  | {
      readonly reason: 'logout-time'
      readonly of: LogoutName
      readonly detail: 'too-old' | 'to-come' | 'over'
      /** IssueInstant; with `over`, NotOnOrAfter. */
      readonly found: string
      readonly now: string
    }
  | {
      readonly reason: 'logout-subject'
      readonly detail: 'missing' | 'several' | 'base-id' | 'empty' | 'not-text' | 'session-index'
    }

/**
 * Shortens a value that comes from the message: the sender could make it as long as the message.
 */
export const brief = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)

export const quote = (text: string | null): string => (text === null ? 'absent' : toAsciiJson(text))
