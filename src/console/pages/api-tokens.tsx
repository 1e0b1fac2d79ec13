/** Tokens of programs that use the API. */
import type { FC } from 'hono/jsx'
import { listAdminTokens, type StoredAdminToken } from '../../admin/admin-token-store.ts'
import { scopes, type Scope } from '../../admin/context.ts'
import type { Instant } from '../../lib/instant.ts'
import { API_PREFIX } from '../../lib/paths.ts'
import type { At, ConsolePage } from '../page.ts'
import { Until } from '../parts.tsx'
import { Action, Badge, Card, Checks, Copy, Empty, Form, Input, Table, Time } from '../ui.tsx'

const PATH = '/settings/tokens'

export const apiTokensPage: ConsolePage = {
  path: PATH,
  scope: 'all',
  show: async (at) => ({
    title: 'API tokens',
    section: '/settings',
    body: (
      <>
        <p class="lead">
          A program does by the JSON API what the console does. It authenticates by a token.
        </p>
        <Copy label="Address of the API" value={at.deps.config.loginHost.url + API_PREFIX} />
        <TokensCard tokens={await listAdminTokens(at.context.db)} now={at.visit.now} />
        {at.admin.isByLink ? null : <NewTokenCard at={at} />}
      </>
    ),
  }),
}

interface TokensProps {
  readonly tokens: readonly StoredAdminToken[]
  readonly now: Instant
}

const TokensCard: FC<TokensProps> = ({ tokens, now }) => (
  <Card title="Tokens">
    {tokens.length === 0 ? (
      <Empty>No program has a token yet.</Empty>
    ) : (
      <Table
        caption="Tokens of the API"
        head={['Label', 'May', 'State', 'Created', 'Last use', '']}
        rows={tokens.map((token) => [
          token.label,
          token.scopes.join(', '),
          <State token={token} now={now} />,
          <>
            <Time at={token.createdAt} /> by {token.madeBy}
          </>,
          <Time at={token.lastUsedAt} none="not yet" />,
          token.revokedAt === null && token.expiresAt > now ? (
            <Action
              operation="admin token revoke"
              input={{ token: token.id }}
              back={PATH}
              label="Revoke"
              about={`Revoke ${token.label}`}
              tone="danger"
            />
          ) : null,
        ])}
      />
    )}
  </Card>
)

const State: FC<{ readonly token: StoredAdminToken; readonly now: Instant }> = ({
  token: { revokedAt, expiresAt, hasMakerLeft },
  now,
}) => {
  if (revokedAt !== null) return <Badge>Revoked</Badge>
  if (hasMakerLeft) return <Badge tone="bad">Refused: its maker has left</Badge>
  if (expiresAt <= now) return <Badge>Expired</Badge>
  return <Until at={expiresAt} now={now} />
}

const meanings: Readonly<Record<Scope, string>> = {
  read: 'see everything that has no secret',
  people: 'disable and enable people, end sessions',
  connections: 'change connections, directories and their tokens',
  all: 'everything',
}

const NewTokenCard: FC<{ readonly at: At }> = ({ at: { refused } }) => (
  <Card title="Make a token">
    <Form operation="admin token create" input={{}} back={PATH} label="Make it" refused={refused}>
      <Input
        name="label"
        label="Label"
        isRequired
        hint="Which program has it, and where."
        form={refused}
      />
      <Checks
        name="scopes"
        legend="What it may do"
        options={scopes.map((scope) => [scope, `${scope}: ${meanings[scope]}`])}
        chosen={['read']}
        form={refused}
      />
      <Input
        name="expires"
        label="Ends"
        hint="A day within a year, such as 2027-06-30. Empty: in 90 days."
        form={refused}
      />
    </Form>
  </Card>
)
