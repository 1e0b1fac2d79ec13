/** Whether the store has what the rules of a config name. */
import type { DeployedConfig } from './context.ts'
import type { Connection } from '../connection/connection.ts'
import type { GroupEntry } from '../directory/overview-store.ts'
import { nearest } from '../lib/nearest.ts'
import { leavesOf, ruleOf } from '../policy/leaves.ts'
import type { Rule } from '../policy/policy.ts'
import type { ConfiguredSite } from '../site/site.ts'
import type { See } from './view.ts'
import { whyNever } from './never.ts'

export interface Finding {
  /** Site and path, as in the config. */
  readonly at: string
  readonly what: string
  readonly outcome: 'ok' | 'not judged' | 'matches nothing' | 'warning'
  /** null: nothing to add. */
  readonly says: string | null
  /** The operation that helps; null: none does. */
  readonly see: See | null
}

export interface Directory {
  /** Groups that have the text as their name, id or external id. */
  readonly find: (text: string) => Promise<readonly GroupEntry[]>
  /** The display names of all groups. */
  readonly names: () => Promise<readonly string[]>
}
type Assessed = Pick<Finding, 'outcome' | 'says' | 'see'>

/** What a rule of a site is compared with. */
interface Known {
  readonly site: ConfiguredSite
  /** Every connection that is stored. */
  readonly all: readonly Connection[]
  /** The connections that the rule can mean. */
  readonly taken: readonly Connection[]
  /** Groups that have the name or the id of the rule. */
  readonly groups: readonly GroupEntry[]
}

export async function assessConfig(
  { sites }: Pick<DeployedConfig, 'sites'>,
  connections: readonly Connection[],
  directory: Directory,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const site of sites) {
    for (const id of site.connections ?? []) {
      findings.push({ at: site.url, what: `connection ${id}`, ...assessId(id, connections) })
    }
    const taken = connections.filter(
      ({ id }) => site.connections === null || site.connections.includes(id),
    )
    const needsSignIn = site.routes.some(({ policy }) => policy.kind !== 'public')
    if (needsSignIn && !taken.some(({ enabled }) => enabled)) {
      findings.push({ at: site.url, what: 'sign-in', ...nobodyComes })
    }
    for (const { path, policy } of site.routes) {
      const at = `${site.url}${path}`
      const rule = ruleOf(policy)
      const never = rule && whyNever(rule)
      if (never) {
        findings.push({ at, what: 'the rule', ...nothing(`It can never hold: ${never}.`) })
      }
      for (const leaf of rule ? leavesOf(rule).filter(namesStored) : []) {
        const groups = await groupsOf(leaf, directory)
        const assessed = assessRule(leaf, { site, all: connections, taken, groups })
        const meant = assessed === noGroup ? await nearestGroup(leaf, directory) : null
        const says = meant === null ? assessed.says : `${assessed.says} Did you mean "${meant}"?`
        findings.push({ at, what: nameOf(leaf), ...assessed, says })
      }
    }
  }
  return findings
}

/** A rule that names what the store may have. */
type Leaf = Extract<Rule, { readonly connection: unknown }>

const nearestGroup = async (leaf: Leaf, { names }: Directory): Promise<string | null> =>
  leaf.kind === 'group' ? nearest(leaf.name, await names()) : null

const namesStored = (leaf: Rule): leaf is Leaf => 'connection' in leaf

function nameOf(rule: Leaf): string {
  switch (rule.kind) {
    case 'group':
      return `group "${rule.name}"${of(rule.connection)}`
    case 'group-id':
      return `group id ${rule.id}${of(rule.connection)}`
    case 'email':
      return `email ${rule.email}${of(rule.connection)}`
    case 'email-domain':
      return `email domain ${rule.domain}${of(rule.connection)}`
    case 'attribute':
    case 'has-attribute':
      return `attribute ${rule.name}${of(rule.connection)}`
    case 'connection':
      return `connection ${rule.connection}`
  }
}

const of = (connection: string | null): string =>
  connection === null ? '' : ` of connection ${connection}`
const fine: Assessed = { outcome: 'ok', says: null, see: null }
const nothing = (says: string, operation: string | null = null): Assessed => ({
  outcome: 'matches nothing',
  says,
  see: operation === null ? null : { operation, asks: null },
})
const warning = (says: string, see: See | null = null): Assessed => ({
  outcome: 'warning',
  says,
  see,
})
const notJudged = (says: string): Assessed => ({ outcome: 'not judged', says, see: null })

const nobodyComes: Assessed = warning(
  'No connection of the site is enabled, so nobody can sign in.',
  { operation: 'connection list', asks: null },
)

const noneYet: Assessed = notJudged('There is no connection yet.')

async function groupsOf(rule: Leaf, { find }: Directory): Promise<readonly GroupEntry[]> {
  if (rule.kind === 'group') return find(rule.name)
  return rule.kind === 'group-id' ? find(rule.id) : []
}

