/** Which sites of gatehouse.config.ts are meant, and at which addresses. */
import type { Config } from '../src/config.ts'
import { ok, type Result } from '../src/lib/result.ts'
import { isLoopback } from '../src/site/address.ts'
import { takesConnection } from '../src/site/host.ts'
import type { Site } from '../src/site/site.ts'
import { textOf, type Failure, type Input } from './command.ts'
import { findDevAddress } from './dev/address.ts'
import { toLocalSites } from './local.ts'
import { chooseSite } from './settings.ts'

/** Those that the connection serves, or that of --site. With --local, where `npm run dev` has them. */
export function sitesOf(
  config: Config,
  input: Input,
  connection: string,
): Result<readonly Site[], Failure> {
  const url = textOf(input, 'site')
  const isLocal = input.switches.has('local')
  const served = isLocal ? localSites(config, input) : config.sites
  if (url === null) return ok(served.filter((site) => takesConnection(site, connection)))
  const site = siteOf(config, input)
  return site.ok ? ok([site.value]) : site
}

/** For addresses of this machine that stand for others. */
export const localNote = (
  config: Config,
  sites: readonly Site[],
  connection: string,
): readonly string[] =>
  sites.every((site) => config.sites.some(({ url }) => url === site.url)) ||
  config.sites.every(isOfThisMachine)
    ? []
    : [
        '',
        `These are the addresses of npm run dev. Those of the deployed site: ${config.sites
          .filter((site) => !isOfThisMachine(site))
          .map(({ url }) => `\`npx gatehouse connection show ${connection} --site ${url}\``)
          .join(' or ')}`,
      ]

/** The one that is meant, as the config has it; by --site, with --local, as `npm run dev` has it too. */
export function siteOf(config: Config, input: Input): Result<Site, Failure> {
  const url = textOf(input, 'site')
  const here = url !== null && input.switches.has('local') ? localSites(config, input) : []
  const more = here.filter((site) => config.sites.every((each) => each.url !== site.url))
  return chooseSite([...config.sites, ...more], url)
}

const localSites = (config: Config, input: Input): readonly Site[] =>
  toLocalSites(config.sites, findDevAddress(textOf(input, 'persist-to')))

const isOfThisMachine = ({ url }: Site): boolean => isLoopback(new URL(url))
