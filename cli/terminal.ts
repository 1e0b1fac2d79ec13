/**
 * Everything that a command prints goes through this file. So no character in a directory, in
 * metadata or in an error can control the terminal.
 */
import { createInterface } from 'node:readline/promises'
import { toPlainJson, toPlainLines } from '../src/lib/plain.ts'

const heard = new Set<NodeJS.WriteStream>()
let isClosed = false

/** Waits until the reader has taken the text. False: nobody reads any more. */
export const write = (text: string): Promise<boolean> => print(process.stdout, text)

/** One line, or several, on stdout. */
export const say = (text: string): void => void print(process.stdout, `${text}\n`)

/** The same on stderr. */
export const complain = (text: string): void => void print(process.stderr, `${text}\n`)

export const sayJson = (value: unknown): void => say(toPlainJson(value, 2))

/** Ctrl-C ends it as it ends any other command: exit code 130. */
export async function pause(seconds: number): Promise<boolean> {
  listen(process.stdout)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return !isClosed
}

function print(stream: NodeJS.WriteStream, text: string): Promise<boolean> {
  listen(stream)
  return new Promise((resolve) => {
    stream.write(toPlainLines(text), (error) => resolve(!error))
  })
}

/** `| head` closes the pipe, which is no fault. wrangler may listen too, and then throws the error. */
function listen(stream: NodeJS.WriteStream): void {
  if (heard.has(stream)) return
  heard.add(stream)
  stream.on('error', () => {
    if (stream === process.stdout) isClosed = true
  })
}

/** Whether a person reads what is printed, so that wrangler asks before it overwrites. */
export const isRead = (): boolean => process.stdout.isTTY

/** Asks the person at the terminal. @returns true where nobody sits at one, as in CI. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true
  const asking = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await asking.question(`${question} [y/N] `)
  asking.close()
  return /^y(es)?$/i.test(answer.trim())
}
