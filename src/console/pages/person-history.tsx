/** What happened to a person, in sentences. */
import type { FC } from 'hono/jsx'
import { sentenceOf } from '../../audit/sentence.ts'
import { everyEvent, listEvents, type StoredEvent } from '../../audit/store.ts'
import type { User } from '../../directory/user.ts'
import { Said, To } from '../parts.tsx'
import { Card, Empty, Table, Time } from '../ui.tsx'

const MOST_SHOWN = 15

/** The newest first. */
export const findHistory = (db: D1Database, user: User): Promise<readonly StoredEvent[]> =>
  listEvents(
    db,
    { ...everyEvent, user: user.id },
    { order: 'newest-first', after: null, limit: MOST_SHOWN },
  )

interface HistoryProps {
  readonly user: User
  readonly events: readonly StoredEvent[]
}

export const History: FC<HistoryProps> = ({ user, events }) => (
  <Card
    title="History"
    beside={<To path={`/audit?user=${encodeURIComponent(user.id)}`}>All of it, in the audit</To>}
  >
    {events.length > 0 ? (
      <Table
        caption="What happened last"
        head={['When', 'What']}
        rows={events.map((event) => [
          <Time at={event.at} />,
          <Said
            text={sentenceOf({ ...event, userName: user.displayName ?? user.userName })}
            most={400}
          />,
        ])}
      />
    ) : (
      <Empty>The audit has nothing about this person.</Empty>
    )}
  </Card>
)
