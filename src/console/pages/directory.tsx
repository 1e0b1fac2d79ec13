/** The directory of a connection: its address and tokens, what it asked for, drift and the guard. */
import { findDrift } from '../../admin/directory-drift.ts'
import { mayChangeTrust, mayDo } from '../../admin/context.ts'
import { hostsFor } from '../../admin/connection-shown.ts'
import { findConnection } from '../../connection/store.ts'
import { findGuard, listHeld } from '../../directory/guard-store.ts'
import { listRequests } from '../../directory/request-store.ts'
import { listTokens } from '../../directory/token-store.ts'
import { scimPath } from '../../lib/paths.ts'
import type { ConsolePage } from '../page.ts'
import { To } from '../parts.tsx'
import { Card, Copy } from '../ui.tsx'
import { noSuchConnection } from './connection-none.tsx'
import { DriftCard } from './directory-drift.tsx'
import { GuardCard, MOST_HELD } from './directory-guard.tsx'
import { Requests } from './directory-requests.tsx'
import { Tokens } from './directory-tokens.tsx'

export const directoryPage: ConsolePage = {
  path: '/directory/:connection',
  scope: 'read',
  show: async ({ context, params, refused }) => {
    const { db, now, operator, config } = context
    const id = params['connection'] ?? ''
    const connection = await findConnection(db, id)
    if (!connection) return noSuchConnection
    const [tokens, drift, requests, guard, held] = await Promise.all([
      listTokens(db, id),
      findDrift(context, id),
      listRequests(db, id),
      findGuard(db, id, now),
      listHeld(db, id, MOST_HELD),
    ])
    // It was removed meanwhile.
    if (!drift.ok) return noSuchConnection
    const mayChange = mayDo(operator, 'connections')
    const mayMake = mayChange && mayChangeTrust(context, id)
    const percent = connection.settings.directory.removalGuardPercent

    return {
      title: `Directory of ${id}`,
      section: '/connections',
      body: (
        <>
          <p class="lead">
            What the directory of <To path={`/connections/${id}`}>{id}</To> sends by SCIM: people
            and groups. <To path={`/people?connection=${id}`}>See its people</To>, or{' '}
            <To path={`/groups?connection=${id}`}>its groups</To>.
          </p>
          <Card title="Address">
            {hostsFor(config, id).map(({ url }) => (
              <Copy label="SCIM base URL" value={url + scimPath(id)} />
            ))}
            <p class="soft">
              Enter it at the identity provider, with a token as bearer token (HTTP header).
            </p>
          </Card>
          <Tokens {...{ connection: id, tokens, mayChange, mayMake, refused, now }} />
          <DriftCard drift={drift.value} />
          <GuardCard {...{ connection: id, percent, guard, held, mayChange, refused, now }} />
          <Requests requests={requests} connection={id} />
        </>
      ),
    }
  },
}
