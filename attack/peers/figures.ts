/** What was counted of each library, as docs/attacks.md tells it. */
export interface PeerFigures {
  readonly date: string
  readonly node: string
  readonly peers: readonly Figures[]
}

export interface Figures {
  readonly name: string
  readonly version: string
  readonly seeds: number
  readonly seedsAll: number
  readonly played: number
  readonly mustRefuse: number
  readonly refused: number
  readonly acceptedSigned: number
  readonly acceptedOther: number
  readonly noAnswer: number
  readonly eitherOther: number
  readonly mustAccept: number
  readonly refusedGood: number
  readonly classes: readonly { readonly class: string; readonly count: number }[]
}
