#!/usr/bin/env node
/** `npm create gatehouse`: asks three questions, or takes flags, and writes a project. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import {
  idps,
  judgeTogether,
  parseIdp,
  parseOrigin,
  parseSite,
  type Answers,
  type Judged,
} from './answers.ts'
import { filesOf, nameOf } from './files.ts'

const HELP = `npm create gatehouse [folder]: a project that guards a site with Gatehouse.

  --site <url>     where your people reach the site, such as https://wiki.example.com
  --origin <url>   where Gatehouse reaches the site itself, such as https://wiki-origin.example.com
  --idp <name>     ${idps.join(', ')} (any other)
  --yes            ask nothing: take the default where an option is missing

npm wants two dashes before options: npm create gatehouse my-gate -- --yes`

const defaults = { site: 'http://localhost:8787', origin: 'http://127.0.0.1:3000', idp: 'generic' }
const questions = {
  site: 'At which URL do your people reach the site?',
  origin: 'At which URL does Gatehouse reach the site itself?',
  idp: `Which identity provider do you have: ${idps.join(', ')} (any other)?`,
}
type Name = keyof typeof defaults

/** An error whose message is for the user. */
class Refusal extends Error {}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = 2
}

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv)
  if (values.help) return console.log(HELP)
  const [folder = '.', extra] = positionals
  if (extra !== undefined) throw new Refusal(`"${extra}" is one word too many.\n\n${HELP}`)
  const target = resolve(folder)
  await refuseUnlessEmpty(target)
  const ask = values.yes ? null : createAsk()
  const answerTo = <T>(name: Name, parse: (text: string) => Judged<T>): Promise<T> =>
    answer(name, values[name] ?? (values.yes ? defaults[name] : undefined), parse, ask)
  const answers: Answers = {
    site: await answerTo('site', parseSite),
    origin: await answerTo('origin', parseOrigin),
    idp: await answerTo('idp', parseIdp),
  }
  ask?.close()
  const problem = judgeTogether(answers)
  if (problem !== null) throw new Refusal(problem)
  const files = filesOf(nameOf(basename(target)), answers)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    // The folder was empty. A file that is there now was written by something else.
    await writeFile(join(target, file), text, { flag: 'wx' })
  }
  const to = relative('.', target)
  console.log(
    `A project is in ${target}. Next:\n${to === '' ? '' : `\n  cd ${quote(to)}`}\n  npm install\n  npm run dev\n\nREADME.md has the steps after that.`,
  )
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        site: { type: 'string' },
        origin: { type: 'string' },
        idp: { type: 'string' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    })
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : 'a bug'}\n\n${HELP}`)
  }
}

async function refuseUnlessEmpty(target: string): Promise<void> {
  const found = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new Refusal(`${target} cannot be a project: ${error.message}`)
  })
  // A new repository counts as empty.
  const [other] = found.filter((name) => name !== '.git')
  if (other !== undefined) {
    throw new Refusal(
      `${target} is not empty: it has ${other}. Name another folder: npm create gatehouse my-gate`,
    )
  }
}

interface Ask {
  readonly question: (text: string) => Promise<string>
  readonly close: () => void
}

/** null: there is no terminal to ask at. */
function createAsk(): Ask | null {
  if (!process.stdin.isTTY) return null
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.on('SIGINT', () => process.exit(130))
  return { question: (text) => terminal.question(text), close: () => terminal.close() }
}

/** From the flag, or else from the user. A wrong answer is asked for again. */
async function answer<T>(
  name: Name,
  given: string | undefined,
  parse: (text: string) => Judged<T>,
  ask: Ask | null,
): Promise<T> {
  if (given !== undefined) {
    const judged = parse(given)
    if ('problem' in judged) throw new Refusal(`--${name}: ${judged.problem}`)
    return judged.value
  }
  if (!ask) {
    throw new Refusal(
      `--${name} is missing, and there is no terminal to ask at. --yes takes ${defaults[name]}.`,
    )
  }
  for (;;) {
    const typed = (await ask.question(`${questions[name]} [${defaults[name]}] `)).trim()
    const judged = parse(typed === '' ? defaults[name] : typed)
    if ('value' in judged) return judged.value
    console.log(judged.problem)
  }
}

function quote(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
