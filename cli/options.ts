/** Options that every command has. */
import { switchOption, textOption, type Option } from './command.ts'

export const storeOptions: readonly Option[] = [
  switchOption('local', 'use the store of npm run dev, on this machine'),
  switchOption(
    'remote',
    "use the deployed Worker's store, at Cloudflare; through its API, where GATEHOUSE_API_TOKEN has a token",
  ),
  textOption(
    'login-host',
    '<url>',
    'with a token: whose API, instead of the login host of gatehouse.config.ts',
  ),
  textOption('persist-to', '<dir>', 'with --local: as given to npm run dev'),
  textOption('config', '<file>', 'instead of gatehouse.config.ts'),
  textOption('env', '<name>', 'an environment of wrangler.toml'),
  switchOption('json', 'print one JSON document'),
]

export const siteOption = textOption(
  'site',
  '<url>',
  'the address where people sign in, if --local gives it another',
)

export const versionOption = textOption(
  'if-version',
  '<version>',
  'change it only if it still has this version, as --json of connection show has it',
)
