/** Everything that changed or was refused, in sentences. */
import type { FC, PropsWithChildren } from 'hono/jsx'
import { auditFields, readEvents } from '../../admin/audit.ts'
import { kindGroupOf, kindGroups } from '../../admin/event-kinds.ts'
import { readFields } from '../../admin/field.ts'
import { explainPerson } from '../../admin/people-shown.ts'
import { sentenceOf } from '../../audit/sentence.ts'
import { KEPT_DAYS } from '../../audit/share.ts'
import type { StoredEvent } from '../../audit/store.ts'
import { listConnections } from '../../connection/store.ts'
import { EXPORT_PATH } from '../audit-export.ts'
import { givenIn, nextOf, textIn } from '../list.ts'
import type { At, ConsolePage } from '../page.ts'
import { ConnectionFilter, Found, SearchField, To } from '../parts.tsx'
import { Card, Empty, Input, linkTo, Next, Select, Table, Time } from '../ui.tsx'
import { EventShown, KindBadge } from './audit-event.tsx'

const ON_PAGE = '25'
const filters = Object.keys(auditFields).filter((name) => name !== 'cursor' && name !== 'limit')

export const auditPage: ConsolePage = {
  path: '/audit',
  scope: 'read',
  show: async (at) => {
    const { query, context } = at
    const [connections, found] = await Promise.all([listConnections(context.db), findEvents(at)])
    const isFiltered = filters.some((name) => textIn(query, name) !== null)
    const { items, next } = found.page
    return {
      status: found.problems.length > 0 ? 422 : 200,
      title: 'Audit',
      section: '/audit',
      body: (
        <>
          <p class="lead">
            What changed and what was refused: who, when, and from where. Events are kept for{' '}
            {KEPT_DAYS} days. To send them on as they happen, to Slack or a SIEM, add a{' '}
            <To path="/settings">webhook</To>.
          </p>
          <Filters query={query}>
            <ConnectionFilter connections={connections} chosen={textIn(query, 'connection')} />
          </Filters>
          <Found
            words={['No event', 'event', 'events']}
            shown={items.length}
            areMore={next !== null}
          >
            {found.problems.map((problem) => (
              <p class="fault" role="alert">
                {problem}
              </p>
            ))}
            <Card title="Events" beside={<Exports query={query} />}>
              {items.length > 0 ? <Events events={items} /> : <Nothing isFiltered={isFiltered} />}
              <Next href={nextOf('/audit', query, next)} />
            </Card>
          </Found>
        </>
      ),
    }
  },
}

interface FoundEvents {
  readonly page: { readonly items: readonly StoredEvent[]; readonly next: string | null }
  /** The faults of the filters. */
  readonly problems: readonly string[]
}

async function findEvents({ query, context }: At): Promise<FoundEvents> {
  const page = { items: [], next: null }
  const given = new Map(givenIn(query, auditFields)).set('limit', [ON_PAGE])
  const read = readFields(auditFields, given)
  if (!read.ok) {
    const problems = read.error.map(({ field, problem }) => `${labelOf(field)} ${problem}.`)
    return { page, problems }
  }
  const found = await readEvents(context, read.value, 'newest-first')
  return found.ok
    ? { page: found.value, problems: [] }
    : { page, problems: [explainPerson(found.error).message] }
}

const labels: Readonly<Record<string, string>> = {
  text: 'Search',
  kind: 'Kind',
  since: 'Since',
  until: 'Before',
  user: 'Person',
  operator: 'Operator',
  site: 'Site',
  reason: 'Reason',
  request: 'Request number',
  cursor: 'The address of this page',
}
const labelOf = (field: string | null): string => labels[field ?? ''] ?? 'This'

const further = ['since', 'until', 'user', 'operator', 'site', 'reason', 'request'] as const
const hints: Readonly<Record<(typeof further)[number], string>> = {
  since: 'Such as 30m, 12h, 7d or 2026-11-24 (UTC).',
  until: 'The same: 7d is seven days ago.',
  user: 'User name, email address or id.',
  operator: 'Who changed something, as the audit names them.',
  site: 'Such as wiki.example.com.',
  reason: 'One word, as the page of a sign-in names it, such as audience.',
  request: 'The whole number on a page.',
}
const groupNames: Readonly<Record<(typeof kindGroups)[number], string>> = {
  'sign-ins': 'Sign-ins',
  changes: 'Changes',
  refusals: 'Refusals',
  failures: 'Failures',
}

const Filters: FC<PropsWithChildren<{ readonly query: URLSearchParams }>> = ({
  query,
  children,
}) => {
  const valueOf = (name: string) => textIn(query, name) ?? ''
  const kind = valueOf('kind')
  const isOwn = kind !== '' && !kindGroups.some((group) => group === kind)
  return (
    <form class="filters" role="search" action={linkTo('/audit')} data-live>
      <SearchField name="text" label="Search" value={valueOf('text')} />
      <Select
        name="kind"
        label="Kind"
        options={[
          ['', 'All'],
          ...kindGroups.map((group) => [group, groupNames[group]] as const),
          ...(isOwn ? [[kind, kind] as const] : []),
        ]}
        value={kind}
      />
      {children}
      <button>Search</button>
      <p class="hint" id="field-text-hint">
        Anything that an event says, or the name of its user. Press / to go here.
      </p>
      <details open={further.some((name) => valueOf(name) !== '')}>
        <summary>More filters</summary>
        <div class="pair">
          {further.map((name) => (
            <Input name={name} label={labelOf(name)} hint={hints[name]} value={valueOf(name)} />
          ))}
        </div>
      </details>
      <p class="heard" role="status" />
    </form>
  )
}

/** All that the filters find, not this page only. */
const Exports: FC<{ readonly query: URLSearchParams }> = ({ query }) => {
  const hrefOf = (format: string) => {
    const wanted = new URLSearchParams([...query].filter(([name]) => filters.includes(name)))
    wanted.set('format', format)
    return `${linkTo(EXPORT_PATH)}?${wanted.toString()}`
  }
  return (
    <p>
      Export: <a href={hrefOf('jsonl')}>JSON lines</a> · <a href={hrefOf('csv')}>CSV</a>
    </p>
  )
}

const Events: FC<{ readonly events: readonly StoredEvent[] }> = ({ events }) => (
  <Table
    caption="Events, the newest first"
    head={['When', 'Kind', 'What happened']}
    rows={events.map((event) => [
      <Time at={event.at} />,
      <KindBadge group={kindGroupOf(event.kind)} />,
      <EventShown event={event} sentence={sentenceOf(event)} />,
    ])}
  />
)

const Nothing: FC<{ readonly isFiltered: boolean }> = ({ isFiltered }) =>
  isFiltered ? (
    <Empty>
      No event is like this. <To path="/audit">Show all events</To>.
    </Empty>
  ) : (
    <Empty>
      Nothing has happened yet. Sign-ins, refusals and each change by an operator come here.
    </Empty>
  )
