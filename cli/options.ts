/** Options that every command has. */
import { switchOption, textOption, type Option } from './command.ts'

export const storeOptions: readonly Option[] = [
  switchOption('local', 'use the store of wrangler dev, on this machine'),
  switchOption('remote', "use the deployed Worker's store, at Cloudflare"),
  textOption('persist-to', '<dir>', 'with --local: as given to wrangler dev'),
  textOption('config', '<file>', 'instead of gatehouse.config.ts'),
  textOption('env', '<name>', 'an environment of wrangler.toml'),
  switchOption('json', 'print one JSON document'),
]

export const siteOption = textOption(
  'site',
  '<url>',
  'the address where people sign in, if --local gives it another',
)
