/** A person: state, groups, sign-ins, what would open, and what happened. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { findProfile, type PersonRefusal, type Profile } from '../../admin/people.ts'
import { accessOf, personIn } from '../../admin/person-access.ts'
import { findConnection } from '../../connection/store.ts'
import { listSignIns } from '../../session/sign-in-store.ts'
import type { ConsolePage, Shown } from '../page.ts'
import {
  Address,
  clip,
  Facts,
  firstOf,
  groupPath,
  personPath,
  Said,
  State,
  stateOfUser,
  To,
  type UserState,
} from '../parts.tsx'
import { Action, Card, Empty, linkTo, Table, Time, Values } from '../ui.tsx'
import { endSignInsPath } from './end-sign-ins.tsx'
import { findHistory, History } from './person-history.tsx'
import { Access } from './person-access.tsx'
import { PersonData } from './person-data.tsx'
import { SignIns } from './person-sign-ins.tsx'

export const personPage: ConsolePage = {
  path: '/people/:id',
  scope: 'read',
  show: async ({ context, params, refused }) => {
    const { db, now, operator, config } = context
    const found = await findProfile(context, { text: params['id'] ?? '', connection: null })
    if (!found.ok) return otherPage(found.error)
    const profile = found.value
    const { user } = profile
    const [connection, signIns, events] = await Promise.all([
      findConnection(db, user.connection),
      listSignIns(db, user.id, now),
      findHistory(db, user),
    ])
    const state = stateOfUser(user, connection)
    const mayChange = mayDo(operator, 'people')
    return {
      title: clip(user.displayName ?? user.userName),
      section: '/people',
      body: (
        <>
          <StateCard profile={profile} state={state} mayChange={mayChange} />
          <About profile={profile} />
          <Groups profile={profile} />
          <SignIns user={user} signIns={signIns} mayChange={mayChange} />
          <Access
            paths={accessOf(config?.sites ?? [], personIn(profile), now)}
            isOut={state.tone !== 'good'}
          />
          <History user={user} events={events} />
          {mayChange ? <PersonData user={user} operator={operator} refused={refused} /> : null}
        </>
      ),
    }
  },
}

function otherPage(refused: PersonRefusal): Shown {
  const section = '/people'
  if (refused.reason !== 'several-users') {
    return {
      status: 404,
      title: 'There is no such person',
      section,
      body: (
        <Empty>
          Nobody here has this name or id. The directory may have removed the person.{' '}
          <To path="/people">Look at all people</To>.
        </Empty>
      ),
    }
  }
  return {
    title: 'Several people have this name',
    section,
    body: (
      <Card title="Which one?">
        <Table
          caption="People with this name"
          head={['Name', 'Connection', 'Email']}
          rows={refused.candidates.map((user) => [
            <To path={personPath(user.id)}>
              <Said text={user.displayName ?? user.userName} />
            </To>,
            user.connection,
            <Address text={user.email ?? user.userName} />,
          ])}
        />
      </Card>
    ),
  }
}

interface StateProps {
  readonly profile: Profile
  readonly state: UserState
  readonly mayChange: boolean
}

const StateCard: FC<StateProps> = ({ profile: { user, entry }, state, mayChange }) => {
  const input = { user: user.id, connection: user.connection }
  const back = personPath(user.id)
  const name = clip(user.userName)
  return (
    <Card title="State" beside={<State state={state} />}>
      <p>{state.why}</p>
      {user.barred && entry?.active === false ? (
        <p>The directory has deactivated this person too.</p>
      ) : null}
      {mayChange ? (
        <div class="actions">
          {user.barred ? (
            <Action
              operation="user enable"
              input={input}
              back={back}
              label="Enable"
              about={`Enable ${name}`}
            />
          ) : (
            <Action
              operation="user disable"
              input={input}
              back={back}
              label="Disable"
              about={`Disable ${name}`}
              tone="danger"
            />
          )}
          <a
            class="button quiet"
            href={linkTo(endSignInsPath({ user: user.id }))}
            aria-label={`End all sign-ins of ${name}`}
          >
            End all sign-ins…
          </a>
        </div>
      ) : null}
    </Card>
  )
}

const About: FC<{ readonly profile: Profile }> = ({ profile: { user, entry } }) => (
  <Card title="About">
    <Values
      rows={[
        ['User name', <Said text={user.userName} />],
        ['Email', <Said text={user.email ?? 'none'} />],
        ['Connection', <To path={`/connections/${user.connection}`}>{user.connection}</To>],
        [
          'Source',
          user.source === 'scim' ? 'The directory sent the person' : 'The person signed in',
        ],
        ...(entry
          ? ([['Id at the identity provider', <Said text={entry.externalId ?? 'none'} />]] as const)
          : ([['Subject', <Said text={user.subject} />]] as const)),
        ['Id', <code>{user.id}</code>],
        ['Created', <Time at={user.createdAt} />],
        [
          'Last change',
          <Time
            at={entry && entry.updatedAt > user.updatedAt ? entry.updatedAt : user.updatedAt}
          />,
        ],
        ['Last sign-in', <Time at={user.lastLoginAt} />],
      ]}
    />
  </Card>
)

const MOST_GROUPS = 100

const Groups: FC<{ readonly profile: Profile }> = ({ profile }) => {
  const { groups, sessions, areDirectorys } = profile
  const [newest] = sessions
  const [shown, more] = firstOf(groups, MOST_GROUPS)
  const [asserted, moreAsserted] = firstOf(newest?.assertedGroups ?? [], MOST_GROUPS)
  return (
    <Card title="Groups">
      <p>
        {areDirectorys
          ? 'Rules go by the groups of the directory, as they are now.'
          : 'Rules go by the groups that the identity provider asserted at the sign-in.'}
      </p>
      <h3>Of the directory{areDirectorys ? ' (these count)' : ''}</h3>
      {shown.length > 0 ? (
        <Facts
          items={shown.map(({ id, displayName }) => (
            <To path={groupPath(id)}>
              <Said text={displayName} />
            </To>
          ))}
          more={more}
        />
      ) : (
        <p class="soft">None.</p>
      )}
      <h3>As asserted{areDirectorys ? '' : ' (these count)'}</h3>
      {asserted.length > 0 && newest ? (
        <>
          <Facts
            items={asserted.map((name) => (
              <Said text={name} />
            ))}
            more={moreAsserted}
          />
          <p class="soft">
            At the sign-in of <Time at={newest.openedAt} />.
          </p>
        </>
      ) : (
        <p class="soft">
          {newest?.assertedGroups
            ? 'The identity provider asserted none at the last sign-in.'
            : 'Not known until the next sign-in.'}
        </p>
      )}
    </Card>
  )
}
