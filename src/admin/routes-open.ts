/** Which routes of the config would be open to a person who signs in now. */
import type { Instant } from '../lib/instant.ts'
import { decide } from '../policy/decide.ts'
import type { Person } from '../policy/facts.ts'
import type { SettledPolicy } from '../policy/policy.ts'
import { takesConnection } from '../site/host.ts'
import type { DeployedConfig } from './context.ts'

export interface OpenRoute {
  readonly site: string
  readonly path: string
  readonly access: 'open' | 'closed' | 'after a new sign-in' | 'depends on the request'
}

export interface WouldBe {
  readonly email: string | null
  readonly groups: readonly string[]
  readonly areGroupsOmitted: boolean
}

/** null: the config is not known here. */
export function openRoutes(
  { email, groups, areGroupsOmitted }: WouldBe,
  connection: string,
  { config, now }: { readonly config: DeployedConfig | null; readonly now: Instant },
): readonly OpenRoute[] | null {
  if (!config) return null
  const person: Person = {
    connection,
    email,
    groups: { values: groups, isComplete: !areGroupsOmitted },
    groupIds: { values: [], isComplete: false },
    attributes: null,
    authnContext: null,
    authnInstant: now,
    signedInAt: now,
  }
  return config.sites
    .filter((site) => takesConnection(site, connection))
    .flatMap(({ url, routes }) =>
      routes.map(({ path, policy }) => {
        const settled = policy.kind === 'by-method' ? policy.otherwise : policy
        return { site: url, path, access: accessOf(settled, person, now) }
      }),
    )
}

function accessOf(policy: SettledPolicy, person: Person, now: Instant): OpenRoute['access'] {
  const asks = { methods: ['GET'], country: null, ip: null }
  const by = decide(policy, { who: { kind: 'person', person, live: null }, asks }, now)
  if (by.kind === 'allow') return 'open'
  if (by.kind === 'anew') return 'after a new sign-in'
  return by.kind === 'deny' && by.why.holds === null ? 'depends on the request' : 'closed'
}
