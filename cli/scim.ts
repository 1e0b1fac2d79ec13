/** The tokens of directories: made, shown once, listed, revoked. */
import { saveConnection } from '../src/connection/store.ts'
import { allowRemovals } from '../src/directory/guard-store.ts'
import {
  listTokens,
  revokeToken,
  saveToken,
  type StoredToken,
} from '../src/directory/token-store.ts'
import { plusSeconds, toIso, type Instant } from '../src/lib/instant.ts'
import { scimPath } from '../src/lib/paths.ts'
import { ok, type Result } from '../src/lib/result.ts'
import { parseTime } from '../src/lib/time.ts'
import { hashScimToken, SCIM_TOKEN_BYTES, toScimToken } from '../src/scim/token.ts'
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
import { knownConnection } from './connection/store.ts'
import { storeOptions } from './options.ts'
import { sitesOf } from './sites.ts'
import { day, fields, minute, plain, table } from './text.ts'

const YEAR_SECONDS = 365 * 86_400
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
      ...storeOptions,
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
    options: storeOptions,
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
      ...storeOptions,
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
  const label = textOf(input, 'label')?.trim()
  if (label === undefined) {
    return usage(
      `--label is missing: say what the token is for, such as --label "${plain(connectionId)} directory".`,
    )
  }
  if (label === '' || label.length > 100 || /\p{Cc}/u.test(label)) {
    return usage('--label must be one line of 1 to 100 characters: what the token is for.')
  }
  const expiresAt = readExpiry(textOf(input, 'expires'), world.now)
  if (!expiresAt.ok) return expiresAt
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, connectionId)
  if (!connection.ok) return connection
  const secret = toScimToken(crypto.getRandomValues(new Uint8Array(SCIM_TOKEN_BYTES)))
  const token = {
    id: crypto.randomUUID(),
    connection: connection.value.id,
    label,
    createdAt: world.now,
    expiresAt: expiresAt.value,
  }
  await saveToken(db.value, token, await hashScimToken(secret))
  // Else whom the directory puts out could sign in past it.
  const isNew = connection.value.provisioning === 'jit'
  if (isNew) {
    await saveConnection(db.value, { ...connection.value, provisioning: 'jit+scim' }, world.now)
  }
  const provisioning = isNew ? 'jit+scim' : connection.value.provisioning
  await world.record({
    command: 'scim token create',
    connection: token.connection,
    user: null,
    facts: {
      token: token.id,
      label,
      expiresAt: token.expiresAt === null ? null : toIso(token.expiresAt),
      provisioning,
    },
  })
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
      ...(isNew
        ? [`${connection.value.id} is jit+scim from now on: sign-ins ask the directory.`]
        : []),
    ].join('\n'),
    {
      token: secret,
      baseUrls: urls,
      provisioning,
      ...toJson({ ...token, lastUsedAt: null, revokedAt: null }),
    },
  )
}

async function list(input: Input, world: World): Promise<Outcome> {
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, input.positionals[0] ?? '')
  if (!connection.ok) return connection
  const tokens = await listTokens(db.value, connection.value.id)
  const json = { tokens: tokens.map(toJson) }
  if (tokens.length === 0) {
    return said(`The directory of "${connection.value.id}" has no token yet.`, json)
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
  const db = await world.openStore()
  if (!db.ok) return db
  if (!(await revokeToken(db.value, id, world.now))) {
    return refused(
      `There is no token "${plain(id)}" to revoke: \`npx gatehouse scim token list <connection>\``,
    )
  }
  await world.record({
    command: 'scim token revoke',
    connection: null,
    user: null,
    facts: { token: id },
  })
  return said('The token is revoked: what comes with it is refused.', { revoked: id })
}

async function letThrough(input: Input, world: World): Promise<Outcome> {
  const time = textOf(input, 'for') ?? '1h'
  const [, digits = '', unit] = /^([1-9]\d{0,3})(m|h)$/.exec(time) ?? []
  const seconds = Number(digits) * (unit === 'h' ? 3600 : 60)
  if (seconds < 60 || seconds > 86_400) {
    return usage(`--for must be 1m to 24h, such as 30m or 1h; it is "${time}".`)
  }
  const db = await world.openStore()
  if (!db.ok) return db
  const connection = await knownConnection(db.value, input.positionals[0] ?? '')
  if (!connection.ok) return connection
  const { id } = connection.value
  const until = plusSeconds(world.now, seconds)
  if (!(await allowRemovals(db.value, id, until))) {
    return refused(`The directory of "${id}" has sent nobody yet.`)
  }
  const allowedUntil = toIso(until)
  await world.record({
    command: 'scim allow-removals',
    connection: id,
    user: null,
    facts: { allowedUntil },
  })
  return said(`Until ${minute(until)} the directory of "${id}" may remove whom it likes.`, {
    connection: id,
    allowedUntil,
  })
}

function readExpiry(text: string | null, now: Instant): Result<Instant | null, Failure> {
  if (text === null) return ok(plusSeconds(now, YEAR_SECONDS))
  if (text === 'never') return ok(null)
  const end = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
  return end !== null && end > now
    ? ok(end)
    : usage(`--expires must be a day to come, such as 2027-12-31, or never; it is "${text}".`)
}

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
