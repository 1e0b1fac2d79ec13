/** The groups that directories have sent. */
import { pageGroups } from '../../admin/groups.ts'
import { listConnections } from '../../connection/store.ts'
import { nextOf, placeIn, textIn } from '../list.ts'
import type { ConsolePage } from '../page.ts'
import { Found, groupPath, Said, Search, To } from '../parts.tsx'
import { Card, Empty, Next, Table, Time } from '../ui.tsx'

const ON_PAGE = 50

export const groupsPage: ConsolePage = {
  path: '/groups',
  scope: 'read',
  show: async ({ context: { db }, query }) => {
    const [search, connection] = [textIn(query, 'search'), textIn(query, 'connection')]
    const wanted = { search, connection, after: placeIn(query, 2), limit: ON_PAGE }
    const [connections, found] = await Promise.all([listConnections(db), pageGroups(db, wanted)])
    const { items, next } = found.ok ? found.value : { items: [], next: null }
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
          <Found says={saysOf(items.length, next !== null)}>
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
        </>
      ),
    }
  },
}

function saysOf(shown: number, areMore: boolean): string {
  if (shown === 0) return 'No group found.'
  if (areMore) return `The first ${shown} groups. There are more.`
  return shown === 1 ? '1 group.' : `${shown} groups.`
}