/** What only a disabled connection has is known, but admits nobody. */
function assessRule(rule: Leaf, known: Known): Assessed {
  const { all, taken } = known
  if (all.length === 0) return noneYet
  const enabled = taken.filter((each) => each.enabled)
  const assessed = assessTaken(rule, { ...known, taken: enabled })
  if (assessed.outcome !== 'matches nothing' || enabled.length === taken.length) return assessed
  if (assessTaken(rule, known).outcome === 'matches nothing') return assessed
  const off = taken.filter((each) => !each.enabled).map(({ id }) => id)
  return warning(
    `This admits nobody: ${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} disabled.`,
  )
}

function assessTaken(rule: Leaf, { site, all, taken, groups }: Known): Assessed {
  const pin = rule.connection
  const pinned = pin === null ? fine : assessPin(pin, site, all)
  if (pinned.outcome !== 'ok') return pinned
  const meant = taken.filter(({ id }) => pin === null || id === pin)
  switch (rule.kind) {
    case 'connection':
      return pinned
    case 'group':
      return warnIfShared(assessGroup(rule.name, meant, groups), meant)
    case 'group-id':
      return assessGroupId(rule.id, meant, groups)
    case 'email':
      return assessDomain(rule.email.split('@')[1] ?? '', all, meant)
    case 'email-domain':
      return assessDomain(rule.domain, all, meant)
    case 'attribute':
    case 'has-attribute':
      return notJudged('Attributes come with each sign-in.')
  }
}

function assessId(id: string, all: readonly Connection[]): Assessed {
  if (all.length === 0) return noneYet
  const connection = all.find((each) => each.id === id)
  if (!connection) return nothing('There is no such connection.', 'connection list')
  return connection.enabled ? fine : warning('The connection is disabled.')
}

function assessPin(id: string, site: ConfiguredSite, all: readonly Connection[]): Assessed {
  return site.connections === null || site.connections.includes(id)
    ? assessId(id, all)
    : nothing('The site does not take this connection.')
}

const hasDirectory = ({ provisioning, settings }: Connection): boolean =>
  settings.directory.groupsFrom === 'directory' ||
  (settings.directory.groupsFrom === 'auto' && provisioning !== 'jit')

function assessGroup(
  name: string,
  meant: readonly Connection[],
  found: readonly GroupEntry[],
): Assessed {
  const directories = meant.filter(hasDirectory).map(({ id }) => id)
  const here = found.filter(({ connection }) => directories.includes(connection))
  const named = here.filter(({ displayName }) => displayName === name)
  if (named.some(({ members }) => members > 0)) return fine
  if (named.length > 0) return warning('Nobody is in this group.')
  if (meant.length > 0 && directories.length === 0) {
    return notJudged('The groups of its connection come with each sign-in.')
  }
  const [near] = here
  if (near) {
    return nothing(
      near.displayName.toLowerCase() === name.toLowerCase()
        ? `The directory has "${near.displayName}": case counts.`
        : `That is the id of "${near.displayName}": write { groupId } for an id of the directory.`,
    )
  }
  return noGroup
}

const noGroup = nothing('No directory has a group of this display name.', 'group list')

/** Every connection that can name a group so opens what the name opens. An id is of one directory. */
const warnIfShared = (assessed: Assessed, meant: readonly Connection[]): Assessed =>
  meant.length < 2 || assessed.outcome === 'matches nothing'
    ? assessed
    : warning(
        `Each of ${meant.map(({ id }) => id).join(', ')} may name a group so: say which one is meant by { connection }.`,
      )

function assessGroupId(
  id: string,
  meant: readonly Connection[],
  found: readonly GroupEntry[],
): Assessed {
  const group = found.find((each) => each.id === id)
  if (!group) {
    const [other] = found
    return nothing(
      other
        ? `It is the external id or the name of "${other.displayName}", whose id is ${other.id}.`
        : 'No directory has a group of this id.',
      other ? null : 'group list',
    )
  }
  const connection = meant.find((each) => each.id === group.connection)
  if (!connection) return nothing(`The group belongs to connection ${group.connection}.`)
  return hasDirectory(connection)
    ? { ...fine, says: `"${group.displayName}"` }
    : nothing(`The groups of ${connection.id} come from the assertion, and have no id.`)
}

/** Only the connection that has a domain may vouch for its addresses. Any may, if none has it. */
function assessDomain(
  domain: string,
  all: readonly Connection[],
  meant: readonly Connection[],
): Assessed {
  const owner = all.find(({ domains }) => domains.includes(domain.toLowerCase()))
  if (!owner) {
    if (meant.length === 1) return fine
    return warning(`No connection has the domain ${domain}, so any may vouch for it.`, {
      operation: 'connection update',
      asks: 'id',
      input: { domain },
    })
  }
  return meant.some(({ id }) => id === owner.id)
    ? fine
    : nothing(
        `The domain belongs to connection ${owner.id}, which this rule or site does not take.`,
      )
}
