/** Numbered SQL parameters. Numbers below `first` belong to the statement itself. */
export interface Values {
  readonly list: readonly (string | number)[]
  /** Adds the value and returns its placeholder, such as `?4`. */
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
