/** With a full stop, unless the text ends like a sentence or an indented list. */
export const withStop = (text: string): string =>
  /[.?!]$|\n\s[^\n]*$/.test(text) ? text : `${text}.`
