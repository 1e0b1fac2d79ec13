import type { Connection } from '../../src/connection/connection.ts'
import { findProvisioned } from '../../src/directory/join-store.ts'
import { findEntriesLike, findEntry, listEntries } from '../../src/directory/overview-store.ts'
import { pageUsers } from '../../src/directory/search-store.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import {
  positional,
  refused,
  switchOption,
  textOf,
  textOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { joinWords } from '../../src/admin/connection-shown.ts'
import { knownConnection } from '../connection/known.ts'
import { tryGiven } from '../connection/test.ts'
import { limitOption, readLimit } from '../limit.ts'
import { siteOption, storeOptions } from '../options.ts'
import { plain, table } from '../text.ts'
import { explainReach, explainSubject, type Explained, type Reach } from './explain.ts'

export const joinCommands: readonly Command[] = [
  {
    name: 'join test',
    summary: 'which provisioned person a sign-in belongs to, and why',
    positionals: [positional('connection', 'the connection whose rule is tried')],
    options: [
      textOption(
        'response',
        '<file|->',
        'try one person: a SAMLResponse, as connection test takes it',
      ),
      switchOption('all', 'try everybody who signed in, and everybody who is provisioned'),
      textOption(
        'at',
        '<time>',
        'with --response: the time at which to try it (default: when it was issued)',
      ),
      limitOption(),
      siteOption,
      ...storeOptions,
    ],
    details:
      'connection update --join and --subject-attribute set the rule. Nobody is signed in, and nothing is written.',
    examples: [
      { says: 'before the rule is changed', line: 'npx gatehouse join test acme --all --remote' },
      {
        says: 'why one person is refused',
        line: 'npx gatehouse join test acme --response saved.txt --remote',
      },
    ],
    run: test,
  },
]

async function test(input: Input, world: World): Promise<Outcome> {
  const isAll = input.switches.has('all')
  if (isAll === (textOf(input, 'response') !== null)) {
    return usage(
      isAll
        ? '--response and --all contradict each other: give one.'
        : 'Whose sign-in? Give --response or --all.',
    )
  }
  return isAll ? testAll(input, world) : testOne(input, world)
}

async function testOne(input: Input, world: World): Promise<Outcome> {
  const person = await readPerson(input, world)
  if (!person.ok) return person
  const { connection, subject, hints } = person.value
  const db = await world.openStore()
  if (!db.ok) return db
  const explained = await explain(db.value, connection, subject, hints)
  return ok({
    text: [ruleLine(connection), '', peopleTable([explained])].join('\n'),
    json: { ...ruleJson(connection), people: [explained] },
    isRefusal: explained.outcome !== 'matches',
  })
}

interface Asked {
  readonly connection: Connection
  readonly subject: string
  /** Other names of the person. */
  readonly hints: readonly string[]
}

/** Only an accepted response names a person. A saved response has expired, so it is tried as of its issue. */
async function readPerson(input: Input, world: World): Promise<Result<Asked, Failure>> {
  const stdin: Promise<Result<string, Failure>>[] = []
  const once = {
    ...world,
    readStdin: () => {
      if (stdin.length === 0) stdin.push(world.readStdin())
      return stdin[0] ?? world.readStdin()
    },
  }
  const now = await tryGiven(input, once)
  if (!now.ok) return now
  const { issuedAt } = now.value.judgement
  const isLate = now.value.judgement.person === null && textOf(input, 'at') === null
  const judged =
    isLate && issuedAt !== null ? await tryGiven(input, { ...once, now: issuedAt }) : now
  if (!judged.ok) return judged
  const { connection, judgement } = judged.value
  const { person } = judgement
  if (!person) {
    const failed = judgement.checks.find(({ outcome }) => outcome === 'failed')
    return refused(
      `The response is not accepted: ${failed?.check ?? 'it cannot be read'}. \`npx gatehouse connection test ${connection.id} --response <file>\` shows every check.`,
    )
  }
  const hints = [person.userName, person.email ?? '', person.displayName ?? '']
  return ok({ connection, subject: person.subject, hints })
}

async function testAll(input: Input, world: World): Promise<Outcome> {
  const limit = readLimit(input)
  if (!limit.ok) return limit
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, input.positionals[0] ?? '')
  if (!connection.ok) return connection
  const { id, settings } = connection.value
  // A provisioned user has no stored subject of the IdP to try.
  const users = (
    await pageUsers(db.value, { connection: id, words: [], after: null, limit: limit.value })
  ).filter(({ source }) => source === 'jit')
  const people: Explained[] = []
  for (const { subject, userName, email, displayName } of users) {
    const hints = [userName, email ?? '', displayName ?? '']
    people.push(await explain(db.value, connection.value, subject, hints))
  }
  const entries = await listEntries(db.value, id, limit.value)
  const directory = explainReach(settings.directory.join, entries)
  const matching = people.filter(({ outcome }) => outcome === 'matches').length
  const reachable = directory.filter(({ outcome }) => outcome === 'reachable').length
  const told = directory.filter(({ outcome }) => outcome !== 'reachable')
  return ok({
    text: [
      ruleLine(connection.value),
      '',
      `${peopleWords(people.length)} signed in without being provisioned; ${matching} would match:`,
      ...(people.length > 0 ? [peopleTable(people)] : []),
      '',
      `${peopleWords(directory.length)} in the directory; for ${reachable}, a sign-in can match without question:`,
      ...(told.length > 0 ? [reachTable(told)] : []),
    ].join('\n'),
    json: { ...ruleJson(connection.value), people, directory },
    isRefusal:
      matching < people.length || directory.some(({ outcome }) => outcome === 'unreachable'),
  })
}

async function explain(
  db: D1Database,
  { id, settings }: Connection,
  subject: string,
  hints: readonly string[],
): Promise<Explained> {
  const { join } = settings.directory
  const found = await findProvisioned(db, id, join, subject)
  if (found.ok) return explainSubject(join, subject, await findEntry(db, found.value), [])
  if (found.error === 'several-provisioned') return explainSubject(join, subject, 'several', [])
  const bySubject = await findEntriesLike(db, id, [subject])
  const near = bySubject.length > 0 ? bySubject : await findEntriesLike(db, id, hints)
  return explainSubject(join, subject, null, near)
}

const peopleWords = (number: number): string => `${number} ${number === 1 ? 'person' : 'people'}`

const ruleLine = ({ id, provisioning, settings }: Connection): string => {
  const { subject, directory } = settings
  const side = subject.from === 'name-id' ? 'the NameID' : `the attribute ${plain(subject.name)}`
  const unused =
    provisioning === 'jit'
      ? '\nWarning: the connection is jit, so sign-ins are not compared with the directory.'
      : ''
  return `"${id}": ${side} is ${joinWords[directory.join]}.${unused}`
}

const ruleJson = ({ id, provisioning, settings }: Connection) => ({
  connection: id,
  provisioning,
  rule: { subject: settings.subject, join: settings.directory.join },
})

const peopleTable = (people: readonly Explained[]): string =>
  table([
    ['SUBJECT', 'OUTCOME', 'USER NAME', 'WHY'],
    ...people.map(({ subject, outcome, userName, why }) => [
      subject,
      outcome,
      userName ?? '-',
      why,
    ]),
  ])

const reachTable = (people: readonly Reach[]): string =>
  table([
    ['USER NAME', 'OUTCOME', 'WHY'],
    ...people.map(({ userName, outcome, why }) => [userName, outcome, why ?? '']),
  ])
