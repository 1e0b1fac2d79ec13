/** All people who may sign in, with a search as the operator types. */
import type { FC } from 'hono/jsx'
import { findPeople } from '../../admin/people.ts'
import type { Connection } from '../../connection/connection.ts'
import { listConnections } from '../../connection/store.ts'
import type { User } from '../../directory/user.ts'
import { nextOf, placeIn, textIn } from '../list.ts'
import type { ConsolePage } from '../page.ts'
import {
  Address,
  directoryPath,
  Found,
  personPath,
  Said,
  Search,
  State,
  stateOfUser,
  To,
} from '../parts.tsx'
import { Card, Empty, Next, Table, Time } from '../ui.tsx'

const ON_PAGE = 50

export const peoplePage: ConsolePage = {
  path: '/people',
  scope: 'read',
  show: async ({ context: { db }, query }) => {
    const [search, connection] = [textIn(query, 'search'), textIn(query, 'connection')]
    const after = placeIn(query, 3)
    const wanted = { named: null, search, connection, after, limit: ON_PAGE }
    const [connections, found] = await Promise.all([listConnections(db), findPeople(db, wanted)])
    const { items, next } = found.ok ? found.value : { items: [], next: null }
    return {
      title: 'People',
      section: '/people',
      body: (
        <>
          <p class="lead">All people who have signed in, or whom a directory has sent.</p>
          <Search
            path="/people"
            label="Search"
            hint="The beginning of a name, user name or email address. Press / to go here."
            value={search ?? ''}
            connections={connections}
            chosen={connection}
          />
          <Found
            words={['Nobody', 'person', 'people']}
            shown={items.length}
            areMore={next !== null}
          >
            <Card title="People" beside={<Directories connections={connections} of={connection} />}>
              {items.length > 0 ? (
                <PeopleTable people={items} connections={connections} />
              ) : (
                <Nobody search={search} connection={connection} isKnown={found.ok} />
              )}
              <Next href={nextOf('/people', query, next)} />
            </Card>
          </Found>
        </>
      ),
    }
  },
}

interface PeopleProps {
  readonly people: readonly User[]
  readonly connections: readonly Connection[]
}

const PeopleTable: FC<PeopleProps> = ({ people, connections }) => (
  <Table
    caption="People"
    head={['Name', 'Email', 'Status', 'Connection', 'Source', 'Last sign-in']}
    rows={people.map((user) => {
      const connection = connections.find(({ id }) => id === user.connection) ?? null
      return [
        <To path={personPath(user.id)}>
          <Said text={user.displayName ?? user.userName} />
        </To>,
        <Address text={user.email ?? user.userName} />,
        <State state={stateOfUser(user, connection)} />,
        user.connection,
        user.source === 'scim' ? 'Directory' : 'Sign-in',
        <Time at={user.lastLoginAt} />,
      ]
    })}
  />
)

interface DirectoriesProps {
  readonly connections: readonly Connection[]
  /** null: of all. */
  readonly of: string | null
}

const MOST_DIRECTORIES = 5

/** Links to the directories of the connections that are shown. */
const Directories: FC<DirectoriesProps> = ({ connections, of }) => {
  const shown = connections.filter(
    ({ id, provisioning }) => provisioning !== 'jit' && (of === null || id === of),
  )
  return shown.length === 0 || shown.length > MOST_DIRECTORIES ? null : (
    <p>
      {shown.map(({ id }, i) => (
        <>
          {i > 0 ? ' · ' : ''}
          <To path={directoryPath(id)}>Directory of {id}</To>
        </>
      ))}
    </p>
  )
}

interface NobodyProps {
  readonly search: string | null
  readonly connection: string | null
  readonly isKnown: boolean
}

const Nobody: FC<NobodyProps> = ({ search, connection, isKnown }) => {
  if (!isKnown) {
    return (
      <Empty>
        There is no connection <Said text={`“${connection}”`} />. Choose another.
      </Empty>
    )
  }
  if (search !== null) {
    return (
      <Empty>
        Nobody has a name with a word that begins so. Type fewer letters, or look at all
        connections.
      </Empty>
    )
  }
  return (
    <Empty>
      Nobody has signed in yet, and no directory has sent anybody. Set up a{' '}
      <To path="/connections">connection</To> first.
    </Empty>
  )
}
