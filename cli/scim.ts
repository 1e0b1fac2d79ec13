/** Makes a token for a directory, and shows it once. */
import { tokenFacts } from '../src/admin/token-operations.ts'
import { createToken, type NewToken } from '../src/admin/tokens.ts'
import { scimPath } from '../src/lib/paths.ts'
import { ok, type Err, type Result } from '../src/lib/result.ts'
import { parseDayOrTime } from '../src/lib/time.ts'
import { SCIM_TOKEN_BYTES } from '../src/scim/token.ts'
import {
  positional,
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
import { hostsOf } from './sites.ts'
import { day, fields, plain } from './text.ts'

const connectionPositional = positional(
  'connection',
  'the connection whose people and groups the directory sends',
)

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
        'the day from which the token is refused, or never (default: in a year)',
      ),
      ...changeOptions,
    ],
    details:
      'The token is shown only once. A jit connection becomes jit+scim. To rotate: create another token, enter it at the identity provider, then revoke the old one. Until then both are accepted.',
    examples: [
      {
        says: 'the first one',
        line: 'npx gatehouse scim token create okta --label "Okta 2027" --remote',
      },
    ],
    run: create,
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
      'The token is not shown again: Gatehouse keeps only a hash of it.',
      ...(isFirst
        ? [`${token.connection} is jit+scim from now on: sign-ins ask the directory.`]
        : []),
      ...(provisioning === 'scim' ? [] : [`Warning: ${othersMayComeBack(token.connection)}`]),
    ].join('\n'),
    {
      token: secret,
      baseUrls: urls,
      provisioning,
      warnings:
        provisioning === 'scim'
          ? []
          : [{ kind: 'others-may-come-back', text: othersMayComeBack(token.connection) }],
      ...tokenFacts(token),
    },
  )
}

/** With `jit+scim` a name that the directory did not send becomes a new user. */
const othersMayComeBack = (connection: string): string =>
  `a person who signs in under a name that the directory did not send may come back after the directory deactivates the person. Compare the names: \`npx gatehouse join test ${connection} --all\` When everybody is sent, keep others out: \`npx gatehouse connection update ${connection} --provisioning scim\``

function readExpiry(input: Input): Result<NewToken['expires'], Failure> {
  const text = textOf(input, 'expires')
  if (text === null) return ok('in-a-year')
  if (text === 'never') return ok('never')
  const end = parseDayOrTime(text)
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
  const sites = config.ok ? hostsOf(config.value, input, connection) : config
  return sites.ok ? sites.value.map((site) => site.url + scimPath(connection)) : []
}
