/** Which paths would open for a person, by the judgement of the gate. */
import type { User } from '../directory/user.ts'
import type { Instant } from '../lib/instant.ts'
import { settle } from '../policy/combine.ts'
import type { Decision } from '../policy/decide.ts'
import { describeMissing, describeRule } from '../policy/describe.ts'
import { listed, type Person } from '../policy/facts.ts'
import { leavesOf, ruleOf } from '../policy/leaves.ts'
import type { Rule, SettledPolicy } from '../policy/policy.ts'
import type { ConfiguredSite } from '../site/site.ts'
import type { Profile } from './people.ts'
import { decideAt } from './verdict.ts'

export interface PathAccess {
  readonly site: string
  readonly path: string
  /**
   * `after-sign-in`: another sign-in would open it. `depends`: on what only a request or a sign-in
   * shows, such as the country.
   */
  readonly verdict: 'open' | 'public' | 'after-sign-in' | 'depends' | 'closed'
  readonly why: string
}

const READING = ['GET']

/** For reading a page. Countries and addresses are not known before a request. */
export function accessOf(
  sites: readonly ConfiguredSite[],
  person: Person,
  now: Instant,
): readonly PathAccess[] {
  return sites.flatMap((site) =>
    site.routes.map((route) => {
      const policy = settle(route.policy, READING)
      const by = decideAt({ site, policy, methods: READING }, person, {
        country: null,
        ip: null,
        now,
      })
      const access = policy.kind === 'public' ? toEverybody : toAccess(by, person)
      return { site: site.url, path: route.path, ...access }
    }),
  )
}

export interface GroupRoute {
  readonly site: ConfiguredSite
  readonly path: string
  readonly policy: SettledPolicy
  /** What its rule says of groups. */
  readonly asks: readonly GroupLeaf[]
}
type GroupLeaf = Extract<Rule, { readonly kind: 'group' | 'group-id' }>

/** The routes whose rules ask for a group, for reading a page. */
export const routesAskingGroups = (sites: readonly ConfiguredSite[]): readonly GroupRoute[] =>
  sites.flatMap((site) =>
    site.routes.flatMap(({ path, policy }) => {
      const rule = ruleOf(policy)
      const asks = rule ? leavesOf(rule).filter(isOfGroups) : []
      return asks.length > 0 ? [{ site, path, policy: settle(policy, READING), asks }] : []
    }),
  )

const isOfGroups = (leaf: Rule): leaf is GroupLeaf =>
  leaf.kind === 'group' || leaf.kind === 'group-id'

/** Whether the route opens to the person, perhaps after another sign-in. */
export function isOpenTo(route: GroupRoute, person: Person, now: Instant): boolean {
  const from = { country: null, ip: null, now }
  const { kind } = decideAt({ ...route, methods: READING }, person, from)
  return kind === 'allow' || kind === 'anew'
}

/** The known facts about a person without a sign-in. */
export interface Known {
  readonly user: Pick<User, 'connection' | 'email'>
  /** Names of the groups that count; null: not known. */
  readonly groups: readonly string[] | null
  /** null: the groups have no ids. */
  readonly groupIds: readonly string[] | null
  readonly signedInAt: Instant | null
}

/** Attributes are not known before a sign-in. */
export const toPerson = ({ user, groups, groupIds, signedInAt }: Known): Person => ({
  service: null,
  connection: user.connection,
  email: user.email,
  groups: listed(groups),
  groupIds: listed(groupIds),
  attributes: null,
  isDeviceBound: null,
  signedInAt,
  authnInstant: null,
  authnContext: null,
})

export function personIn({ user, groups, sessions, areDirectorys }: Profile): Person {
  const [newest] = sessions
  const signedInAt = newest?.openedAt ?? null
  return toPerson(
    areDirectorys
      ? {
          user,
          groups: groups.map(({ displayName }) => displayName),
          groupIds: groups.map(({ id }) => id),
          signedInAt,
        }
      : { user, groups: newest?.assertedGroups ?? null, groupIds: null, signedInAt },
  )
}

type Access = Pick<PathAccess, 'verdict' | 'why'>

const toEverybody: Access = { verdict: 'public', why: 'Open to everybody.' }

function toAccess(by: Decision, { connection }: Person): Access {
  switch (by.kind) {
    case 'allow': {
      const { why } = by
      return { verdict: 'open', why: why ? `By ${describeRule(why.rule)}.` : 'By a sign-in.' }
    }
    case 'login':
      return { verdict: 'closed', why: `The site does not take the connection ${connection}.` }
    case 'anew':
      return { verdict: 'after-sign-in', why: `It takes ${describeMissing(by.why)}.` }
    case 'deny': {
      const isUnknown = by.why.holds === null
      return {
        verdict: isUnknown ? 'depends' : 'closed',
        why: `It takes ${describeMissing(by.why)}.`,
      }
    }
  }
}
