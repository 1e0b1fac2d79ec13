/** A group: its members, and what the rules of the config say about it. */
import type { FC } from 'hono/jsx'
import { pathsNaming, type NamedPath } from '../../admin/group-paths.ts'
import { findOneGroup, pageMembers } from '../../admin/groups.ts'
import type { Connection } from '../../connection/connection.ts'
import { findConnection } from '../../connection/store.ts'
import type { GroupEntry, MemberEntry } from '../../directory/overview-store.ts'
import { nextOf, placeIn } from '../list.ts'
import type { ConsolePage } from '../page.ts'
import {
  clip,
  directoryPath,
  firstOf,
  groupPath,
  More,
  personPath,
  Said,
  State,
  stateOfUser,
  To,
} from '../parts.tsx'
import { Badge, Card, Empty, Next, Table, Time, Values } from '../ui.tsx'

const ON_PAGE = 50
const MOST_PATHS = 40

export const groupPage: ConsolePage = {
  path: '/groups/:id',
  scope: 'read',
  show: async ({ context: { db, config }, params, query }) => {
    const found = await findOneGroup(db, { text: params['id'] ?? '', connection: null })
    if (!found.ok) return unknownGroup
    const group = found.value
    const [connection, members] = await Promise.all([
      findConnection(db, group.connection),
      pageMembers(db, group.id, placeIn(query, 1), ON_PAGE),
    ])
    return {
      title: clip(group.displayName),
      section: '/groups',
      body: (
        <>
          <About group={group} />
          <Paths
            paths={pathsNaming(config?.sites ?? [], group)}
            isAsserted={connection?.settings.directory.groupsFrom === 'assertion'}
          />
          <Card title="Members">
            <Members members={members.items} connection={connection} />
            <Next href={nextOf(groupPath(group.id), query, members.next)} />
          </Card>
        </>
      ),
    }
  },
}

const unknownGroup = {
  status: 404,
  title: 'There is no such group',
  section: '/groups',
  body: (
    <Empty>
      No directory has a group of this id. It may have been removed.{' '}
      <To path="/groups">Look at all groups</To>.
    </Empty>
  ),
} as const

const About: FC<{ readonly group: GroupEntry }> = ({ group }) => (
  <Card title="Group">
    <Values
      rows={[
        ['Connection', <To path={directoryPath(group.connection)}>{group.connection}</To>],
        ['Members', group.members.toLocaleString('en')],
        ['Id', <code>{group.id}</code>],
        [
          'Id at the identity provider',
          group.externalId === null ? (
            <span class="soft">none</span>
          ) : (
            <code>
              <Said text={group.externalId} />
            </code>
          ),
        ],
        ['Created', <Time at={group.createdAt} />],
        ['Last change', <Time at={group.updatedAt} />],
      ]}
    />
  </Card>
)

const kinds = {
  'lets-in': ['good', 'Opens'],
  'keeps-out': ['bad', 'Keeps out'],
  near: ['warning', 'Does not match'],
} as const

interface PathsProps {
  readonly paths: readonly NamedPath[]
  /** Whether rules go by what the identity provider asserts, and not by this group. */
  readonly isAsserted: boolean
}

const Paths: FC<PathsProps> = ({ paths, isAsserted }) => {
  const [shown, more] = firstOf(paths, MOST_PATHS)
  return (
    <Card title="Paths that name this group">
      {isAsserted ? (
        <p class="message warning">
          Rules of this connection go by the groups that the identity provider asserts. Who is a
          member here counts for nothing.
        </p>
      ) : null}
      {shown.length > 0 ? (
        <Table
          caption="Paths whose rules name this group"
          head={['Path', 'The group', 'Rule']}
          rows={shown.map(({ site, path, kind, rule, hint }) => {
            const [tone, word] = kinds[kind]
            return [
              `${site}${path}`,
              <Badge tone={tone}>{word}</Badge>,
              <Said text={hint ?? rule} most={400} />,
            ]
          })}
        />
      ) : (
        <Empty>No rule of the config names this group, so it opens nothing by itself.</Empty>
      )}
      <More says={more} />
    </Card>
  )
}

interface MembersProps {
  readonly members: readonly MemberEntry[]
  readonly connection: Connection | null
}

const Members: FC<MembersProps> = ({ members, connection }) =>
  members.length > 0 ? (
    <Table
      caption="Members of the group"
      head={['User name', 'Status']}
      rows={members.map((member) => [
        <To path={personPath(member.id)}>
          <Said text={member.userName} />
        </To>,
        <State state={stateOfUser({ ...member, source: 'scim' }, connection)} />,
      ])}
    />
  ) : (
    <Empty>Nobody is in this group.</Empty>
  )
