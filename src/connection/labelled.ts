/** What the labels of every identity provider have in common. Pure. */
import type { RequestSignature } from '../saml/outgoing/sign.ts'
import { nameIdFormats } from './fields.ts'

export interface SpValues {
  readonly entityId: string
  readonly acsUrl: string
  /** Where we take messages of single logout. */
  readonly sloUrl: string
  /** The address that people open first. */
  readonly siteUrl: string
  /** The NameID format that the connection asks for; null: none. */
  readonly nameIdFormat: string | null
  readonly requireEncryption: boolean
  /** null: requests are not signed. */
  readonly signRequests: RequestSignature | null
  /** Where the operator finds our certificate of a kind as a file, for a console that reads no metadata. */
  readonly certificateFile: (kind: 'encryption' | RequestSignature) => string
}

export interface Labelled {
  readonly label: string
  readonly value: string
}

export interface Labels {
  /** The page of the console. */
  readonly place: string
  /** Values to copy exactly. */
  readonly paste: readonly Labelled[]
  /** Settings to choose. */
  readonly choose: readonly Labelled[]
}

type NameIdWord = 'none' | 'email' | 'unspecified' | 'persistent' | 'transient'

/** The console's word for the format; a format without a word is shown as it is. */
export function nameIdWord(
  format: string | null,
  words: Readonly<Record<NameIdWord, string>>,
): string {
  if (format === null) return words.none
  const name = (['email', 'unspecified', 'persistent', 'transient'] as const).find(
    (each) => nameIdFormats[each] === format,
  )
  return name ? words[name] : format
}
