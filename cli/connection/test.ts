import { explainUnknownConnection } from '../../src/admin/connections.ts'
import { tryResponse, type Tried, type TriedCheck } from '../../src/admin/responses.ts'
import type { Connection } from '../../src/connection/connection.ts'
import { decodeUtf8 } from '../../src/lib/bytes.ts'
import type { Person } from '../../src/directory/user.ts'
import { secondsBetween, toIso, type Instant } from '../../src/lib/instant.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import { parseTime } from '../../src/lib/time.ts'
import type { Host } from '../../src/site/host.ts'
import { SP_KEYS_PURPOSE } from '../../src/sp/keys.ts'
import {
  positional,
  refused,
  textOf,
  textOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { refuse } from '../shown.ts'
import { siteOption, storeOptions } from '../options.ts'
import { hostOf } from '../sites.ts'
import { fields, plain } from '../text.ts'
import { readPasted } from './pasted.ts'
import { explainRemark } from './remarks.ts'
import { testSignIn } from './sign-in.ts'
import { readSmallFile } from './source.ts'

export const testConnection: Command = {
  name: 'connection test',
  summary: 'a test sign-in by a link, or a response of the IdP, check by check; signs nobody in',
  positionals: [positional('id', 'which connection')],
  options: [
    textOption(
      'response',
      '<file|->',
      'the SAMLResponse: base64, the posted form, or XML; -: stdin',
    ),
    textOption(
      'at',
      '<time>',
      'the time at which to try it, such as 2026-11-24T12:00:00Z (default now)',
    ),
    siteOption,
    ...storeOptions,
  ],
  details:
    "Without --response, the command prints a link and waits. Open the link, and sign in at the IdP as yourself or as a test account; the checks follow. connection try makes the link and does not wait. To get a response for --response: open the browser's network tools, sign in, and copy the SAMLResponse of the POST to …/acs. Treat it like a password until it has expired.",
  examples: [
    { says: 'before people use it', line: 'npx gatehouse connection test acme --remote' },
    {
      says: 'a response on the clipboard',
      line: 'xclip -o | npx gatehouse connection test acme --response - --local',
    },
    {
      says: 'a response that has expired since',
      line: 'npx gatehouse connection test acme --response saved.txt --at 2026-11-24T12:00:00Z --local',
    },
  ],
  run: (input, world) =>
    textOf(input, 'response') === null ? testSignIn(input, world) : test(input, world),
}

async function test(input: Input, world: World): Promise<Outcome> {
  const judged = await tryGiven(input, world)
  if (!judged.ok) return judged
  const { connection, site, at, judgement } = judged.value
  const { id } = connection
  const isRefusal = judgement.user === null || judgement.checks.some(isFailed)
  return ok({
    text: [
      `A response for "${id}" at ${site.url}, tried as of ${toIso(at)}:`,
      '',
      ...judgement.checks.flatMap(checkLines),
      '',
      ...personLines(judgement),
      isRefusal ? 'It would be refused.' : 'It would be accepted. Nobody was signed in.',
      ...(isRefusal ? ageLines(judgement, at) : []),
    ].join('\n'),
    json: {
      connection: id,
      site: site.url,
      at: toIso(at),
      accepted: !isRefusal,
      checks: judgement.checks,
      person: judgement.person && {
        ...judgement.person,
        attributes: Object.fromEntries(valueCounts(judgement.person)),
      },
      user: judgement.user,
    },
    isRefusal,
  })
}

interface Judged extends Pick<TriedCheck, 'check' | 'outcome'> {
  /** null: nothing to add. */
  readonly says: string | null
}

type Judgement = Omit<Tried, 'checks' | 'connection'> & { readonly checks: readonly Judged[] }

export interface TriedResponse {
  readonly connection: Connection
  readonly site: Host
  readonly at: Instant
  readonly judgement: Judgement
}

/** Tries the response of --response for the connection that is named first, as of --at, at the site of --site. */
export async function tryGiven(
  input: Input,
  world: World,
): Promise<Result<TriedResponse, Failure>> {
  const [id = ''] = input.positionals
  const given = readAt(input, world.now)
  if (!given.ok) return given
  const response = await readResponse(input, world)
  if (!response.ok) return response
  const config = await world.readConfig()
  if (!config.ok) return config
  const site = hostOf(config.value, input)
  if (!site.ok) return site
  const db = await world.openStore()
  if (!db.ok) return db
  const tried = await tryResponse(db.value, {
    connection: id,
    host: site.value,
    response: response.value,
    sealer: await world.openSealer(SP_KEYS_PURPOSE),
    at: given.value,
  })
  if (!tried.ok) {
    return tried.error.reason === 'unknown-connection'
      ? refuse(explainUnknownConnection(tried.error))
      : refused(
          'The response is encrypted, and our keys are sealed under the GATEHOUSE_SECRET of the Worker, which this machine does not have. If you have it, give it in the environment: `GATEHOUSE_SECRET=… npx gatehouse connection test <connection> --response <file>`',
        )
  }
  const { connection, checks, ...rest } = tried.value
  const told = checks.map(({ check, outcome, remark }): Judged => ({
    check,
    outcome,
    says: remark && explainRemark(remark),
  }))
  const judgement = { ...rest, checks: told }
  return ok({ connection, site: site.value, at: given.value, judgement })
}

const isFailed = ({ outcome }: Judged): boolean => outcome === 'failed'

const checkLines = ({ check, outcome, says }: Judged): readonly string[] => [
  `  ${outcome.padEnd(11)}  ${check}`,
  ...(says === null ? [] : [`  ${' '.repeat(11)}    ${plain(says)}`]),
]

/** Only the names of attributes: their values are private. */
const valueCounts = ({ attributes }: Person): readonly (readonly [string, number])[] =>
  Object.entries(attributes).map(([name, values]) => [name, values.length])

/** Saved responses expire within minutes. */
const ageLines = ({ issuedAt }: Judgement, at: Instant): readonly string[] =>
  issuedAt !== null && secondsBetween(issuedAt, at) > 300
    ? [`It was issued at ${toIso(issuedAt)}. To try it as of then: --at ${toIso(issuedAt)}`]
    : []

function personLines({ person, user }: Judgement): readonly string[] {
  if (!person) return []
  const names = valueCounts(person).map(([name, values]) => `${name} (${values})`)
  const rows: readonly (readonly [string, string])[] = [
    ['subject', person.subject],
    ['user name', person.userName],
    ['email', person.email ?? 'none'],
    ['display name', person.displayName ?? 'none'],
    ['groups', person.groups.join(', ') || 'none'],
    ['attributes (values)', names.join(', ') || 'none'],
  ]
  const known = { known: 'a known user', created: 'a new user, made at sign-in' }
  return [
    `The person, ${user === null ? 'who may not sign in' : known[user]}:`,
    fields(rows.map(([name, value]) => [`  ${name}`, value] as const)),
    '',
  ]
}

function readAt(input: Input, now: Instant): Result<Instant, Failure> {
  const text = textOf(input, 'at')
  if (text === null) return ok(now)
  const at = parseTime(text)
  return at === null
    ? usage(`--at must be a time with a zone, such as 2026-11-24T12:00:00Z; it is "${text}".`)
    : ok(at)
}

async function readResponse(input: Input, world: World): Promise<Result<string, Failure>> {
  const from = textOf(input, 'response')
  if (from === null) return usage('--response is missing: a file, or - for stdin.')
  const text = from === '-' ? await world.readStdin() : await readText(from)
  if (!text.ok) return text
  const response = readPasted(text.value)
  return response.ok ? response : refused(`--response: ${response.error}`)
}

async function readText(path: string): Promise<Result<string, Failure>> {
  const bytes = await readSmallFile(path, '--response')
  if (!bytes.ok) return bytes
  const text = decodeUtf8(bytes.value)
  return text.ok
    ? text
    : err({ kind: 'refused', message: `--response: ${path} is not text.`, facts: {} })
}
