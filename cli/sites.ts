/** Which sites of gatehouse.config.ts a connection serves. */
import type { Config } from '../src/config.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Site } from '../src/site/site.ts'
import type { Failure } from './command.ts'
import { chooseSite } from './settings.ts'

/** @param url what --site said; null: every site that the connection serves. */
export function sitesOf(
  config: Config,
  url: string | null,
  connection: string,
): Result<readonly Site[], Failure> {
  if (url === null) return ok(config.sites.filter((site) => serves(site, connection)))
  const site = chooseSite(config, url)
  return site.ok ? ok([site.value]) : site
}

/** Sites may list the connections they take. */
export const serves = ({ connections }: Site, connection: string): boolean =>
  connections === null || connections.includes(connection)
