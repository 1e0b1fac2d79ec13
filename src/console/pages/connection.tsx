/** One connection: its state, what to change, its certificates and metadata, its rules, and its links. */
import type { FC } from 'hono/jsx'
import { connectionLint } from '../../admin/connection-lint.ts'
import { mayChangeTrust, mayDo } from '../../admin/context.ts'
import type { KeptAttempt } from '../../attempt/attempt.ts'
import { KEPT_DAYS } from '../../attempt/pool.ts'
import { findLastTest } from '../../attempt/read-store.ts'
import { isDraft } from '../../connection/connection.ts'
import { describeSlo } from '../../connection/slo.ts'
import { findConnection, findVersion } from '../../connection/store.ts'
import { toInstant } from '../../lib/instant.ts'
import { provisioningWords } from '../connection-words.ts'
import { viewOf, type CardOf } from '../connection-card.ts'
import type { ConsolePage } from '../page.ts'
import { Outcome, Said, To } from '../parts.tsx'
import { Blocks } from '../blocks.tsx'
import { Action, Card, linkTo, Time, Values } from '../ui.tsx'
import { Certificates } from './connection-certificates.tsx'
import { HandOvers } from './connection-handovers.tsx'
import { JoinCard } from './connection-join.tsx'
import { MetadataCard } from './connection-metadata.tsx'
import { noSuchConnection } from './connection-none.tsx'
import { Test } from './connection-set-up.tsx'
import { SettingsCard } from './connection-settings.tsx'
import { ConnectionState } from './connections.tsx'
import { endSignInsPath } from './end-sign-ins.tsx'

export const connectionPage: ConsolePage = {
  path: '/connections/:id',
  scope: 'read',
  show: async (at) => {
    const { context, params, refused } = at
    const { db, now, operator } = context
    // The version first: then a write in between is noticed.
    const version = await findVersion(db, params['id'] ?? '')
    const connection = await findConnection(db, params['id'] ?? '')
    if (!connection || version === null) return noSuchConnection
    const { id, displayName } = connection
    const mayChange = mayDo(operator, 'connections')
    const mayTrust = mayChange && mayChangeTrust(context, id)
    const [test, lint] = await Promise.all([
      findLastTest(db, id, toInstant(0)),
      viewOf(connectionLint, { connection: id }, at),
    ])
    const shared = { connection, mayChange, mayTrust, refused, back: `/connections/${id}` }
    return {
      title: displayName,
      section: '/connections',
      body: (
        <>
          {mayChange && !mayTrust ? (
            <p class="lead">
              Administrators sign in with this connection, so only an owner changes what its
              identity provider vouches for.
            </p>
          ) : null}
          <Overview {...shared} mayEnd={mayDo(operator, 'people') && !isDraft(connection)} />
          <Card title="Test a sign-in" id="test">
            <LastTest test={test} />
            {mayChange && !isDraft(connection) ? (
              <Test id={id} back={`${shared.back}#test`} />
            ) : null}
          </Card>
          {isDraft(connection) ? null : (
            <Card title="What to change" id="lint">
              <Blocks view={lint} caption="What to change" />
            </Card>
          )}
          <Certificates {...shared} now={now} />
          <MetadataCard {...shared} at={at} />
          {isDraft(connection) ? null : <JoinCard {...shared} at={at} />}
          {mayTrust ? <SettingsCard {...shared} version={String(version)} now={now} /> : null}
          <HandOvers {...shared} at={at} />
          {mayTrust ? <Remove {...shared} /> : null}
        </>
      ),
    }
  },
}

interface OverviewOf extends CardOf {
  /** Whether the admin may end the sign-ins of its people. */
  readonly mayEnd: boolean
}

const Overview: FC<OverviewOf> = ({ connection, mayChange, mayTrust, mayEnd, back }) => {
  const { id, enabled, idpEntityId, ssoUrl, provisioning, domains } = connection
  const logout = describeSlo(connection.slo, connection.ssoBinding)
  return (
    <Card title="State" beside={<ConnectionState connection={connection} />}>
      <Values
        rows={[
          ['Id', <code>{id}</code>],
          ['Identity provider', idpEntityId === '' ? 'none yet' : <code>{idpEntityId}</code>],
          ['Sign-in address', ssoUrl === '' ? 'none yet' : <code>{ssoUrl}</code>],
          ['Logout address', logout === 'none' ? logout : <code>{logout}</code>],
          ['Who may sign in', provisioningWords[provisioning]],
          ['Email domains', domains.join(', ') || 'none'],
        ]}
      />
      <div class="actions">
        <a class="button" href={linkTo(`${back}/set-up`)}>
          Set up
        </a>
        <a class="button quiet" href={linkTo(`/directory/${id}`)}>
          Directory
        </a>
        <a class="button quiet" href={linkTo(`/sign-ins?connection=${id}`)}>
          Sign-ins
        </a>
        {(enabled ? mayChange : mayTrust) && !isDraft(connection) ? (
          <Action
            operation={enabled ? 'connection disable' : 'connection enable'}
            input={{ id }}
            back={back}
            label={enabled ? 'Disable' : 'Enable'}
            tone={enabled ? 'danger' : 'quiet'}
          />
        ) : null}
        {mayEnd ? (
          <a
            class="button quiet"
            href={linkTo(endSignInsPath({ connection: id }))}
            aria-label={`End all sign-ins with ${id}`}
          >
            End all sign-ins…
          </a>
        ) : null}
      </div>
    </Card>
  )
}

const LastTest: FC<{ readonly test: KeptAttempt | null }> = ({ test }) =>
  test ? (
    <p>
      The last test was <Time at={test.at} />: <Outcome reason={test.reason} />{' '}
      {test.person === null ? null : <Said text={test.person} />}{' '}
      <To path={`/sign-ins/${test.id}`}>Look at it</To>
    </p>
  ) : (
    <p>No test was made in the last {KEPT_DAYS} days.</p>
  )

/** The page asks twice: first it says what else is removed. */
const Remove: FC<CardOf> = ({ connection: { id }, refused, back }) => {
  const isAsked = refused?.name === 'connection remove' && refused.reason === 'unconfirmed'
  return (
    <Card title="Remove" id="remove">
      {isAsked ? (
        <>
          {refused.faults.map(({ problem }) => (
            <p class="fault">{problem}</p>
          ))}
          <Action
            operation="connection remove"
            input={{ id, yes: 'true' }}
            back={back}
            next="/connections"
            label="Remove it for good"
            tone="danger"
          />
        </>
      ) : (
        <>
          <p>With the connection its people and their sessions are removed.</p>
          <Action
            operation="connection remove"
            input={{ id }}
            back={`${back}#remove`}
            label="Remove…"
            about={`Remove ${id}`}
            tone="danger"
          />
        </>
      )}
    </Card>
  )
}
