/** The groups that directories have sent. */
import type { FC } from 'hono/jsx'
import type { DeployedConfig } from '../../admin/context.ts'
import { assessConfig, type Finding } from '../../admin/drift-rules.ts'
import { pageGroups } from '../../admin/groups.ts'
import type { Connection } from '../../connection/connection.ts'
import { listConnections } from '../../connection/store.ts'
import { findGroups, type GroupEntry } from '../../directory/overview-store.ts'
import { nextOf, placeIn, textIn } from '../list.ts'
import type { ConsolePage } from '../page.ts'
import { firstOf, Found, groupPath, More, Said, Search, To } from '../parts.tsx'
import { Card, Empty, Next, Table, Time } from '../ui.tsx'

const ON_PAGE = 50

export const groupsPage: ConsolePage = {
  path: '/groups',
  scope: 'read',
  show: async ({ context: { db, config }, query }) => {
    const [search, connection] = [textIn(query, 'search'), textIn(query, 'connection')]
    const wanted = { search, connection, after: placeIn(query, 2), limit: ON_PAGE }
    const [connections, found] = await Promise.all([listConnections(db), pageGroups(db, wanted)])
    const { items, next } = found.ok ? found.value : { items: [], next: null }
    const isWhole = query.size === 0 && config !== null
    const astray = isWhole ? await findAstray(db, config, connections, items) : []
    return {
      title: 'Groups',
      section: '/groups',
      body: (
        <>
          <p class="lead">
            Groups come from directories, which alone change them. Groups that an identity provider
            asserts at a sign-in are on the page of the person.
          </p>
          <Search
            path="/groups"
            label="Search"
            hint="A part of the group's name. Press / to go here."
            value={search ?? ''}
            connections={connections}
            chosen={connection}
          />
          <Found
            words={['No group', 'group', 'groups']}
            shown={items.length}
            areMore={next !== null}
          >
            <Card title="Groups">
              {items.length > 0 ? (
                <Table
                  caption="Groups"
                  head={['Name', 'Connection', 'Members', 'Last change']}
                  rows={items.map((group) => [
                    <To path={groupPath(group.id)}>
                      <Said text={group.displayName} />
                    </To>,
                    group.connection,
                    group.members.toLocaleString('en'),
                    <Time at={group.updatedAt} />,
                  ])}
                />
              ) : (
                <Empty>
                  {search === null
                    ? 'No directory has sent a group yet. Assign groups to the application at your identity provider, and let it push them.'
                    : 'No group has this in its name. Type fewer letters, or look at all connections.'}
                </Empty>
              )}
              <Next href={nextOf('/groups', query, next)} />
            </Card>
          </Found>
          {astray.length > 0 ? <Astray findings={astray} /> : null}
        </>
      ),
    }
  },
}

/**
 * Rules that name a group that is not there.
 *
 * @param groups among which the one may be that a mistyped name means.
 */
async function findAstray(
  db: D1Database,
  config: DeployedConfig,
  connections: readonly Connection[],
  groups: readonly GroupEntry[],
): Promise<readonly Finding[]> {
  const known = new Map<string, Promise<readonly GroupEntry[]>>()
  const findings = await assessConfig(config, connections, {
    find: (text) => {
      const found = known.get(text) ?? findGroups(db, text)
      known.set(text, found)
      return found
    },
    names: () => Promise.resolve(groups.map(({ displayName }) => displayName)),
  })
  return findings.filter(
    ({ what, outcome }) => outcome === 'matches nothing' && what.startsWith('group '),
  )
}

const MOST_ASTRAY = 20

const Astray: FC<{ readonly findings: readonly Finding[] }> = ({ findings }) => {
  const [shown, more] = firstOf(findings, MOST_ASTRAY)
  return (
    <Card title="Rules that name no group" id="astray">
      <p>These parts of rules let nobody in. Correct the config, or push the group.</p>
      <Table
        caption="Rules that name a group that is not there"
        head={['Path', 'Names', 'Why it matches nothing']}
        rows={shown.map(({ at, what, says }) => [
          at,
          <Said text={what} />,
          <Said text={says ?? ''} most={300} />,
        ])}
      />
      <More says={more} />
    </Card>
  )
}
