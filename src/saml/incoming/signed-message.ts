/** The input of the checks: the message, and what we expect of it. */
import type { Instant } from '../../lib/instant.ts'
import type { Verified } from './signature.ts'
import type { XmlElement } from '../xml/reader.ts'

/**
 * A response whose assertion was signed. The Response itself may be unsigned: only use fields of it
 * that the checks judge.
 */
export interface SignedMessage {
  readonly response: XmlElement
  readonly responseSigned: boolean
  /** Its encrypted parts have been replaced by their plaintext. */
  readonly assertion: Verified
  readonly isEncrypted: boolean
  /** What was decrypted and with which algorithms, to show to the operator. */
  readonly opened: readonly string[]
}

export interface Expectations {
  readonly idpEntityId: string
  readonly spEntityId: string
  /** An SPNameQualifier that is accepted beside our entity ID; null: no other. */
  readonly spNameQualifier: string | null
  readonly needsNameId: boolean
  readonly acsUrl: string
  /** null: an unsolicited response is expected. */
  readonly inResponseTo: string | null
  readonly now: Instant
  readonly clockSkewSeconds: number
  readonly requireEncryption: boolean
  /** null: any. */
  readonly authnContexts: readonly string[] | null
  /** A sign-in before this moment is refused; null: any time. */
  readonly authnNotBefore: Instant | null
}
