/** Hosts of the config that wrangler's file sends no request of. */
import type { Config } from '../../src/config.ts'
import { wranglerFileName } from '../project.ts'
import { say } from '../terminal.ts'
import type { Asked } from './look.ts'

/** Options of `wrangler deploy` that say at which hosts the Worker answers. */
const ofHosts = /^--(route|routes|domain|domains)(=|$)/

export function sayHosts({ settings, plan, others }: Asked): void {
  for (const remark of remarksOnHosts(settings, plan.patterns, others)) say(remark)
}

/**
 * @param patterns of the routes and custom domains in the file.
 * @param others the operator's options for wrangler.
 * @returns a sentence for each host. It is no fault: a route may be in the dashboard alone.
 */
export function remarksOnHosts(
  { loginHost, sites }: Pick<Config, 'loginHost' | 'sites'>,
  patterns: readonly string[],
  others: readonly string[],
): readonly string[] {
  if (others.some((word) => ofHosts.test(word))) return []
  const hosts = new Set([...sites, loginHost].map(({ url }) => new URL(url).hostname))
  return [...hosts]
    .filter((host) => !host.endsWith('.workers.dev') && !patterns.some((each) => leads(each, host)))
    .map(
      (host) =>
        `${host} is in no route of ${wranglerFileName}. Unless the dashboard has one, requests for it do not reach this Worker: add it to routes (docs/deploying.md).`,
    )
}

/** `wiki.example.com`, `wiki.example.com/*`, `*.example.com/*`: at the beginning `*` is any text. */
function leads(pattern: string, host: string): boolean {
  const [name = ''] = pattern.replace(/^[a-z]+:\/\//, '').split('/')
  return name.startsWith('*') ? host.endsWith(name.slice(1)) : host === name
}
