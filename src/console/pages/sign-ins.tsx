/** The last attempts to sign in, found by the number on the visitor's page or by the person. */
import type { FC } from 'hono/jsx'
import { showAttempt } from '../../admin/attempt-shown.ts'
import { pageAttempts } from '../../admin/sign-ins.ts'
import { KEPT_DAYS } from '../../attempt/pool.ts'
import type { ListedAttempt } from '../../attempt/read-store.ts'
import { listConnections } from '../../connection/store.ts'
import { nextOf, placeIn, textIn } from '../list.ts'
import type { At, ConsolePage } from '../page.ts'
import { Found, personPath, Said, Search, signInPath, To, troublePath } from '../parts.tsx'
import { Badge, Card, Empty, Next, Table, Time } from '../ui.tsx'
import { connectionPath, shownAttempt } from './sign-in.tsx'

const ON_PAGE = 40
const MOST_CHARACTERS = 200

export const signInsPage: ConsolePage = {
  path: '/sign-ins',
  scope: 'read',
  show: async (at) => {
    const { query } = at
    const [request, search] = [textIn(query, 'request'), textIn(query, 'search')]
    const exact = await showAttempt(at.context, request ?? search ?? '')
    return exact.ok ? shownAttempt(exact.value, at) : list(at, request ?? search)
  },
}

async function list({ context: { db }, query }: At, search: string | null) {
  const [connection, person] = [textIn(query, 'connection'), textIn(query, 'person')]
  const onlyRefused = query.has('refused')
  const asked = search?.slice(0, MOST_CHARACTERS) ?? null
  const filter = { connection, person, search: asked, onlyRefused, since: null }
  const page = { cursor: placeIn(query, 2), limit: ON_PAGE }
  const [connections, { items, next }] = await Promise.all([
    listConnections(db),
    pageAttempts(db, filter, page),
  ])
  const isFiltered = connection !== null || person !== null || onlyRefused
  return {
    title: 'Sign-ins',
    section: '/sign-ins',
    body: (
      <>
        <p class="lead">
          Each attempt to sign in of the last {KEPT_DAYS} days, with every check. A page that stops
          somebody has a request number: enter it, and see why.
        </p>
        <Search
          path="/sign-ins"
          label="Search"
          hint="A request number or its beginning, or the beginning of a name or an address. Press / to go here."
          value={search ?? ''}
          connections={connections}
          chosen={connection}
        >
          {person === null ? null : <input type="hidden" name="person" value={person} />}
          <label class="check">
            <input type="checkbox" name="refused" checked={onlyRefused} /> Refused only
          </label>
        </Search>
        <Found
          words={['No sign-in', 'sign-in', 'sign-ins']}
          shown={items.length}
          areMore={next !== null}
        >
          {person === null ? null : (
            <p>
              Of <Said text={person} /> only. <To path="/sign-ins">Show all sign-ins</To>
            </p>
          )}
          <Card title="Sign-ins">
            {items.length > 0 ? (
              <Attempts attempts={items} />
            ) : (
              <Nothing search={search} isFiltered={isFiltered} />
            )}
            <Next href={nextOf('/sign-ins', query, next)} />
          </Card>
        </Found>
      </>
    ),
  }
}

const Attempts: FC<{ readonly attempts: readonly ListedAttempt[] }> = ({ attempts }) => (
  <Table
    caption="Attempts to sign in, the newest first"
    head={['When', 'Who', 'Connection', 'Outcome', 'Number']}
    rows={attempts.map((attempt) => [
      <Time at={attempt.at} />,
      <Who attempt={attempt} />,
      attempt.connection === null ? (
        <span class="soft">none</span>
      ) : (
        <To path={connectionPath(attempt.connection)}>{attempt.connection}</To>
      ),
      <Outcome attempt={attempt} />,
      <To path={signInPath(attempt.id)}>
        <code class="short">{attempt.id.slice(0, 8)}…</code>
      </To>,
    ])}
  />
)

const Who: FC<{ readonly attempt: ListedAttempt }> = ({ attempt: { person, user } }) => {
  const name = person === null ? <span class="soft">not known</span> : <Said text={person} />
  return <span class="who">{user === null ? name : <To path={personPath(user)}>{name}</To>}</span>
}

const Outcome: FC<{ readonly attempt: ListedAttempt }> = ({
  attempt: { kind, reason, explained },
}) => (
  <>
    {kind === 'test' ? <Badge>Test</Badge> : null}{' '}
    {reason === null ? <Badge tone="good">Accepted</Badge> : <Badge tone="bad">Refused</Badge>}{' '}
    {reason === null ? null : (
      <>
        <Said text={explained ?? reason} most={160} />{' '}
        <To path={troublePath(reason)}>What to do</To>
      </>
    )}
  </>
)

interface NothingProps {
  readonly search: string | null
  readonly isFiltered: boolean
}

const Nothing: FC<NothingProps> = ({ search, isFiltered }) => {
  if (search !== null) {
    return (
      <Empty>
        No attempt to sign in has a number or a person that begins so. A page of a person who was
        signed in has a number too: look for it in{' '}
        <To path={`/audit?text=${encodeURIComponent(search)}`}>the audit</To>.
      </Empty>
    )
  }
  return isFiltered ? (
    <Empty>
      No attempt is like this. <To path="/sign-ins">Show all sign-ins</To>.
    </Empty>
  ) : (
    <Empty>
      Nobody has tried to sign in during the last {KEPT_DAYS} days. To try it yourself without
      signing anybody in, test a <To path="/connections">connection</To>.
    </Empty>
  )
}
