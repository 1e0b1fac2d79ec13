/** Every character that `trim` or `\s` of JavaScript takes for white space, but those that end a line. */
export const whiteSpace: readonly string[] = Array.from({ length: 0x10000 }, (_, code) =>
  String.fromCharCode(code),
).filter((character) => /\s/.test(character) && !'\r\n'.includes(character))
