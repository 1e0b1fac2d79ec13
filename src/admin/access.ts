/** `access check`: whether a person may make a request, and why, by the config as it is deployed. */
import * as v from 'valibot'
import { listPeople } from '../directory/people-store.ts'
import { toInstant, type Instant } from '../lib/instant.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { parseDuration } from '../policy/rule-config.ts'
import type { Context, DeployedConfig } from './context.ts'
import { oneValue, optionalText, requiredText, type Field } from './field.ts'
import { defineOperation, refusal, type Refusal } from './operation.ts'
import { findOneUser, type PersonRefusal } from './people.ts'
import { explainPerson } from './people-shown.ts'
import { parseFrom, parseMoment, parseRequest, toSomebody, type Somebody } from './question.ts'
import { isAllowed, verdictOf, type Question, type Verdict } from './verdict.ts'
import { explainVerdict, sayAnswer } from './verdict-words.ts'
import { sentence } from './view.ts'

export interface AccessAnswer {
  readonly facts: {
    readonly person: string | null
    readonly method: string
    readonly url: string
    readonly isAllowed: boolean
    readonly answer: string
    readonly route: string | null
    readonly why: object | null
  }
  readonly lines: readonly string[]
}

/** @param somebody null: nobody is signed in. */
export function answerAccess(
  config: DeployedConfig,
  somebody: Somebody | null,
  question: Question,
): AccessAnswer {
  const verdict = verdictOf(config, somebody?.person ?? null, question)
  const { method, url } = question
  const isOut = somebody !== null && !somebody.mayComeIn && !isPublic(verdict)
  const answer = isOut
    ? 'refused: the person is disabled, or their connection is'
    : sayAnswer(verdict)
  const name = somebody?.name ?? 'nobody'
  return {
    facts: {
      person: somebody?.name ?? null,
      method,
      url: url.href,
      isAllowed: isAllowed(verdict) && !isOut,
      answer,
      route: verdict.kind === 'judged' ? verdict.route.path : null,
      why: verdict.kind === 'judged' && verdict.by.kind !== 'login' ? verdict.by.why : null,
    },
    lines: [
      `${name}${somebody ? ` (${somebody.person.connection})` : ''}: ${method} ${url.href}`,
      ...explainVerdict(verdict),
      `${'answer'.padEnd(11)}${answer}`,
    ],
  }
}

const isPublic = (verdict: Verdict): boolean => verdict.kind === 'judged' && verdict.isPublic

const momentField: Field<Instant | null> = oneValue(
  {
    meaning: 'when it comes, such as 2026-11-27T12:00:00Z; else now',
    placeholder: 'moment',
    isRequired: false,
    schema: { type: 'string', format: 'date-time' },
  },
  (given) => (given === null ? ok(null) : parseMoment(given)),
)

const durationField: Field<number | null> = oneValue(
  {
    meaning: 'how long ago the person signed in, such as 2h; else just now',
    placeholder: 'duration',
    isRequired: false,
    schema: { type: 'string', maxLength: 20 },
  },
  (given) => {
    const seconds = given === null ? null : parseDuration(given)
    return given !== null && seconds === null
      ? err('must be a duration, such as 15m or 2h')
      : ok(seconds)
  },
)

export const askFields = {
  country: optionalText('code', 'where the request comes from; else it is not known'),
  ip: optionalText('address', 'the address that it comes from; else it is not known', 50),
  at: momentField,
  'signed-in': durationField,
  'authn-context': optionalText('class', 'how they signed in; else it is not known'),
}

type AccessRefusal =
  | PersonRefusal
  | { readonly reason: 'no-config' }
  | { readonly reason: 'request'; readonly problem: string }

export const accessCheck = defineOperation({
  name: 'access check',
  summary: 'whether a person may make a request, and why',
  details:
    'It answers what the gate would answer, line by line. Attributes of a person, and groups without a directory, are known only while the person has a session.',
  examples: [
    {
      says: 'why a person may not',
      input: {
        person: 'ada@example.com',
        method: 'GET',
        url: 'https://wiki.example.com/admin',
      },
    },
  ],
  subject: 'person',
  fields: {
    person: requiredText('person', 'by id, user name or email address; nobody is a visitor'),
    method: requiredText('method', 'such as GET', 20),
    url: requiredText('url', 'an address, or a path of the first site', 4000),
    ...askFields,
  },
  changes: false,
  scope: 'read',
  isDangerous: false,
  http: { method: 'GET', path: '/access-check' },
  result: v.object({
    person: v.nullable(v.string()),
    method: v.string(),
    url: v.string(),
    isAllowed: v.boolean(),
    answer: v.string(),
    route: v.nullable(v.string()),
    why: v.nullable(v.looseObject({ holds: v.nullable(v.boolean()) })),
  }),
  judge: null,
  run: async (context, given): Promise<Result<AccessAnswer, AccessRefusal>> => {
    const { config } = context
    if (!config) return err({ reason: 'no-config' })
    const request = parseRequest(`${given.method} ${given.url}`, config)
    if (!request.ok) return err({ reason: 'request', problem: request.error })
    const from = parseFrom({ country: given.country ?? undefined, ip: given.ip ?? undefined })
    if (!from.ok) return err({ reason: 'request', problem: from.error })
    const now = given.at ?? context.now
    const found = given.person === 'nobody' ? ok(null) : await find(context.db, given.person, now)
    if (!found.ok) return found
    const somebody = found.value && withSignIn(found.value, given, now)
    return ok(answerAccess(config, somebody, { ...request.value, ...from.value, now }))
  },
  show: ({ facts, lines }) => ({ facts: { ...facts }, view: lines.map((line) => sentence(line)) }),
  undo: null,
  explain: explainAccess,
})

async function find(
  db: Context['db'],
  name: string,
  now: Instant,
): Promise<Result<Somebody, PersonRefusal>> {
  const user = await findOneUser(db, { text: name, connection: null })
  if (!user.ok) return user
  const { id, userName } = user.value
  const [known] = await listPeople(db, { after: null, id, limit: 1 })
  return known ? ok(toSomebody(known, now)) : err({ reason: 'user-gone', userName })
}

/** The person, as signed in at the time and in the way that were given. */
export function withSignIn(
  { person, ...somebody }: Somebody,
  given: { readonly 'signed-in': number | null; readonly 'authn-context': string | null },
  now: Instant,
): Somebody {
  const seconds = given['signed-in']
  const at = seconds === null ? null : toInstant(now - seconds * 1000)
  return {
    ...somebody,
    person: {
      ...person,
      authnContext: given['authn-context'] ?? person.authnContext,
      ...(at === null ? {} : { authnInstant: at, signedInAt: at }),
    },
  }
}

function explainAccess(refused: AccessRefusal): Refusal {
  switch (refused.reason) {
    case 'no-config':
      return refusal('conflict', refused.reason, 'The config of this Gatehouse is not known here.')
    case 'request':
      return refusal('invalid', refused.reason, `The request ${refused.problem}.`)
    default:
      return explainPerson(refused)
  }
}
