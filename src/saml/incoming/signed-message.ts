/** What the checks judge, and what by. */
import type { Instant } from '../../lib/instant.ts'
import type { Verified } from './signature.ts'
import type { XmlElement } from '../xml/reader.ts'

/** A response whose assertion was signed. Of the response itself only what is checked again is used. */
export interface SignedMessage {
  readonly response: XmlElement
  readonly responseSigned: boolean
  /** With what was encrypted in it opened. */
  readonly assertion: Verified
  readonly isEncrypted: boolean
  /** What was opened, and how it was encrypted; for the operator. */
  readonly opened: readonly string[]
}

export interface Expectations {
  readonly idpEntityId: string
  readonly spEntityId: string
  /** The SPNameQualifier that a NameID may have beside our entity ID; null: no other. */
  readonly spNameQualifier: string | null
  readonly needsNameId: boolean
  readonly acsUrl: string
  /** null: an unsolicited response is expected. */
  readonly inResponseTo: string | null
  readonly now: Instant
  readonly clockSkewSeconds: number
  readonly requireEncryption: boolean
  /** null: any will do. */
  readonly authnContexts: readonly string[] | null
  /** Who signed in before that is to do so anew; null: whenever it was. */
  readonly authnNotBefore: Instant | null
}
