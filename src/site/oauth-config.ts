/** `oauth` in gatehouse.config.ts: which programs may ask people for access to sites. */
import * as v from 'valibot'
import { options } from '../lib/options.ts'
import { parsePublicUrl } from '../lib/public-url.ts'
import { seconds } from './config-values.ts'
import type { ConfigFault } from './faults.ts'
import type { HostsConfig } from './host-config.ts'

export interface OauthTerms {
  /**
   * Clients that describe themselves in a document at their client_id, an https URL: none, those at
   * these hosts, or all.
   */
  readonly documents: 'open' | readonly string[]
  /** Whether programs on people's own computers may register themselves (RFC 7591). */
  readonly registration: 'off' | 'loopback'
  /** Whether listed clients may use the device flow (RFC 8628). */
  readonly device: 'off' | 'on'
  readonly accessSeconds: number
  /** A grant ends when it was not used for so long. */
  readonly idleSeconds: number
  readonly absoluteSeconds: number
}

const DAY = 86_400

const hostName = v.pipe(
  v.string('must be the name of a host, such as claude.ai'),
  v.check(
    (name) => isHostName(name),
    'must be the name of a public host in lower case, such as claude.ai, without scheme, port and *',
  ),
)
const isHostName = (name: string): boolean => {
  const parsed = parsePublicUrl(`https://${name}/`)
  return parsed.ok && parsed.value.host === name
}

export const oauthSchema = options({
  documents: v.optional(
    v.union(
      [v.literal('off'), v.literal('open'), v.array(hostName)],
      'must be off, open or a list of names of hosts',
    ),
    'off',
  ),
  registration: v.optional(v.picklist(['off', 'loopback'], 'must be off or loopback'), 'off'),
  device: v.optional(v.picklist(['off', 'on'], 'must be off or on'), 'off'),
  accessSeconds: v.optional(seconds(60, 3600), 600),
  idleSeconds: v.optional(seconds(3600, 366 * DAY), 30 * DAY),
  absoluteSeconds: v.optional(seconds(3600, 366 * DAY), 90 * DAY),
})

export const toOauth = (given: v.InferOutput<typeof oauthSchema> | undefined): OauthTerms | null =>
  given ? { ...given, documents: given.documents === 'off' ? [] : given.documents } : null

export function oauthFaults(
  oauth: OauthTerms | null,
  sites: readonly { readonly oauth: boolean }[],
  { isLoginElsewhere }: Pick<HostsConfig, 'isLoginElsewhere'>,
): readonly ConfigFault[] {
  if (oauth && isLoginElsewhere) {
    const problem = 'belongs in the config of the Worker that has the login host'
    return [{ at: 'oauth', problem }]
  }
  const problem = isLoginElsewhere
    ? 'works only at sites of the Worker that has the login host'
    : 'needs oauth at the top of the config, which says who may ask: oauth: {}'
  return oauth
    ? []
    : sites.flatMap((site, s) => (site.oauth ? [{ at: `sites[${s}].oauth`, problem }] : []))
}
