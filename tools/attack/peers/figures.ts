/** What was counted of each library, as docs/attacks.md tells it. */
export interface PeerFigures {
  readonly date: string
  readonly node: string
  readonly peers: readonly Figures[]
}

export interface Figures {
  readonly name: string
  readonly version: string
  /** Responses that it accepts as they are, of how many. */
  readonly seeds: number
  readonly seedsAll: number
  readonly played: number
  /** What must be refused, and what became of it: these five add up. */
  readonly mustRefuse: number
  readonly refused: number
  readonly acceptedSigned: number
  readonly acceptedNameless: number
  readonly acceptedOther: number
  readonly noAnswer: number
  /** Of all that an attacker made: another name came out than the one that was signed. */
  readonly forged: number
  readonly mustAccept: number
  readonly refusedGood: number
  readonly classes: readonly { readonly class: string; readonly count: number }[]
}
