/** A response to verify, and what it is to be judged by. */
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
  /** PKCS#8 in PEM; null: nothing is encrypted. */
  readonly decryptionKey: string | null
}

/** What every contender is: a posted message in, the name of who signed in out; or it throws. */
export type Open = (posted: string, message: Omit<Message, 'xml'>) => Promise<string>
