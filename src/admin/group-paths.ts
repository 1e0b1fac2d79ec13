/** What the rules of the config say about groups. */
import type { GroupEntry } from '../directory/overview-store.ts'
import { fold } from '../lib/fold.ts'
import { describeRule } from '../policy/describe.ts'
import { leavesOf, ruleOf } from '../policy/leaves.ts'
import type { Leaf, Rule } from '../policy/policy.ts'
import { takesConnection } from '../site/host.ts'
import type { ConfiguredSite } from '../site/site.ts'

export interface NamedPath {
  readonly site: string
  readonly path: string
  /** The whole rule, in words. */
  readonly rule: string
  /** `near`: the rule does not mean this group, though it looks so. */
  readonly kind: 'lets-in' | 'keeps-out' | 'near'
  /** Why it does not mean the group; null: it does. */
  readonly hint: string | null
}

type Meant = Pick<GroupEntry, 'id' | 'connection' | 'displayName' | 'externalId'>

/** Every path whose rule names the group, by its name or by its id, or nearly does. */
export const pathsNaming = (sites: readonly ConfiguredSite[], group: Meant): readonly NamedPath[] =>
  sites
    .filter((site) => takesConnection(site, group.connection))
    .flatMap(({ url, routes }) =>
      routes.flatMap(({ path, policy }): readonly NamedPath[] => {
        const rule = ruleOf(policy)
        const named = rule ? placesIn(rule, false).map((place) => compare(place, group)) : []
        const found = named.find((each) => each?.hint === null) ?? named.find((each) => each)
        return rule && found ? [{ site: url, path, rule: describeRule(rule), ...found }] : []
      }),
    )

/** Names of groups in rules of sites that take the connection, and that mean it. */
export const groupsNamed = (
  sites: readonly ConfiguredSite[],
  connection: string,
): readonly string[] => [
  ...new Set(
    sites
      .filter((site) => takesConnection(site, connection))
      .flatMap(({ routes }) => routes.map(({ policy }) => ruleOf(policy)))
      .flatMap((rule) => (rule ? leavesOf(rule) : []))
      .flatMap((leaf) =>
        leaf.kind === 'group' && (leaf.connection ?? connection) === connection ? [leaf.name] : [],
      ),
  ),
]

interface Place {
  readonly leaf: Leaf
  /** Whether it stands in the negation of a rule. */
  readonly isNegated: boolean
}

function placesIn(rule: Rule, isNegated: boolean): readonly Place[] {
  switch (rule.kind) {
    case 'any':
    case 'all':
      return rule.of.flatMap((part) => placesIn(part, isNegated))
    case 'named':
      return placesIn(rule.rule, isNegated)
    case 'not':
      return placesIn(rule.rule, !isNegated)
    default:
      return [{ leaf: rule, isNegated }]
  }
}

type Compared = Pick<NamedPath, 'kind' | 'hint'>

/** null: the rule means something else. */
function compare({ leaf, isNegated }: Place, group: Meant): Compared | null {
  if (leaf.kind !== 'group' && leaf.kind !== 'group-id') return null
  if (leaf.connection !== null && leaf.connection !== group.connection) return null
  const hint = leaf.kind === 'group' ? hintOfName(leaf.name, group) : hintOfId(leaf.id, group)
  if (hint === undefined) return null
  return { kind: hint === null ? (isNegated ? 'keeps-out' : 'lets-in') : 'near', hint }
}

/** null: it is the group. undefined: it is not. A text: it is not, but looks like it. */
function hintOfName(
  name: string,
  { id, displayName, externalId }: Meant,
): string | null | undefined {
  if (name === displayName) return null
  if (fold(name) === fold(displayName)) {
    return `The rule says "${name}", but the group is called "${displayName}": case counts.`
  }
  if (name === id || name === externalId) {
    return `The rule has an id in place of the name. Write { groupId: '${id}' }, or the name "${displayName}".`
  }
  return undefined
}

function hintOfId(
  wanted: string,
  { id, displayName, externalId }: Meant,
): string | null | undefined {
  if (wanted === id) return null
  if (wanted === externalId) {
    return `The rule has the identity provider's own id of the group. Here its id is ${id}.`
  }
  return wanted === displayName
    ? `The rule has the name in place of the id. Write { group: '${displayName}' }, or the id ${id}.`
    : undefined
}
