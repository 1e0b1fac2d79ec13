/** The tokens of directories: made, shown once, listed, revoked. */
import {
  createToken,
  findTokens,
  openGuard,
  revokeToken,
  type GuardRefusal,
  type NewToken,
} from '../src/admin/tokens.ts'
import type { StoredToken } from '../src/directory/token-store.ts'
import { plusSeconds, toIso, type Instant } from '../src/lib/instant.ts'
import { scimPath } from '../src/lib/paths.ts'
import { ok, type Err, type Result } from '../src/lib/result.ts'
import { parseTime } from '../src/lib/time.ts'
import { SCIM_TOKEN_BYTES } from '../src/scim/token.ts'
import {
  positional,
  refused,
  said,
  textOf,
  textOption,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from './command.ts'
import { explainUnknown } from './connection/known.ts'
import { changeOptions } from './operator.ts'
import { storeOptions } from './options.ts'
import { sitesOf } from './sites.ts'
import { day, fields, minute, plain, table } from './text.ts'

const SOON_SECONDS = 30 * 86_400

const connectionPositional = positional('connection', 'whose people and groups the directory sends')

export const scimCommands: readonly Command[] = [
  {
    name: 'scim token create',
    summary: 'a token for the directory of an identity provider',
    positionals: [connectionPositional],
    options: [
      textOption('label', '<text>', 'what it is for, to tell it from others'),
      textOption(
        'expires',
        '<date>',
        'the day from which it is refused, or never (default a year)',
      ),
      ...changeOptions,
    ],
    details:
      'It is shown this once. A connection that was jit is jit+scim from then on. To rotate: create another, enter it at the identity provider, and revoke the old one; both count meanwhile.',
    examples: [
      {
        says: 'the first one',
        line: 'npx gatehouse scim token create okta --label "Okta 2027" --remote',
      },
    ],
    run: create,
  },
  {
    name: 'scim token list',
    summary: 'the tokens of a connection, without the tokens themselves',
    positionals: [connectionPositional],
    options: storeOptions,
    details: null,
    examples: [{ says: 'which are in use', line: 'npx gatehouse scim token list okta --remote' }],
    run: list,
  },
  {
    name: 'scim token revoke',
    summary: 'refuse a token from now on',
    positionals: [positional('token', 'its id, as scim token list has it')],
    options: changeOptions,
    details: 'What the directory sends with it is refused at once, deactivations too.',
    examples: [{ says: 'the old one', line: 'npx gatehouse scim token revoke 5f0c… --remote' }],
    run: revoke,
  },
  {
    name: 'scim allow-removals',
    summary: 'let the directory remove people whom the removal guard holds',
    positionals: [connectionPositional],
    options: [
      textOption('for', '<time>', 'how long: 30m, 1h, up to 24h (default 1h)'),
      ...changeOptions,
    ],
    details:
      'The guard is set by connection update --removal-guard. The identity provider tries again by itself.',
    examples: [
      {
        says: 'the layoff is meant',
        line: 'npx gatehouse scim allow-removals okta --for 1h --remote',
      },
    ],
    run: letThrough,
  },
]

async function create(input: Input, world: World): Promise<Outcome> {
  const [connectionId = ''] = input.positionals
  const label = textOf(input, 'label')
  if (label === null) {
    return usage(
      `--label is missing: say what the token is for, such as --label "${plain(connectionId)} directory".`,
    )
  }
  const expires = readExpiry(input)
  if (!expires.ok) return expires
  const context = await world.openAdmin()
  if (!context.ok) return context
  const created = await createToken(context.value, {
    connection: connectionId,
    label,
    expires: expires.value,
    id: crypto.randomUUID(),
    random: crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)),
  })
  if (!created.ok) {
    const { error } = created
    if (error.reason === 'unknown-connection') return explainUnknown(error)
    return error.reason === 'label'
      ? usage('--label must be one line of 1 to 100 characters: what the token is for.')
      : wrongExpiry(input)
  }
  const { secret, token, provisioning, isFirst } = created.value
  const urls = await baseUrls(input, world, token.connection)
  return said(
    [
      fields([
        ['Base URL', urls.length > 0 ? urls : `<your site>${scimPath(token.connection)}`],
        ['Token', secret],
        ['Expires', token.expiresAt === null ? 'never' : day(token.expiresAt)],
      ]),
      '',
      'The token is not shown again, and nothing but a hash of it is kept.',
      ...(isFirst
        ? [`${token.connection} is jit+scim from now on: sign-ins ask the directory.`]
        : []),
    ].join('\n'),
    {
      token: secret,
      baseUrls: urls,
      provisioning,
      ...toJson(token),
    },
  )
}

