/** What the rules of a config name, one by one. */
import type { Config } from '../src/config.ts'
import type { Connection } from '../src/connection/connection.ts'
import type { GroupEntry } from '../src/directory/overview-store.ts'
import type { Policy, Rule } from '../src/policy/policy.ts'
import type { Site } from '../src/site/site.ts'

export interface Finding {
  /** Site and path, as in the config. */
  readonly at: string
  readonly what: string
  readonly outcome: 'ok' | 'not judged' | 'matches nothing' | 'warning'
  /** null: nothing to add. */
  readonly says: string | null
}

type Look = (text: string) => Promise<readonly GroupEntry[]>
type Judged = Pick<Finding, 'outcome' | 'says'>

export async function judgeConfig(
  config: Config,
  connections: readonly Connection[],
  look: Look,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const site of config.sites) {
    for (const id of site.connections ?? []) {
      findings.push({ at: site.url, what: `connection ${id}`, ...judgeId(id, connections) })
    }
    const taken = connections.filter(
      ({ id }) => site.connections === null || site.connections.includes(id),
    )
    const needsSignIn = site.routes.some(({ policy }) => policy.kind !== 'public')
    if (needsSignIn && !taken.some(({ enabled }) => enabled)) {
      findings.push({ at: site.url, what: 'sign-in', ...nobodyComes })
    }
    for (const { path, policy } of site.routes) {
      for (const rule of namesIn(policy)) {
        const judged = await judgeEnabled(rule, site, connections, taken, look)
        findings.push({ at: `${site.url}${path}`, what: nameOf(rule), ...judged })
      }
    }
  }
  return findings
}

/** A rule that names what the store may have. */
type Leaf = Extract<Rule, { readonly connection: unknown }>

function namesIn(policy: Policy): readonly Leaf[] {
  const settled = policy.kind === 'by-method' ? policy.otherwise : policy
  return settled.kind === 'rule' ? leavesOf(settled.rule) : []
}

function leavesOf(rule: Rule): readonly Leaf[] {
  if (rule.kind === 'any' || rule.kind === 'all') return rule.of.flatMap(leavesOf)
  if (rule.kind === 'not' || rule.kind === 'named') return leavesOf(rule.rule)
  return 'connection' in rule ? [rule] : []
}

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
const fine: Judged = { outcome: 'ok', says: null }
const nothing = (says: string): Judged => ({ outcome: 'matches nothing', says })

const nobodyComes: Judged = {
  outcome: 'warning',
  says: 'No connection of the site is enabled, so nobody can sign in: `npx gatehouse connection list`',
}

const noneYet: Judged = { outcome: 'not judged', says: 'There is no connection yet.' }

/** By the connections that people can come by; what only a disabled one has is there, and no use. */
async function judgeEnabled(
  rule: Leaf,
  site: Site,
  all: readonly Connection[],
  taken: readonly Connection[],
  look: Look,
): Promise<Judged> {
  if (all.length === 0) return noneYet
  const enabled = taken.filter((each) => each.enabled)
  const judged = await judgeRule(rule, site, all, enabled, look)
  if (judged.outcome !== 'matches nothing' || enabled.length === taken.length) return judged
  const { outcome } = await judgeRule(rule, site, all, taken, look)
  if (outcome === 'matches nothing') return judged
  const off = taken.filter((each) => !each.enabled).map(({ id }) => id)
  return {
    outcome: 'warning',
    says: `Nobody comes by it: ${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} disabled.`,
  }
}

