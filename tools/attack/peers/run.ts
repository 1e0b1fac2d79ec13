/** Installs the libraries, sends the catalogue to each one, and counts the outcomes. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '../../../src/lib/result.ts'
import { createTestIdp } from '../../signing/saml-signer.ts'
import { catalogue } from '../catalogue.ts'
import { build, response, type Message, type Seed, type Stage } from '../entry.ts'
import { capturedStages, distinct, ownStages } from '../fixtures.ts'
import { openAsGatehouse, postedOf } from '../gatehouse.ts'
import { piecesOf } from '../text.ts'
import type { Figures, PeerFigures } from './figures.ts'
import type { Numbered, Question, Reply } from './child.ts'
import { libraries, type Library } from './libraries.ts'

const vectors = join(import.meta.dirname, '..', '..', '..', 'test', 'vectors', 'responses')
const SECONDS = 20

/** Gives a message to a library and returns its reply. */
type Open = (message: Message, seed: Seed) => Promise<Reply | 'no answer'>

export async function playPeers(
  now: Date,
  tell: (line: string) => void,
): Promise<Result<PeerFigures, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'attack-peers-'))
  try {
    tell('Installing the libraries …')
    const installed = install(folder)
    if (!installed.ok) return installed
    const stages = await everyStage()
    const gatehouse = { name: 'Gatehouse', version: '', open: openOwn }
    const peers: Figures[] = [await count(gatehouse, stages, tell)]
    for (const library of libraries) {
      const peer = new Peer(library, folder)
      const open: Open = (message, seed) => peer.open(message, seed)
      peers.push(await count({ ...library, open }, stages, tell))
      peer.stop()
    }
    return ok({ date: now.toISOString().slice(0, 10), node: process.version.slice(1), peers })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function install(folder: string): Result<true, string> {
  const dependencies = Object.fromEntries(
    libraries.flatMap(({ name, version, beside }) => [[name, version], ...Object.entries(beside)]),
  )
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--ignore-scripts',
    '--loglevel=error',
  ]
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' })
  return status === 0 ? ok(true) : err(`npm did not install the libraries:\n${stderr}`)
}

async function everyStage(): Promise<readonly Stage[]> {
  const read = (name: string) => readFileSync(join(vectors, name), 'utf8')
  const attacker = await createTestIdp()
  const manifest = JSON.parse(read('manifest.json'))
  const stages = distinct([
    ...(await ownStages(attacker, new Date('2026-11-24T10:00:00Z'))),
    ...(await capturedStages(manifest, read, attacker)),
  ])
  const chosen = stages.filter(
    ({ seed }) => seed.name.startsWith('ours') || seed.name.endsWith('-both'),
  )
  // One second after it was issued: some responses become valid in the middle of the second that
  // they name.
  return chosen.map((stage) => {
    const now = new Date(stage.seed.now.getTime() + 1000)
    // Each library configures decryption differently, so encrypted messages are left out for all of
    // them.
    return { ...stage, encryptionKey: null, seed: { ...stage.seed, now } }
  })
}

const openOwn: Open = async (message, seed) => {
  const opened = await openAsGatehouse(message, seed)
  return opened.ok ? { name: opened.value.nameId ?? '' } : { refused: opened.error }
}

interface Player {
  readonly name: string
  readonly version: string
  readonly open: Open
}

