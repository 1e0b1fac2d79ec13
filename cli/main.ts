/** The operator's command: argv in, text or JSON out. */
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { ok, type Result } from '../src/lib/result.ts'
import { toInstant } from '../src/lib/instant.ts'
import { StoreUnavailable } from '../src/lib/store-error.ts'
import { listGroups } from './commands.ts'
import { refused, usage, type Command, type Failure, type Input, type Outcome } from './command.ts'
import { NAMED_BY_TOKEN, noApiFor, readApiChoice } from './api/choice.ts'
import { createApi } from './api/client.ts'
import { usualPatience } from './api/send.ts'
import { completeHints, givenOptions } from './hint.ts'
import { helpForAll, helpForCommand, helpForGroup, type GateCommand, type Titled } from './help.ts'
import { parseInput } from './input.ts'
import { isBusy } from './patient-d1.ts'
import { didYouMean } from '../src/lib/nearest.ts'
import { readOperator } from './operator.ts'
import { BadSecret, openSealer } from './secret.ts'
import { fetchMetadata, operatorReach } from './connection/source.ts'
import { readSettings } from './settings.ts'
import { hostHere } from './sites.ts'
import {
  migrate,
  needsMigration,
  openStore,
  reasonOf,
  type Store,
  type StoreChoice,
} from './store.ts'
import { plain } from './text.ts'
import { complain, pause, say, sayJson, write } from './terminal.ts'
import { join } from 'node:path'
import { configFile, root } from './project.ts'

/** They keep the terminal until wrangler ends. Each is loaded only when it is asked for. */
const gateCommands: readonly GateCommand[] = [
  {
    name: 'dev',
    summary: 'your gate on this machine',
    run: async (argv) => (await import('./dev/command.ts')).dev(argv),
  },
  {
    name: 'deploy',
    summary: 'checks, migrates and deploys it',
    run: async (argv) => (await import('./deploy/command.ts')).deploy(argv),
  },
]

/** Of people who use a site, on a computer that has no project. */
const programCommands: readonly Titled[] = [
  { name: 'login', summary: 'lets commands on this computer act for you at a site' },
  { name: 'token', summary: 'prints an access token for a script' },
  { name: 'curl', summary: 'runs curl with a token' },
  { name: 'credential', summary: 'gives git a token' },
  { name: 'logout', summary: 'gives the tokens of a site back' },
]

/** A pasted SAML response has at most some 100 KB. */
const STDIN_BYTES = 1_000_000
const ASK_MS = 10_000

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const [what = '--help', action] = argv
  if (what === 'help') return main([...argv.slice(1), '--help'])
  const wantsHelp = argv.some((word) => word === '--help' || word === '-h')
  const gateCommand = gateCommands.find(({ name }) => name === what)
  if (gateCommand) {
    await gateCommand.run(argv.slice(1))
    return 0
  }
  if (programCommands.some(({ name }) => name === what)) {
    return (await import('./program/commands.ts')).runProgramCommand(what, argv.slice(1))
  }
  const groups = listGroups()
  if (argv.length === 0 || (wantsHelp && what.startsWith('-'))) {
    say(helpForAll(gateCommands, programCommands, groups))
    return argv.length === 0 ? 2 : 0
  }
  if (what === '--version' || what === '-v') {
    say(`gatehouse ${await readVersion()}`)
    return 0
  }
  const isJson = argv.includes('--json')
  const group = groups.find(({ name }) => name === what)
  if (!group)
    return tell(
      unknownWord(
        what,
        [...gateCommands, ...programCommands, ...groups].map(({ name }) => name),
        '',
      ),
      isJson,
    )
  const words = argv.join(' ')
  const command = group.commands.find(({ name }) => `${words} `.startsWith(`${name} `))
  // Three commands begin with `scim token`, which is no group and has no page of its own.
  const isBeginning = group.commands.some(({ name }) => name.startsWith(`${what} ${action} `))
  if (!command && (action === undefined || action.startsWith('-') || (wantsHelp && isBeginning))) {
    say(helpForGroup(group))
    return wantsHelp ? 0 : 2
  }
  if (!command) {
    const names = group.commands.map(({ name }) => name.slice(what.length + 1))
    // `scim token create` has two words after its group.
    const typed = names.some((name) => name.includes(' ')) ? argv.slice(1, 3) : argv.slice(1, 2)
    return tell(unknownWord(typed.join(' '), names, `${what} `), isJson)
  }
  if (wantsHelp) {
    say(helpForCommand(command))
    return 0
  }
  const input = parseInput(command, argv.slice(command.name.split(' ').length))
  if (!input.ok) return tell(input, isJson, command)
  return tell(await run(command, input.value), isJson, command, givenOptions(input.value))
}

async function readVersion(): Promise<string> {
  const manifest = v.object({ version: v.string() })
  return v.parse(manifest, JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))).version
}

