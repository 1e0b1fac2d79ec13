/** Which paths would open for a person, by the judgement of the gate. */
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

/** For reading a page. Attributes, countries and addresses are not known before a request. */
export const accessOf = (
  sites: readonly ConfiguredSite[],
  profile: Profile,
  now: Instant,
): readonly PathAccess[] => {
  const person = toPerson(profile)
  const facts: Facts = {
    who: { kind: 'person', person, live: null },
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

function toPerson({ user, groups, sessions, areDirectorys }: Profile): Person {
  const [newest] = sessions
  const names = groups.map(({ displayName }) => displayName)
  return {
    connection: user.connection,
    email: user.email,
    groups: listed(areDirectorys ? names : (newest?.assertedGroups ?? null)),
    groupIds: listed(areDirectorys ? groups.map(({ id }) => id) : null),
    attributes: null,
    signedInAt: newest?.openedAt ?? null,
    authnInstant: null,
    authnContext: null,
  }
}

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
