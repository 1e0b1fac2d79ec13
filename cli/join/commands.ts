import {
  explainOne,
  joinPreview,
  peopleTable,
  ruleBlocks,
  ruleFacts,
} from '../../src/admin/join.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import {
  listOf,
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
import { tryGiven } from '../connection/test.ts'
import { limitOption } from '../limit.ts'
import { perform } from '../perform.ts'
import { viewText } from '../shown.ts'
import { siteOption, storeOptions } from '../options.ts'

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
      switchOption('all', 'try all people who signed in, and all who are provisioned'),
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
  const { id, settings } = connection
  const rule = settings.directory.join
  const explained = await explainOne(db.value, { id, rule, subject, hints })
  return ok({
    text: viewText([...ruleBlocks(connection, rule), peopleTable([explained])]),
    json: { ...ruleFacts(connection, rule), people: [explained] },
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
  const [connection = ''] = input.positionals
  const given = new Map([
    ['connection', [connection]],
    ['limit', listOf(input, 'limit')],
  ])
  const done = await perform(joinPreview, given, world)
  if (!done.ok) return done
  const { view, facts } = done.value.answer
  return ok({ text: viewText(view), json: facts, isRefusal: facts['isComplete'] !== true })
}
