import { addConnection as addOne } from '../../src/admin/connections.ts'
import { knownIdps, type KnownIdp } from '../../src/connection/labels.ts'
import { warningsOf, warningsOfMetadata } from '../../src/connection/warnings.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import {
  listOption,
  positional,
  said,
  textOf,
  usage,
  type Command,
  type Failure,
  type Input,
  type Outcome,
  type World,
} from '../command.ts'
import { didYouMean } from '../../src/lib/nearest.ts'
import { changeOptions } from '../operator.ts'
import { idpOption, siteOption } from '../options.ts'
import { localNote, hostsOf } from '../sites.ts'
import { readConnectionInput } from './given.ts'
import { explainConnection } from './known.ts'
import { idpOptions, settingOptions } from './options.ts'
import { connectionJson, connectionText, pasteJson, pasteText, warningLines } from './present.ts'

export const addConnection: Command = {
  name: 'connection add',
  summary: 'let people sign in with an identity provider',
  positionals: [
    positional('id', 'its name in URLs: a-z, 0-9 and inner hyphens, such as acme-okta'),
  ],
  options: [
    ...idpOptions,
    listOption('certificate', '<file>', 'a signing certificate of the IdP, PEM or DER'),
    ...settingOptions,
    idpOption,
    siteOption,
    ...changeOptions,
  ],
  details:
    'The command prints what to enter at the IdP; docs/guides have every click. Metadata from a URL is fetched over https, once: Gatehouse does not fetch it again by itself.',
  examples: [
    {
      says: 'from metadata, with the values to paste under the labels of Okta',
      line: 'npx gatehouse connection add acme --metadata https://acme.okta.com/app/exk1/sso/saml/metadata --domain acme.com --for okta --local',
    },
    {
      says: 'by its fields',
      line: 'npx gatehouse connection add acme --entity-id https://idp.acme.com --sso-url https://idp.acme.com/sso --certificate idp.pem --local',
    },
  ],
  run: add,
}

async function add(input: Input, world: World): Promise<Outcome> {
  const [id = ''] = input.positionals
  const idp = readIdp(input)
  if (!idp.ok) return idp
  const config = await world.readConfig()
  if (!config.ok) return config
  const sites = hostsOf(config.value, input, id)
  if (!sites.ok) return sites
  const given = await readConnectionInput(input, 'certificate')
  if (!given.ok) return given
  const context = await world.openAdmin()
  if (!context.ok) return context
  const added = await addOne(context.value, id, given.value)
  if (!added.ok) return explainConnection(added.error)
  const { connection, metadata } = added.value
  const warnings = [
    ...(metadata ? warningsOfMetadata(metadata, connection, world.now) : []),
    ...warningsOf(connection, world.now),
  ]
  const unserved =
    sites.value.length > 0
      ? []
      : [`Warning: no site of gatehouse.config.ts lists "${id}" among its connections.`]
  const { signRequests } = connection.settings
  const signed =
    metadata?.wantsSignedRequests && signRequests
      ? [
          `Requests are signed (${signRequests}), because the metadata asks for it. The IdP needs our certificate for that. It is in our metadata, whose URL is the entity ID.`,
        ]
      : []
  return said(
    [
      `Connection "${id}" is added.`,
      '',
      connectionText(connection, world.now),
      ...pasteText(connection, sites.value, idp.value),
      ...localNote(config.value, sites.value, id),
      '',
      ...warningLines(warnings),
      ...signed,
      ...unserved,
      `Next: sign in at the site, or judge a response of the IdP: \`npx gatehouse connection test ${id} --response <file>\``,
    ].join('\n'),
    {
      connection: { ...connectionJson(connection, world.now), warnings },
      paste: pasteJson(connection, sites.value, idp.value),
    },
  )
}

export function readIdp(input: Input): Result<KnownIdp, Failure> {
  const word = textOf(input, 'for') ?? 'generic'
  const idp = knownIdps.find((known) => known === word.toLowerCase())
  if (idp) return ok(idp)
  return usage(
    `--for must be one of ${knownIdps.join(', ')}; it is "${word}".${didYouMean(word, knownIdps)}`,
  )
}