async function list(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const found = await findTokens(db.value, input.positionals[0] ?? '')
  if (!found.ok) return explainUnknown(found.error)
  const { connection, tokens } = found.value
  const json = { tokens: tokens.map(toJson) }
  if (tokens.length === 0) {
    return said(`The directory of "${connection}" has no token yet.`, json)
  }
  return said(
    table([
      ['ID', 'LABEL', 'STATE', 'MADE', 'EXPIRES', 'LAST USE'],
      ...tokens.map((token) => [
        token.id,
        token.label,
        stateOf(token, world.now),
        minute(token.createdAt),
        token.expiresAt === null ? 'never' : day(token.expiresAt),
        token.lastUsedAt === null ? 'never' : minute(token.lastUsedAt),
      ]),
    ]),
    json,
  )
}

async function revoke(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const context = await world.openAdmin()
  if (!context.ok) return context
  if (!(await revokeToken(context.value, id)).ok) {
    return refused(
      `There is no token "${plain(id)}" to revoke: \`npx gatehouse scim token list <connection>\``,
    )
  }
  return said('The token is revoked: what comes with it is refused.', { revoked: id })
}

async function letThrough(input: Input, world: World): Promise<Outcome> {
  const time = textOf(input, 'for') ?? '1h'
  const [, digits = '', unit] = /^([1-9]\d{0,3})(m|h)$/.exec(time) ?? []
  const seconds = Number(digits) * (unit === 'h' ? 3600 : 60)
  const context = await world.openAdmin()
  if (!context.ok) return context
  const opened = await openGuard(context.value, {
    connection: input.positionals[0] ?? '',
    seconds,
  })
  if (!opened.ok) return explainGuard(opened.error, time)
  const { connection, until } = opened.value
  return said(`Until ${minute(until)} the directory of "${connection}" may remove whom it likes.`, {
    connection,
    allowedUntil: toIso(until),
  })
}

function explainGuard(refusal: GuardRefusal, time: string): Err<Failure> {
  switch (refusal.reason) {
    case 'unknown-connection':
      return explainUnknown(refusal)
    case 'time-out-of-range':
      return usage(`--for must be 1m to 24h, such as 30m or 1h; it is "${time}".`)
    case 'nobody-sent':
      return refused(`The directory of "${refusal.connection}" has sent nobody yet.`)
  }
}

function readExpiry(input: Input): Result<NewToken['expires'], Failure> {
  const text = textOf(input, 'expires')
  if (text === null) return ok('in-a-year')
  if (text === 'never') return ok('never')
  const end = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  return end === null ? wrongExpiry(input) : ok(end)
}

const wrongExpiry = (input: Input): Err<Failure> =>
  usage(
    `--expires must be a day to come, such as 2027-12-31, or never; it is "${textOf(input, 'expires')}".`,
  )

async function baseUrls(
  input: Input,
  world: World,
  connection: string,
): Promise<readonly string[]> {
  const config = await world.readConfig()
  const sites = config.ok ? sitesOf(config.value, input, connection) : config
  return sites.ok ? sites.value.map((site) => site.url + scimPath(connection)) : []
}

function stateOf({ revokedAt, expiresAt }: StoredToken, now: Instant): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'good'
  if (expiresAt <= now) return 'expired'
  return expiresAt <= plusSeconds(now, SOON_SECONDS) ? 'expires soon' : 'good'
}

const toJson = ({ createdAt, expiresAt, lastUsedAt, revokedAt, ...token }: StoredToken) => ({
  ...token,
  createdAt: toIso(createdAt),
  expiresAt: expiresAt === null ? null : toIso(expiresAt),
  lastUsedAt: lastUsedAt === null ? null : toIso(lastUsedAt),
  revokedAt: revokedAt === null ? null : toIso(revokedAt),
})