async function run(command: Command, input: Input): Promise<Outcome> {
  const opened: Promise<Result<Store, Failure>>[] = []
  const isRemote = input.switches.has('remote')
  const environment = input.texts.get('env')?.[0]
  // wrangler reads the environment from there, as a command and as a library.
  if (environment !== undefined) process.env['CLOUDFLARE_ENV'] = environment
  // With a faulty config the usual database is used: a session may have to be revoked now.
  const settings = await readSettings(input.texts.get('config')?.[0] ?? configFile)
  const choice = {
    database: settings.ok ? settings.value.bindings.database : 'DB',
    isLocal: input.switches.has('local'),
    isRemote,
    persistTo: input.texts.get('persist-to')?.[0] ?? null,
  }
  const now = toInstant(Date.now())
  const api = readApiChoice(input, process.env, settings)
  const openOnce = async (): Promise<Result<D1Database, Failure>> => {
    if (input.texts.has('login-host')) return usage(noApiFor(command))
    if (opened.length === 0) opened.push(openStore(choice))
    const store = await opened[0]
    if (!store) return refused('unreachable: the store is opened above')
    if (store.ok) return ok(store.value.db)
    return api.ok && api.value
      ? refused(`${store.error.message}\n${noApiFor(command)}`, store.error.facts)
      : store
  }
  try {
    return await command.run(input, {
      now,
      openApi: async () => {
        if (!api.ok) return api
        if (!api.value) return ok(null)
        if (input.texts.has('as')) return usage(NAMED_BY_TOKEN)
        return ok(
          createApi(api.value, {
            patience: usualPatience,
            pause,
            newId: () => crypto.randomUUID(),
          }),
        )
      },
      openStore: openOnce,
      openAdmin: async () => {
        const operator = readOperator(input)
        if (!operator.ok) return operator
        const db = await openOnce()
        if (!db.ok) return db
        const onUnaudited = (error: unknown) => sayUnaudited(error, choice)
        return ok({
          db: db.value,
          kv: null,
          operator: operator.value,
          now,
          requestId: null,
          newId: () => crypto.randomUUID(),
          random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
          config: settings.ok
            ? { ...settings.value, loginHost: hostHere(settings.value, input) }
            : null,
          openSealer: (purpose) => openSealer(purpose, choice.isLocal),
          fetchMetadata,
          fetchWebhook: (url, init) => fetch(url, init),
          metadataReach: operatorReach,
          onUnaudited,
          // The Worker tells webhooks.
          onAudited: () => undefined,
        })
      },
      readConfig: async () => settings,
      openSealer: (purpose) => openSealer(purpose, choice.isLocal),
      readStdin,
      write,
      note: complain,
      ask,
      pause,
    })
  } catch (error) {
    if (error instanceof BadSecret) return refused(error.message)
    return explainThrown(error, isRemote, choice.database)
  } finally {
    // Why a store did not open is already told.
    for (const each of await Promise.allSettled(opened)) {
      if (each.status === 'fulfilled' && each.value.ok) await each.value.value.close()
    }
  }
}

function sayUnaudited(error: unknown, { isRemote, database }: StoreChoice): void {
  const why = explainThrown(error, isRemote, database)
  if (!why.ok)
    complain(`The change was made, but the audit could not record it. ${why.error.message}`)
}

/** Text to stdout, or a complaint to stderr; with --json, one document to stdout either way. */
function tell(
  outcome: Outcome,
  isJson: boolean,
  command: Command | null = null,
  given = '',
): number {
  if (outcome.ok) {
    const { text, json, isRefusal } = outcome.value
    if (text !== null && isJson) sayJson(json)
    else if (text !== null) say(completeHints(text, given))
    return isRefusal ? 1 : 0
  }
  const { kind, facts } = outcome.error
  const message = completeHints(outcome.error.message, given)
  if (isJson) sayJson({ error: { kind, message, ...facts } })
  else complain(message)
  if (!isJson && kind === 'usage' && command) {
    complain(`\nSee npx gatehouse ${command.name} --help`)
  }
  return kind === 'usage' ? 2 : 1
}

function unknownWord(word: string, known: readonly string[], before: string): Outcome {
  const suggested = didYouMean(word, known, (meant) => `"${before}${meant}"`)
  return usage(
    `"${before}${plain(word)}" is not a command.${suggested} There is: ${known.map((each) => before + each).join(', ')}.`,
  )
}

/** One sentence, never a stack. */
function explainThrown(error: unknown, isRemote: boolean, database: string): Outcome {
  const message = reasonOf(error)
  if (needsMigration(error)) {
    const store = isRemote ? '--remote' : '--local'
    return refused(
      `The database was made by an older Gatehouse. Apply the migrations: ${migrate([store], database)}`,
    )
  }
  if (isBusy(error instanceof StoreUnavailable ? error.cause : error)) {
    return refused(
      'Another program keeps the dev store locked, most likely `npm run dev`. Try again, or stop that program first.',
    )
  }
  const during = error instanceof StoreUnavailable ? ` (${error.during})` : ''
  return refused(`The store failed${during}: ${plain(message)}`)
}

async function ask(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ASK_MS)
  const response = await fetch(url, { redirect: 'manual', signal }).catch(() => null)
  await response?.body?.cancel()
  return response?.ok ?? false
}

async function readStdin(): Promise<Result<string, Failure>> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > STDIN_BYTES) return refused('stdin has more than 1 MB. Is it the right file?')
  }
  return ok(text)
}
