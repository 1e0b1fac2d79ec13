/** Every character that JavaScript's `trim` or `\s` takes for white space, except line ends. */
export const whiteSpace: readonly string[] = Array.from({ length: 0x10000 }, (_, code) =>
  String.fromCharCode(code),
).filter((character) => /\s/.test(character) && !'\r\n'.includes(character))