async function count(
  { name, version, open }: Player,
  stages: readonly Stage[],
  tell: (line: string) => void,
): Promise<Figures> {
  const good: Stage[] = []
  for (const stage of stages) {
    const reply = await open(response(stage.seed.xml), stage.seed)
    if (reply !== 'no answer' && 'name' in reply && reply.name === stage.seed.nameId)
      good.push(stage)
  }
  tell(`${name} ${version}: accepts ${good.length} of ${stages.length} responses as they are`)
  const became = { refused: 0, signed: 0, nameless: 0, other: 0, 'no answer': 0 }
  const classes = new Map<string, number>()
  let [played, mustRefuse, forged, mustAccept, refusedGood] = [0, 0, 0, 0, 0]
  for (const entry of catalogue) {
    // Time and memory depend on the machine and on the program around the library, so these are not
    // counted.
    if (entry.class === 'resource') continue
    for (const stage of good) {
      const message = await build(entry, stage)
      if (!message || !isForLibraries(message)) continue
      played++
      const seed = entry.correct === 'accept' ? asSigned(message, stage.seed) : stage.seed
      const outcome = outcomeOf(await open(message, seed), message, seed)
      if (outcome === 'no answer') tell(`  ${entry.id} (${stage.seed.name}): no answer`)
      if (outcome === 'other' && entry.by === 'attacker') {
        forged++
        tell(`  ${entry.id} (${stage.seed.name}): another name came out`)
      }
      if (entry.correct === 'accept') {
        mustAccept++
        if (outcome !== 'signed') refusedGood++
      }
      if (entry.correct !== 'refuse') continue
      mustRefuse++
      became[outcome]++
      if (outcome === 'signed') classes.set(entry.class, (classes.get(entry.class) ?? 0) + 1)
    }
  }
  return {
    name,
    version,
    seeds: good.length,
    seedsAll: stages.length,
    played,
    mustRefuse,
    refused: became.refused,
    acceptedSigned: became.signed,
    acceptedNameless: became.nameless,
    acceptedOther: became.other,
    noAnswer: became['no answer'],
    forged,
    mustAccept,
    refusedGood,
    classes: [...classes].map(([of, times]) => ({ class: of, count: times })),
  }
}

type Outcome = 'refused' | 'signed' | 'nameless' | 'other' | 'no answer'

/** If a valid message is signed differently than its seed, the seed is adjusted to it. */
function asSigned(message: Message, seed: Seed): Seed {
  if (message.kind !== 'response' || typeof message.document !== 'string') return seed
  const { responseSignature, assertionSignature } = piecesOf(message.document)
  const one = responseSignature === '' ? 'assertion' : 'response'
  return { ...seed, signed: responseSignature && assertionSignature ? 'both' : one }
}

/**
 * Only messages that a web framework hands to a library: reading the form is not the library's
 * task.
 */
const isForLibraries = (message: Message): boolean =>
  message.kind !== 'form' && !(message.kind === 'response' && message.certificates !== null)

function outcomeOf(reply: Reply | 'no answer', message: Message, seed: Seed): Outcome {
  if (reply === 'no answer') return reply
  if ('refused' in reply) return 'refused'
  if (reply.name.trim() === '') return 'nameless'
  const signed = (message.kind === 'response' ? message.nameId : null) ?? seed.nameId
  // White space around the name is not counted as another name.
  return reply.name.trim() === signed.trim() ? 'signed' : 'other'
}

/** A process with one library. It is restarted if it does not reply. */
class Peer {
  readonly #library: Library
  readonly #folder: string
  /** The running process; empty: none. */
  readonly #children: ChildProcess[] = []
  #asked = 0

  constructor(library: Library, folder: string) {
    this.#library = library
    this.#folder = folder
  }

  /**
   * If there is no reply, the message is tried once more in a fresh process: earlier messages may
   * have used up the first one.
   */
  async open(message: Message, seed: Seed): Promise<Reply | 'no answer'> {
    const reply = await this.#ask(message, seed)
    return reply === 'no answer' ? this.#ask(message, seed) : reply
  }

  async #ask(message: Message, seed: Seed): Promise<Reply | 'no answer'> {
    const child = this.#children[0] ?? this.#start()
    const number = ++this.#asked
    const question: Question = {
      number,
      posted: postedOf(message),
      seed: { ...seed, now: seed.now.toISOString() },
    }
    const reply = await new Promise<Reply | 'no answer'>((resolve) => {
      const timer = setTimeout(() => resolve('no answer'), SECONDS * 1000)
      const done = (answer: Reply | 'no answer') => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve(answer)
      }
      child.on('message', (answer: Numbered) => {
        if (answer.number === number) done(answer.reply)
      })
      child.on('exit', () => done('no answer'))
      child.send(question)
    })
    if (reply === 'no answer') this.stop()
    return reply
  }

  #start(): ChildProcess {
    const child = fork(join(import.meta.dirname, 'child.ts'), [this.#library.name, this.#folder], {
      stdio: 'ignore',
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=512'],
    })
    this.#children.push(child)
    return child
  }

  stop(): void {
    for (const child of this.#children.splice(0)) {
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
    }
  }
}
