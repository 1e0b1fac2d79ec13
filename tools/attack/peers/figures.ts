/** The counts of each library, as docs/attacks.md shows them. */
export interface PeerFigures {
  readonly date: string
  readonly node: string
  readonly peers: readonly Figures[]
}

export interface Figures {
  readonly name: string
  readonly version: string
  /** How many genuine responses the library accepts, and how many there are. */
  readonly seeds: number
  readonly seedsAll: number
  readonly played: number
  /** How many messages must be refused. The next five counts add up to it. */
  readonly mustRefuse: number
  readonly refused: number
  readonly acceptedSigned: number
  readonly acceptedNameless: number
  readonly acceptedOther: number
  readonly noAnswer: number
  /** Messages by an attacker after which the library returned another name than the signed one. */
  readonly forged: number
  readonly mustAccept: number
  readonly refusedGood: number
  readonly classes: readonly { readonly class: string; readonly count: number }[]
}
