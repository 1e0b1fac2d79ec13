/** A response to verify, and the settings to verify it with. */
export interface Message {
  readonly name: string
  readonly xml: string
  /** Base64 DER. */
  readonly certificate: string
  readonly idpEntityId: string
  readonly spEntityId: string
  readonly acsUrl: string
  readonly inResponseTo: string
  readonly signed: 'response' | 'assertion'
  /** PKCS#8 in PEM; null: the message is not encrypted. */
  readonly decryptionKey: string | null
}

/** What a contender does: takes a posted message and returns the name of the user, or throws. */
export type Open = (posted: string, message: Omit<Message, 'xml'>) => Promise<string>
