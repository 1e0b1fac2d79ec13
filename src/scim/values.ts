/** Numbered parameters; those before `first` are the statement's own. */
export interface Values {
  readonly list: readonly (string | number)[]
  /** Its place: `?4`. */
  readonly bind: (value: string | number) => string
}

export function createValues(first: number): Values {
  const list: (string | number)[] = []
  const bind = (value: string | number): string => {
    const known = list.indexOf(value)
    return `?${first + (known >= 0 ? known : list.push(value) - 1)}`
  }
  return { list, bind }
}
