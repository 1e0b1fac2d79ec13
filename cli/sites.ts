/** The login host of gatehouse.config.ts, and its addresses: identity providers and directories know no other host. */
import type { Config } from '../src/config.ts'
import { ok, type Result } from '../src/lib/result.ts'
import { isLoopback } from '../src/site/address.ts'
import { takesConnection, type Host } from '../src/site/host.ts'
import { textOf, type Failure, type Input } from './command.ts'
import { findDevAddress } from './dev/address.ts'
import { toLocalHost } from './local.ts'
import { chooseHost } from './settings.ts'

/**
 * The login host, or the host of --site. Empty if no site takes the connection. With --local, the
 * address is that of `npm run dev`.
 */
export function hostsOf(
  config: Config,
  input: Input,
  connection: string,
): Result<readonly Host[], Failure> {
  if (textOf(input, 'site') !== null) {
    const host = hostOf(config, input)
    return host.ok ? ok([host.value]) : host
  }
  const { loginHost, sites, sitesElsewhere } = config
  const hosts = [loginHost, ...sites, ...sitesElsewhere]
  const isTaken = hosts.some((host) => takesConnection(host, connection))
  return ok(isTaken ? [hostHere(config, input)] : [])
}

/** Says that a printed address is that of `npm run dev`, and how to print the deployed one. */
export const localNote = (
  { loginHost }: Config,
  hosts: readonly Host[],
  connection: string,
): readonly string[] =>
  hosts.every(({ url }) => url === loginHost.url) || isLoopback(new URL(loginHost.url))
    ? []
    : [
        '',
        `These are the addresses of npm run dev. Those of the deployed site: \`npx gatehouse connection show ${connection} --site ${loginHost.url}\``,
      ]

/** The login host, as the config has it. With --local, --site may also be its address at `npm run dev`. */
export function hostOf(config: Config, input: Input): Result<Host, Failure> {
  const url = textOf(input, 'site')
  const here = url !== null && input.switches.has('local') ? [localHost(config, input)] : []
  const more = here.filter((host) => host.url !== config.loginHost.url)
  return chooseHost([config.loginHost, ...more], url)
}

/** The login host. With --local it is at the address of `npm run dev`. */
export const hostHere = (config: Config, input: Input): Host =>
  input.switches.has('local') ? localHost(config, input) : config.loginHost

const localHost = (config: Config, input: Input): Host =>
  toLocalHost(config, findDevAddress(textOf(input, 'persist-to')))
