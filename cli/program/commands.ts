/** The commands of people who use sites: they need neither a project nor a store. */
import { text as readText } from 'node:stream/consumers'
import { ok, type Result } from '../../src/lib/result.ts'
import {
  positional,
  refused,
  said,
  switchOption,
  textOf,
  textOption,
  usage,
  type CommandShape,
  type Failure,
  type Input,
  type Outcome,
} from '../command.ts'
import { helpForCommand } from '../help.ts'
import { parseInput } from '../input.ts'
import { complain, say, write } from '../terminal.ts'
import { judgeArguments, runCurl } from './curl.ts'
import { gitAnswer, readGitQuestion } from './git.ts'
import { inTurn, removeKept, saveKept, type Kept } from './kept.ts'
import { signInByBrowser, signInByDevice } from './login.ts'
import { findServer, parseSite } from './site.ts'
import { dropAccess, findAccess, giveBack } from './token.ts'

interface ProgramCommand extends CommandShape {
  readonly run: (input: Input) => Promise<Outcome>
}

const site = positional('site', 'its address, such as https://app.example.com')

const login: ProgramCommand = {
  name: 'login',
  summary: 'lets commands on this computer act for you at a site',
  positionals: [site],
  options: [
    switchOption('device', 'sign in on another device, by a code; needs --client'),
    textOption('client', '<client_id>', 'a client that the operator of the site made'),
    switchOption('no-browser', 'print the address only'),
  ],
  details:
    'The secret is kept in a file that only you may read, below ~/.config/gatehouse. It is never printed.',
  examples: [
    { says: 'by the browser of this computer', line: 'gatehouse login https://app.example.com' },
    {
      says: 'on a machine without a browser',
      line: 'gatehouse login https://app.example.com --device --client <client_id>',
    },
  ],
  run: runLogin,
}

const token: ProgramCommand = {
  name: 'token',
  summary: 'prints an access token for a script, valid for some minutes',
  positionals: [site],
  options: [],
  details: 'Anybody with the token can act for you at the site until it expires.',
  examples: [{ says: 'for a script', line: 'TOKEN=$(gatehouse token https://app.example.com)' }],
  run: async ({ positionals: [text = ''] }) => {
    const kept = await findSignedIn(text)
    return kept.ok ? said(kept.value.access, null) : kept
  },
}

const logout: ProgramCommand = {
  name: 'logout',
  summary: 'gives the tokens of a site back, and removes them from this computer',
  positionals: [site],
  options: [],
  details: null,
  examples: [{ says: 'on this computer only', line: 'gatehouse logout https://app.example.com' }],
  run: async ({ positionals: [text = ''] }) => {
    const at = parseSite(text)
    if (!at.ok) return at
    const done = await giveBack(at.value)
    if (!done.ok) return done
    return said(
      done.value === null
        ? `You are not signed in at ${at.value} here.`
        : `You are signed out at ${at.value} here.`,
      null,
    )
  },
}

const curl: CommandShape = {
  name: 'curl',
  summary: 'runs curl with a token: gatehouse curl <url> [arguments of curl]',
  positionals: [positional('url', 'an address at the site')],
  options: [],
  details: 'All further arguments are for curl. The token is not among them.',
  examples: [
    { says: 'as a script', line: 'gatehouse curl https://app.example.com/api --fail --silent' },
  ],
}

const credential: CommandShape = {
  name: 'credential',
  summary: 'gives git a token: a credential helper',
  positionals: [positional('action', 'get, store or erase; git adds it')],
  options: [],
  details: null,
  examples: [
    {
      says: 'for one site',
      line: "git config --global credential.https://git.example.com.helper '!gatehouse credential'",
    },
  ],
}

export async function runProgramCommand(name: string, argv: readonly string[]): Promise<number> {
  if (name === 'curl' && isHelp(argv.slice(0, 1))) return help(curl)
  if (name === 'curl') return exitWith(await curlWith(argv))
  if (name === 'credential') {
    return isHelp(argv) ? help(credential) : exitWith(await helpGit(argv[0] ?? ''))
  }
  const command = [login, token, logout].find((each) => each.name === name) ?? login
  if (isHelp(argv)) return help(command)
  const input = parseInput(command, argv)
  const outcome = input.ok ? await command.run(input.value) : input
  if (outcome.ok && outcome.value.text !== null) say(outcome.value.text)
  return exitWith(outcome.ok ? ok(0) : outcome)
}

const isHelp = (argv: readonly string[]): boolean =>
  argv.some((word) => word === '--help' || word === '-h')

function help(command: CommandShape): number {
  say(helpForCommand(command))
  return 0
}

function exitWith(done: Result<number, Failure>): number {
  if (done.ok) return done.value
  complain(done.error.message)
  return done.error.kind === 'usage' ? 2 : 1
}

async function runLogin(input: Input): Promise<Outcome> {
  const at = parseSite(input.positionals[0] ?? '')
  if (!at.ok) return at
  const client = textOf(input, 'client')
  const isDevice = input.switches.has('device')
  if (isDevice && client === null) {
    return usage(
      '--device needs --client: ask the operator of the site for a client_id. The operator makes one so: gatehouse client add cli --device --remote',
    )
  }
  const server = await findServer(at.value)
  if (!server.ok) return server
  const opensBrowser = !input.switches.has('no-browser')
  const kept =
    isDevice && client !== null
      ? await signInByDevice(at.value, server.value, client)
      : await signInByBrowser(at.value, server.value, { client, opensBrowser })
  if (!kept.ok) return kept
  await replace(kept.value)
  return said(
    `You are signed in at ${at.value}. Try: gatehouse curl ${at.value}/ (gatehouse logout ${at.value} ends it)`,
    null,
  )
}

/** What an earlier sign-in left is given back. Whether that works does not matter here. */
async function replace(kept: Kept): Promise<void> {
  await giveBack(kept.site)
  await inTurn(kept.site, async () => {
    await removeKept(kept.site)
    await saveKept(kept)
  })
}

async function findSignedIn(text: string): Promise<Result<Kept, Failure>> {
  const at = parseSite(text)
  if (!at.ok) return at
  const found = await findAccess(at.value)
  if (!found.ok) return found
  return found.value
    ? ok(found.value)
    : refused(`You are not signed in at ${at.value} here. Run: gatehouse login ${at.value}`)
}

async function curlWith([url = '', ...args]: readonly string[]): Promise<Result<number, Failure>> {
  if (!/^https?:\/\//i.test(url)) {
    return usage('<url> is missing. It comes first: gatehouse curl https://app.example.com/ --fail')
  }
  const at = parseSite(url)
  if (!at.ok) return at
  const judged = judgeArguments(at.value, args)
  if (judged) return judged
  const kept = await findSignedIn(url)
  return kept.ok ? runCurl(url, args, kept.value.access) : kept
}

/** git asks other helpers, and then the person, where this one prints nothing. */
async function helpGit(action: string): Promise<Result<number, Failure>> {
  const question = readGitQuestion(await readText(process.stdin))
  const at = question && parseSite(question.site)
  if (!question || !at?.ok) return ok(0)
  // git says so when the site refused the password.
  if (action === 'erase') await dropAccess(at.value, question.password ?? '')
  if (action !== 'get') return ok(0)
  const found = await findSignedIn(question.site)
  if (!found.ok) return found
  await write(gitAnswer(found.value.access, found.value.accessUntil))
  return ok(0)
}
