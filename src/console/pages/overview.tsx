/** The first page: is all well? */
import type { FC } from 'hono/jsx'
import { saysOf, type DriftCount } from '../../admin/directory-drift.ts'
import { findOverview, type Concern, type Overview, type Refused } from '../../admin/overview.ts'
import type { DayCount } from '../../admin/overview-store.ts'
import { toIso } from '../../lib/instant.ts'
import { mayDo } from '../../admin/context.ts'
import type { ConsolePage } from '../page.ts'
import { directoryPath, To } from '../parts.tsx'
import { Badge, Card, Empty, linkTo, Table, Time } from '../ui.tsx'
import { endSignInsPath } from './end-sign-ins.tsx'

export const overviewPage: ConsolePage = {
  path: '',
  scope: 'read',
  show: async ({ context }) => {
    const found = await findOverview(context)
    const mayEnd = mayDo(context.operator, 'people')
    return { title: 'Overview', section: '', body: <Body {...found} mayEnd={mayEnd} /> }
  },
}

interface BodyProps extends Overview {
  /** Whether the admin may end sign-ins. */
  readonly mayEnd: boolean
}

const Body: FC<BodyProps> = (props) => {
  const { present, days, concerns, drift, refusals, connections, mayEnd } = props
  if (connections === 0) return <FirstSteps />
  const sum = (of: 'signIns' | 'refusals') => days.slice(-7).reduce((all, day) => all + day[of], 0)
  return (
    <>
      <State concerns={concerns} />
      {drift.length > 0 ? <Drift drift={drift} /> : null}
      <dl class="figures">
        <Figure name="People signed in" value={present.people} />
        <Figure name="Sign-ins, 7 days" value={sum('signIns')} />
        <Figure name="Refused, 7 days" value={sum('refusals')} />
      </dl>
      <Card title="Sign-ins and refusals">
        <Plot days={days} />
        <details>
          <summary>The numbers</summary>
          <Table
            caption="Sign-ins and refusals of each day"
            head={['Day (UTC)', 'Sign-ins', 'Refused']}
            rows={days
              .toReversed()
              .map(({ day, signIns, refusals: refused }) => [
                toIso(day).slice(0, 10),
                signIns,
                refused,
              ])}
          />
        </details>
      </Card>
      <Card title="Last refusals" beside={<a href={linkTo('/sign-ins')}>All sign-ins</a>}>
        {refusals.length === 0 ? (
          <Empty>No sign-in was refused.</Empty>
        ) : (
          <Table
            caption="The last sign-ins that were refused"
            head={['When', 'Who', 'Why']}
            rows={refusals.map((each) => [
              <Time at={each.at} />,
              <span class="who">{each.person ?? each.connection ?? 'unknown'}</span>,
              <Why refused={each} />,
            ])}
          />
        )}
      </Card>
      {mayEnd ? (
        <Card title="In an emergency">
          <p>
            Sessions may have been stolen, or an identity provider can no longer be trusted? End all
            sign-ins: everybody signs in again.
          </p>
          <div class="actions">
            <a class="button quiet" href={linkTo(endSignInsPath({ everybody: 'true' }))}>
              End all sign-ins of everybody…
            </a>
          </div>
        </Card>
      ) : null}
    </>
  )
}

const FirstSteps: FC = () => (
  <Card title="Connect your identity provider">
    <p class="lead">
      Nobody can sign in yet. Connect Okta, OneLogin, Microsoft Entra ID, Google Workspace or any
      other SAML 2.0 identity provider: the console shows you what to enter there.
    </p>
    <a class="button" href={linkTo('/connections/new')}>
      Add a connection
    </a>
  </Card>
)

const State: FC<Pick<Overview, 'concerns'>> = ({ concerns }) =>
  concerns.length === 0 ? (
    <div class="message">
      <p>All is well. Nothing needs attention.</p>
    </div>
  ) : (
    <Card title="Needs attention">
      <ul class="concerns">
        {concerns.map((each) => (
          <li>
            <ConcernLine {...each} />
          </li>
        ))}
      </ul>
    </Card>
  )

const Drift: FC<Pick<Overview, 'drift'>> = ({ drift }) => (
  <Card title="Drift" id="drift">
    <p>What people reach today is more than their directory says.</p>
    <ul class="concerns">
      {drift.map((each) => (
        <li>
          <DriftLine {...each} />
        </li>
      ))}
    </ul>
  </Card>
)

const DriftLine: FC<DriftCount> = (drift) => (
  <>
    <To path={`/connections/${drift.connection}`}>{drift.connection}</To>: {saysOf(drift).join(' ')}{' '}
    <To path={`${directoryPath(drift.connection)}#drift`}>Look at it</To>
  </>
)

const ConcernLine: FC<Concern> = ({ urgency, connection, text }) => (
  <>
    <Badge tone={urgency === 'bad' ? 'bad' : 'warning'}>{urgency === 'bad' ? 'Now' : 'Soon'}</Badge>{' '}
    {connection === null ? null : (
      <>
        <a href={linkTo(`/connections/${connection}`)}>{connection}</a>:{' '}
      </>
    )}
    {text}
  </>
)

const Why: FC<{ readonly refused: Refused }> = ({ refused: { requestId, text } }) =>
  requestId === null ? (
    <>{text}</>
  ) : (
    <>
      {text} <a href={linkTo(`/sign-ins?request=${requestId}`)}>Look at it</a>
    </>
  )

const Figure: FC<{ readonly name: string; readonly value: number }> = ({ name, value }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value.toLocaleString('en')}</dd>
  </div>
)

const WIDTH = 700
const HEIGHT = 160
const FLOOR = 130

/** Two bars for each day. The numbers are in the table below. */
const Plot: FC<{ readonly days: readonly DayCount[] }> = ({ days }) => {
  const most = Math.max(1, ...days.flatMap(({ signIns, refusals }) => [signIns, refusals]))
  const step = WIDTH / days.length
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * 110))
  return (
    <>
      <p class="legend">
        <span class="a">Sign-ins</span> <span class="b">Refused</span>
      </p>
      <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={labelOf(days)}>
        <line x1="0" y1={FLOOR} x2={WIDTH} y2={FLOOR} />
        {days.map(({ day, signIns, refusals }, i) => (
          <>
            <Bar kind="a" x={i * step + step * 0.12} count={signIns} height={heightOf(signIns)} />
            <Bar kind="b" x={i * step + step * 0.5} count={refusals} height={heightOf(refusals)} />
            <text x={i * step + step / 2} y={HEIGHT - 10} text-anchor="middle">
              {toIso(day).slice(8, 10)}
            </text>
          </>
        ))}
      </svg>
    </>
  )
}

interface BarProps {
  readonly kind: 'a' | 'b'
  readonly x: number
  readonly count: number
  readonly height: number
}

const Bar: FC<BarProps> = ({ kind, x, count, height }) => (
  <rect
    class={kind}
    x={x.toFixed(1)}
    y={(FLOOR - height).toFixed(1)}
    width="18"
    height={height.toFixed(1)}
    rx="3"
  >
    <title>{count}</title>
  </rect>
)

function labelOf(days: readonly DayCount[]): string {
  const [first] = days
  const total = (of: 'signIns' | 'refusals') => days.reduce((all, day) => all + day[of], 0)
  return `Since ${first ? toIso(first.day).slice(0, 10) : 'today'}: ${total('signIns')} sign-ins, ${total('refusals')} refused. The table below has each day.`
}
