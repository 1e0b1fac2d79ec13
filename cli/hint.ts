/** The commands that our messages name. Messages have each in backticks, without a store. */
import type { Input } from './command.ts'

const HINT = /`((?:GATEHOUSE_SECRET=… )?npx gatehouse [^`\n]+)`/g

/** Each command of a message gets the store and the config that the operator gave. */
export const completeHints = (text: string, given: string): string =>
  text.replace(HINT, (_, command: string) => `\`${command}${given}\``)

/** @param line the command that helps, as it is typed. */
export const endWithHint = (message: string, line: string): string =>
  `${message.replace(/\.$/, ':')} \`${line}\``

/** The options of the store and the config, as they are typed; empty where none was given. */
export function givenOptions({ switches, texts }: Input): string {
  const stores = ['local', 'remote'].filter((name) => switches.has(name))
  const files = ['persist-to', 'config', 'env', 'login-host'].flatMap((name) =>
    (texts.get(name) ?? []).map((value) => `${name} ${quote(value)}`),
  )
  return [...stores, ...files].map((option) => ` --${option}`).join('')
}

/** A field of an operation, as its command names it. The subject has no option. */
export const typedName = (field: string | null, subject: string | null): string =>
  field === subject ? `<${field}>` : `--${field}`

/** Quotes a word that the shell would split or interpret. */
export const quote = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
