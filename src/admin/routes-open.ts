/** Which routes of the config would be open to a person who signs in now. */
import type { Instant } from '../lib/instant.ts'
import { takesConnection } from '../site/host.ts'
import type { DeployedConfig } from './context.ts'
import { accessOf, type PathAccess } from './person-access.ts'

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
  const person = {
    service: null,
    connection,
    email,
    groups: { values: groups, isComplete: !areGroupsOmitted },
    groupIds: { values: [], isComplete: false },
    attributes: null,
    isDeviceBound: null,
    authnContext: null,
    authnInstant: now,
    signedInAt: now,
  }
  const sites = config.sites.filter((site) => takesConnection(site, connection))
  return accessOf(sites, person, now).map(({ site, path, verdict }) => ({
    site,
    path,
    access: words[verdict],
  }))
}

const words: Readonly<Record<PathAccess['verdict'], OpenRoute['access']>> = {
  public: 'open',
  open: 'open',
  'after-sign-in': 'after a new sign-in',
  depends: 'depends on the request',
  closed: 'closed',
}
