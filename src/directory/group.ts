/** A group of the directory. A policy may name a group by either value. */
export interface Group {
  readonly id: string
  readonly displayName: string
}
