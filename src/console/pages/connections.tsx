/** Every connection: may people sign in, what ends soon, and silent directories. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { listQuiet } from '../../admin/overview-store.ts'
import { listLastAccepted } from '../../attempt/read-store.ts'
import { KEPT_DAYS } from '../../attempt/pool.ts'
import { isDraft, type Connection } from '../../connection/connection.ts'
import { listConnections } from '../../connection/store.ts'
import { plusSeconds, type Instant } from '../../lib/instant.ts'
import { provisioningWords } from '../connection-words.ts'
import type { ConsolePage } from '../page.ts'
import { Said, To } from '../parts.tsx'
import { Badge, Card, Empty, linkTo, Next, Table, Time } from '../ui.tsx'

const ON_PAGE = 50
const DAY_SECONDS = 86_400
const SOON_DAYS = 30
const QUIET_DAYS = 7

export const connectionsPage: ConsolePage = {
  path: '/connections',
  scope: 'read',
  show: async ({ context: { db, now, operator }, query }) => {
    const since = plusSeconds(now, -QUIET_DAYS * DAY_SECONDS)
    const [all, lastSignIns, quiet] = await Promise.all([
      listConnections(db),
      listLastAccepted(db),
      listQuiet(db, { since, now }),
    ])
    const from = Math.max(0, Number(query.get('from')) || 0)
    const shown = all.slice(from, from + ON_PAGE)
    const mayAdd = mayDo(operator, 'connections')
    return {
      title: 'Connections',
      section: '/connections',
      body: (
        <>
          <p class="lead">The identity providers that people sign in with.</p>
          <Card title="Connections" beside={mayAdd ? <Add /> : null}>
            {shown.length === 0 ? (
              <Empty>
                There is no connection, so nobody can sign in.{' '}
                {mayAdd ? 'Add one: the console shows you what to enter at its side.' : null}
              </Empty>
            ) : (
              <Table
                caption="Connections"
                head={['Name', 'State', 'Certificates', 'Last sign-in', 'People', 'Directory']}
                rows={shown.map((connection) => [
                  <Name connection={connection} />,
                  <ConnectionState connection={connection} />,
                  <Ends connection={connection} now={now} />,
                  <Time
                    at={lastSignIns.get(connection.id) ?? null}
                    none={`none in ${KEPT_DAYS} days`}
                  />,
                  provisioningWords[connection.provisioning],
                  <DirectoryState
                    connection={connection}
                    isQuiet={quiet.some((each) => each.connection === connection.id)}
                  />,
                ])}
              />
            )}
            <Next
              href={
                from + ON_PAGE < all.length ? linkTo(`/connections?from=${from + ON_PAGE}`) : null
              }
            />
          </Card>
        </>
      ),
    }
  },
}

const Add: FC = () => (
  <a class="button" href={linkTo('/connections/new')}>
    Add a connection
  </a>
)

interface OneProps {
  readonly connection: Connection
}

const Name: FC<OneProps> = ({ connection: { id, displayName } }) => (
  <>
    <To path={`/connections/${id}`}>
      <Said text={displayName} />
    </To>
    {displayName === id ? null : <span class="soft"> {id}</span>}
  </>
)

export const ConnectionState: FC<OneProps> = ({ connection }) => {
  if (isDraft(connection)) return <Badge tone="warning">Not set up</Badge>
  return connection.enabled ? <Badge tone="good">Enabled</Badge> : <Badge>Disabled</Badge>
}

const Ends: FC<OneProps & { readonly now: Instant }> = ({ connection: { certificates }, now }) => {
  const ends = certificates.map(({ notAfter }) => notAfter).toSorted((a, b) => a - b)
  const next = ends.find((end) => end > now) ?? ends.at(-1)
  if (next === undefined) return <span class="soft">none</span>
  if (next <= now) return <Badge tone="bad">Expired</Badge>
  const isSoon = next < plusSeconds(now, SOON_DAYS * DAY_SECONDS)
  return (
    <>
      {isSoon ? <Badge tone="warning">Soon</Badge> : null} <Time at={next} />
    </>
  )
}

const DirectoryState: FC<OneProps & { readonly isQuiet: boolean }> = ({ connection, isQuiet }) => {
  if (connection.provisioning === 'jit') return <span class="soft">none</span>
  return isQuiet ? (
    <Badge tone="warning">Quiet for {QUIET_DAYS} days</Badge>
  ) : (
    <To path={`/directory/${connection.id}`}>Look</To>
  )
}
