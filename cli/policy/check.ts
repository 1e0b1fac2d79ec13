/** `gatehouse check <person> <method> <url>`: what becomes of one request, and why. */
import { findOneUser } from '../../src/admin/people.ts'
import { listPeople } from '../../src/directory/people-store.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import { parseDuration } from '../../src/policy/rule-config.ts'
import { toInstant, type Instant } from '../../src/lib/instant.ts'
import {
  textOf,
  textOption,
  refused,
  usage,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { plain } from '../text.ts'
import { explainVerdict, sayAnswer } from './present.ts'
import { findSomebody, readPeople, toSomebody, type Somebody } from './people.ts'
import { parseFrom, parseMoment, parseRequest } from './read.ts'
import { isAllowed, verdictOf, type Verdict } from './verdict.ts'

export const personOptions = [
  textOption(
    'people',
    '<file>',
    'people of a JSON file or of gatehouse.test.ts, instead of the store',
  ),
  textOption('country', '<code>', 'where the request comes from; else it is not known'),
  textOption('ip', '<address>', 'the address that it comes from; else it is not known'),
  textOption('at', '<moment>', 'when it comes, such as 2026-11-27T12:00:00Z; else now'),
  textOption(
    'signed-in',
    '<duration>',
    'how long ago the person signed in, such as 2h; else just now',
  ),
  textOption('authn-context', '<class>', 'how they signed in; else it is not known'),
] as const

export async function checkPerson(input: Input, world: World): Promise<Outcome> {
  const [name = '', method, address] = input.positionals
  if (method === undefined || address === undefined) {
    return usage('Say who asks for what: `npx gatehouse check <person> <method> <url>`')
  }
  const config = await world.readConfig()
  if (!config.ok) return config
  const request = parseRequest(`${method} ${address}`, config.value)
  if (!request.ok) return usage(`"${plain(`${method} ${address}`)}" ${request.error}.`)
  const at = textOf(input, 'at')
  const now = at === null ? ok(world.now) : parseMoment(at)
  if (!now.ok) return usage(`--at ${now.error}.`)
  const from = parseFrom({
    country: textOf(input, 'country') ?? undefined,
    ip: textOf(input, 'ip') ?? undefined,
  })
  if (!from.ok) return usage(`The request ${from.error}.`)
  const found = name === 'nobody' ? ok(null) : await find(name, now.value, input, world)
  if (!found.ok) return found
  const somebody = found.value
  const person = somebody && withSignIn(somebody, input, now.value)
  if (person && !person.ok) return person

  const question = { ...request.value, ...from.value, now: now.value }
  const verdict = verdictOf(config.value, person?.value ?? null, question)
  const isOut = somebody !== null && !somebody.mayComeIn
  const isOpen = isAllowed(verdict) && (!isOut || isPublic(verdict))
  const answer =
    isOut && !isPublic(verdict)
      ? 'refused: the person is disabled, or their connection is'
      : sayAnswer(verdict)
  return ok({
    text: [
      `${plain(somebody?.name ?? 'nobody')}${somebody ? ` (${somebody.person.connection})` : ''}: ${request.value.method} ${request.value.url.href}`,
      ...explainVerdict(verdict),
      `${'answer'.padEnd(11)}${answer}`,
    ].join('\n'),
    json: {
      person: somebody?.name ?? null,
      method: request.value.method,
      url: request.value.url.href,
      isAllowed: isOpen,
      answer,
      route: verdict.kind === 'judged' ? verdict.route.path : null,
      why: verdict.kind === 'judged' && verdict.by.kind !== 'login' ? verdict.by.why : null,
    },
    isRefusal: !isOpen,
  })
}

const isPublic = (verdict: Verdict): boolean => verdict.kind === 'judged' && verdict.isPublic

async function find(
  name: string,
  now: Instant,
  input: Input,
  world: World,
): Promise<Result<Somebody, Failure>> {
  const file = textOf(input, 'people')
  if (file !== null) {
    const people = await readPeople(file, now)
    return people.ok ? findSomebody(people.value, name, file) : people
  }
  const db = await world.openStore()
  if (!db.ok) return db
  const user = await findOneUser(db.value, { text: name, connection: null })
  if (!user.ok) {
    return refused(
      user.error.reason === 'several-users'
        ? `Several people are called "${plain(name)}". Name one by id: \`npx gatehouse user list ${plain(name)}\``
        : `Nobody is called "${plain(name)}". People are known by id, user name or email address: \`npx gatehouse user list\``,
    )
  }
  const [known] = await listPeople(db.value, { after: null, id: user.value.id, limit: 1 })
  return known ? ok(toSomebody(known, now)) : refused('The person was removed meanwhile.')
}

function withSignIn(
  { person }: Somebody,
  input: Input,
  now: Instant,
): Result<Somebody['person'], Failure> {
  const ago = textOf(input, 'signed-in')
  const seconds = ago === null ? null : parseDuration(ago)
  if (ago !== null && seconds === null)
    return usage('--signed-in must be a duration, such as 15m or 2h.')
  const at = seconds === null ? null : toInstant(now - seconds * 1000)
  return ok({
    ...person,
    authnContext: textOf(input, 'authn-context') ?? person.authnContext,
    ...(at === null ? {} : { authnInstant: at, signedInAt: at }),
  })
}
