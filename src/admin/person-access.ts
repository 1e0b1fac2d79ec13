/** Which paths would open for a person, by the judgement of the gate. */
import type { User } from '../directory/user.ts'
import type { Instant } from '../lib/instant.ts'
import { settle } from '../policy/combine.ts'
import { decide, type Decision } from '../policy/decide.ts'
import { describeMissing, describeRule } from '../policy/describe.ts'
import { listed, type Facts, type Person } from '../policy/facts.ts'
import type { ConfiguredSite, Route } from '../site/site.ts'
import type { Profile } from './people.ts'

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

/** What is known of a person beside a request. */
export interface Somebody {
  readonly user: Pick<User, 'connection' | 'email'>
  /** Names of the groups that count; null: not known. */
  readonly groups: readonly string[] | null
  /** null: the groups have no ids. */
  readonly groupIds: readonly string[] | null
  readonly signedInAt: Instant | null
}

/** For reading a page. Attributes, countries and addresses are not known before a request. */
export function accessOf(
  sites: readonly ConfiguredSite[],
  somebody: Somebody,
  now: Instant,
): readonly PathAccess[] {
  const facts: Facts = {
    who: { kind: 'person', person: toPerson(somebody), live: null },
    asks: { methods: ['GET'], country: null, ip: null },
  }
  return sites.flatMap((site) =>
    site.routes.map((route) => ({
      site: site.url,
      path: route.path,
      ...accessTo(site, route, facts, now),
    })),
  )
}

/** Site and path of all that opens to the person, and not to everybody. */
export const pathsOpenTo = (
  sites: readonly ConfiguredSite[],
  somebody: Somebody,
  now: Instant,
): readonly string[] =>
  accessOf(sites, somebody, now)
    .filter(({ verdict }) => verdict === 'open' || verdict === 'after-sign-in')
    .map(({ site, path }) => site + path)

export function toSomebody({ user, groups, sessions, areDirectorys }: Profile): Somebody {
  const [newest] = sessions
  const signedInAt = newest?.openedAt ?? null
  return areDirectorys
    ? {
        user,
        groups: groups.map(({ displayName }) => displayName),
        groupIds: groups.map(({ id }) => id),
        signedInAt,
      }
    : { user, groups: newest?.assertedGroups ?? null, groupIds: null, signedInAt }
}

const toPerson = ({ user, groups, groupIds, signedInAt }: Somebody): Person => ({
  connection: user.connection,
  email: user.email,
  groups: listed(groups),
  groupIds: listed(groupIds),
  attributes: null,
  signedInAt,
  authnInstant: null,
  authnContext: null,
})

type Judged = Pick<PathAccess, 'verdict' | 'why'>

function accessTo(
  { connections }: ConfiguredSite,
  { policy }: Route,
  facts: Facts,
  now: Instant,
): Judged {
  const settled = settle(policy, facts.asks.methods)
  if (settled.kind === 'public') return { verdict: 'public', why: 'Open to everybody.' }
  const connection = facts.who.kind === 'person' ? facts.who.person.connection : ''
  if (connections !== null && !connections.includes(connection)) {
    return { verdict: 'closed', why: `The site does not take the connection ${connection}.` }
  }
  return toJudged(decide(settled, facts, now))
}

function toJudged(decision: Decision): Judged {
  switch (decision.kind) {
    case 'allow': {
      const { why } = decision
      return { verdict: 'open', why: why ? `By ${describeRule(why.rule)}.` : 'By a sign-in.' }
    }
    case 'login':
      return { verdict: 'after-sign-in', why: 'By a sign-in.' }
    case 'anew':
      return { verdict: 'after-sign-in', why: `It takes ${describeMissing(decision.why)}.` }
    case 'deny': {
      const isUnknown = decision.why.holds === null
      return {
        verdict: isUnknown ? 'depends' : 'closed',
        why: `It takes ${describeMissing(decision.why)}.`,
      }
    }
  }
}
