/** The command line of `npm run attack`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { complain, say } from '../../cli/terminal.ts'
import { toPlainJson } from '../../src/lib/plain.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { catalogue } from './catalogue.ts'
import { attacksDocument } from './docs.ts'
import type { Entry } from './entry.ts'
import { readMaterial } from './given.ts'
import { help } from './help.ts'
import { play } from './play.ts'
import type { PeerFigures } from './peers/figures.ts'
import { playPeers } from './peers/run.ts'
import { loopbackTarget, sender } from './send.ts'
import { playedText, tableOf } from './table.ts'
import { writeMessages } from './write.ts'

const root = join(import.meta.dirname, '..', '..')
const figuresFile = join(import.meta.dirname, 'peers', 'figures.json')

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const
const options = {
  acs: text,
  out: text,
  peers: flag,
  record: flag,
  docs: flag,
  list: flag,
  response: text,
  'idp-key': text,
  'idp-cert': text,
  'sp-cert': text,
  only: texts,
  skip: texts,
  'relay-state': text,
  cookie: texts,
  header: texts,
  timeout: text,
  'accepted-status': text,
  'accepted-location': text,
  'accepted-cookie': text,
  'accepted-text': text,
  'valid-first': flag,
  json: flag,
  help: flag,
} as const

type Given = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

process.exitCode = await main(process.argv.slice(2))

/** @returns the exit code 0, 1 or 2, as the help explains. */
async function main(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv)
  const done = given.ok ? await run(given.value, argv.length) : given
  if (done.ok) return done.value
  complain(`${done.error}\n\nSee npm run attack -- --help`)
  return 2
}

function readArguments(argv: readonly string[]): Result<Given, string> {
  try {
    return ok(parseArgs({ args: [...argv], options, strict: true }).values)
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

async function run(given: Given, count: number): Promise<Result<number, string>> {
  if (given.help || count === 0) {
    say(help)
    return ok(given.help ? 0 : 2)
  }
  const wanted = [given.acs, given.out, given.peers, given.docs, given.list]
  if (wanted.filter(Boolean).length !== 1) {
    return err('Give exactly one of --acs <url>, --out <folder>, --peers, --docs and --list.')
  }
  if (given.list) return list(given)
  if (given.docs) return writeDocument()
  if (given.peers) return comparePeers(given)
  return given.response === undefined
    ? err('The messages are made from a valid response. Give one with --response <file>.')
    : playGiven(given, given.response)
}

function isChosen({ only = [], skip = [] }: Given, entry: Pick<Entry, 'id' | 'class'>): boolean {
  const has = (part: string) => entry.id.includes(part) || entry.class.includes(part)
  return (only.length === 0 || only.some(has)) && !skip.some(has)
}

function list(given: Given): Result<number, string> {
  const chosen = catalogue.filter((entry) => isChosen(given, entry))
  const rows = chosen.map(({ id, class: of, by, correct, says }) => [id, of, by, correct, says])
  say(
    given.json
      ? JSON.stringify(
          chosen.map(({ id, class: of, by, correct, says, source }) => ({
            id,
            class: of,
            by,
            correct,
            says,
            source,
          })),
          null,
          2,
        )
      : tableOf(['id', 'class', 'by', 'correct', 'what it does'], rows),
  )
  return ok(0)
}

async function writeDocument(): Promise<Result<number, string>> {
  const figures = JSON.parse(readFileSync(figuresFile, 'utf8')) as PeerFigures
  writeFileSync(join(root, 'docs', 'attacks.md'), await attacksDocument(figures))
  return ok(0)
}

async function comparePeers(given: Given): Promise<Result<number, string>> {
  const figures = await playPeers(new Date(), (line) => complain(line))
  if (!figures.ok) return figures
  const { peers } = figures.value
  const rows = (
    [
      'seeds',
      'played',
      'mustRefuse',
      'refused',
      'acceptedSigned',
      'acceptedNameless',
      'acceptedOther',
      'noAnswer',
      'forged',
      'mustAccept',
      'refusedGood',
    ] as const
  ).map((name) => [name, ...peers.map((peer) => String(peer[name]))])
  const head = ['', ...peers.map(({ name, version }) => `${name} ${version}`.trim())]
  say(given.json ? toPlainJson(figures.value, 2) : tableOf(head, rows))
  if (given.record) {
    writeFileSync(figuresFile, `${JSON.stringify(figures.value, null, 2)}\n`)
    return writeDocument()
  }
  const [own] = peers
  return ok(own && (own.refused < own.mustRefuse || own.forged > 0) ? 1 : 0)
}

async function playGiven(given: Given, file: string): Promise<Result<number, string>> {
  const files = {
    response: file,
    idpKey: given['idp-key'] ?? null,
    idpCertificate: given['idp-cert'] ?? null,
    spCertificate: given['sp-cert'] ?? null,
  }
  const material = await readMaterial(files, new Date())
  if (!material.ok) return material
  const chosen = (entry: Pick<Entry, 'id' | 'class'>) => isChosen(given, entry)
  if (given.out !== undefined) {
    mkdirSync(given.out, { recursive: true })
    const written = await writeMessages(material.value, given.out, chosen)
    say(`${written} messages in ${given.out}; index.tsv there says what each is.`)
    return ok(0)
  }
  const settings = await readSettings(given)
  if (!settings.ok) return settings
  const { target, sending, signs } = settings.value
  const played = await play(material.value, sender(target, sending), {
    signs,
    isValidFirst: given['valid-first'] === true,
    isChosen: chosen,
    onSent: (id) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${id}`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  say(given.json ? toPlainJson(played, 2) : playedText(played))
  if (played.rows.some(({ isWrong }) => isWrong)) return ok(1)
  return ok(played.inconclusive === null ? 0 : 2)
}

async function readSettings(given: Given) {
  const target = await loopbackTarget(given.acs ?? '')
  if (!target.ok) return target
  const seconds = Number(given.timeout ?? '10')
  if (!(seconds > 0 && seconds <= 600))
    return err('--timeout must be a number of seconds, at most 600.')
  const status = given['accepted-status']
  if (status !== undefined && !/^[1-5]\d\d$/.test(status)) {
    return err('--accepted-status must be an HTTP status such as 302.')
  }
  const headers: (readonly [string, string])[] = []
  for (const header of given.header ?? []) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(header) ?? []
    if (!name) return err(`--header "${header}" must have the form name: value.`)
    headers.push([name, value ?? ''])
  }
  return ok({
    target: target.value,
    sending: {
      relayState: given['relay-state'] ?? null,
      cookies: given.cookie ?? [],
      headers,
      timeoutMilliseconds: seconds * 1000,
    },
    signs: {
      status: status === undefined ? null : Number(status),
      location: given['accepted-location'] ?? null,
      cookie: given['accepted-cookie'] ?? null,
      text: given['accepted-text'] ?? null,
    },
  })
}