async function judgeRule(
  rule: Leaf,
  site: Site,
  all: readonly Connection[],
  open: readonly Connection[],
  look: Look,
): Promise<Judged> {
  const pin = rule.connection
  const known = pin === null ? fine : judgeOpen(pin, site, all)
  if (known.outcome !== 'ok') return known
  const meant = open.filter(({ id }) => pin === null || id === pin)
  switch (rule.kind) {
    case 'connection':
      return known
    case 'group':
      return judgeAnyones(judgeGroup(rule.name, meant, await look(rule.name)), meant)
    case 'group-id':
      return judgeGroupId(rule.id, meant, await look(rule.id))
    case 'email':
      return judgeDomain(rule.email.split('@')[1] ?? '', all, meant)
    case 'email-domain':
      return judgeDomain(rule.domain, all, meant)
    case 'attribute':
    case 'has-attribute':
      return { outcome: 'not judged', says: 'Attributes come with each sign-in.' }
  }
}

function judgeId(id: string, all: readonly Connection[]): Judged {
  if (all.length === 0) return noneYet
  const connection = all.find((each) => each.id === id)
  if (!connection) return nothing('There is no such connection: `npx gatehouse connection list`')
  return connection.enabled ? fine : { outcome: 'warning', says: 'The connection is disabled.' }
}

function judgeOpen(id: string, site: Site, all: readonly Connection[]): Judged {
  return site.connections === null || site.connections.includes(id)
    ? judgeId(id, all)
    : nothing('The site does not take this connection.')
}

const hasDirectory = ({ provisioning, settings }: Connection): boolean =>
  settings.directory.groupsFrom === 'directory' ||
  (settings.directory.groupsFrom === 'auto' && provisioning !== 'jit')

function judgeGroup(
  name: string,
  meant: readonly Connection[],
  found: readonly GroupEntry[],
): Judged {
  const directories = meant.filter(hasDirectory).map(({ id }) => id)
  const here = found.filter(({ connection }) => directories.includes(connection))
  if (here.some(({ displayName }) => displayName === name)) return fine
  if (meant.length > 0 && directories.length === 0) {
    return { outcome: 'not judged', says: 'The groups of its connection come with each sign-in.' }
  }
  const [near] = here
  if (near) {
    return nothing(
      near.displayName.toLowerCase() === name.toLowerCase()
        ? `The directory has "${near.displayName}": case counts.`
        : `That is the id of "${near.displayName}": write { groupId } for an id of the directory.`,
    )
  }
  return nothing('No directory has a group of this display name: `npx gatehouse group list`')
}

/** Who may call a group as they like opens what a name alone opens; an id is of one directory. */
const judgeAnyones = (judged: Judged, meant: readonly Connection[]): Judged =>
  meant.length < 2 || judged.outcome === 'matches nothing'
    ? judged
    : {
        outcome: 'warning',
        says: `Each of ${meant.map(({ id }) => id).join(', ')} may call a group so: say whose by { connection }.`,
      }

function judgeGroupId(
  id: string,
  meant: readonly Connection[],
  found: readonly GroupEntry[],
): Judged {
  const group = found.find((each) => each.id === id)
  if (!group) {
    const [other] = found
    return nothing(
      other
        ? `"${other.displayName}" goes by it, and its id is ${other.id}.`
        : 'No directory has a group of this id: `npx gatehouse group list`',
    )
  }
  const connection = meant.find((each) => each.id === group.connection)
  if (!connection)
    return nothing(`The group is of connection ${group.connection}, not of this one.`)
  return hasDirectory(connection)
    ? { outcome: 'ok', says: `"${group.displayName}"` }
    : nothing(`The groups of ${connection.id} are those of the assertion, which have no id.`)
}

/** Only the owner of a domain may speak for it; a domain of nobody, any connection may. */
function judgeDomain(
  domain: string,
  all: readonly Connection[],
  meant: readonly Connection[],
): Judged {
  const owner = all.find(({ domains }) => domains.includes(domain.toLowerCase()))
  if (!owner) {
    if (meant.length === 1) return fine
    return {
      outcome: 'warning',
      says: `No connection has the domain ${domain}, so any may speak for it: \`npx gatehouse connection update <id> --domain ${domain}\``,
    }
  }
  return meant.some(({ id }) => id === owner.id)
    ? fine
    : nothing(`The domain belongs to connection ${owner.id}, which is not taken here.`)
}
