/** A group of the directory. A policy can refer to it by id or by displayName. */
export interface Group {
  readonly id: string
  readonly displayName: string
}
