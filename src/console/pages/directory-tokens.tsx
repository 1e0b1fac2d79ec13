/** The tokens with which a directory authenticates. */
import type { FC } from 'hono/jsx'
import type { StoredToken } from '../../directory/token-store.ts'
import { stateOfToken } from '../../admin/token-operations.ts'
import type { Instant } from '../../lib/instant.ts'
import type { RefusedForm } from '../page.ts'
import { clip, directoryPath, Said } from '../parts.tsx'
import { Action, Badge, Card, Empty, Form, Input, Table, Time, type Tone } from '../ui.tsx'

interface TokensProps {
  readonly connection: string
  readonly tokens: readonly StoredToken[]
  readonly mayChange: boolean
  /** Whether the admin may make one. */
  readonly mayMake: boolean
  readonly refused: RefusedForm | null
  readonly now: Instant
}

const MOST_TOKENS = 30

const tones: Readonly<Record<string, Tone>> = {
  good: 'good',
  'expires soon': 'warning',
  expired: 'bad',
}

export const Tokens: FC<TokensProps> = ({
  connection,
  tokens,
  mayChange,
  mayMake,
  refused,
  now,
}) => (
  <Card title="Tokens" id="tokens">
    {tokens.length > 0 ? (
      <Table
        caption="Tokens of the directory"
        head={[
          'Label',
          'State',
          'Created',
          'Expires',
          'Last use',
          ...(mayChange ? ['Revoke'] : []),
        ]}
        rows={tokens.slice(0, MOST_TOKENS).map((token) => {
          const state = stateOfToken(token, now)
          return [
            <Said text={token.label} />,
            <Badge tone={tones[state] ?? 'plain'}>{state}</Badge>,
            <Time at={token.createdAt} />,
            <Time at={token.expiresAt} none="never" />,
            <Time at={token.lastUsedAt} none="not yet" />,
            ...(mayChange
              ? [token.revokedAt === null ? <Revoke {...{ connection, token }} /> : '']
              : []),
          ]
        })}
      />
    ) : (
      <Empty>
        The directory has no token yet, so it cannot send anything.{' '}
        {mayMake ? 'Make one below.' : 'An owner can make one.'}
      </Empty>
    )}
    {mayMake ? (
      <details open={refused?.name === 'scim token create' || tokens.length === 0}>
        <summary>Make a token</summary>
        <Form
          operation="scim token create"
          input={{ connection }}
          back={directoryPath(connection)}
          label="Make the token"
          refused={refused}
        >
          <Input
            name="label"
            label="Label"
            hint="What it is for, to tell it from others: “Okta 2027”."
            isRequired
            form={refused?.name === 'scim token create' ? refused : null}
          />
          <Input
            name="expires"
            label="Ends"
            hint="A day such as 2027-12-31, or never. Empty: in a year."
            form={refused?.name === 'scim token create' ? refused : null}
          />
        </Form>
        <p class="soft">
          The token is shown once. To replace one: make another, enter it at the identity provider,
          then revoke the old one. Both count until then.
        </p>
      </details>
    ) : null}
  </Card>
)

interface RevokeProps {
  readonly connection: string
  readonly token: StoredToken
}

/** Nothing takes it back, so it is asked first. */
const Revoke: FC<RevokeProps> = ({ connection, token: { id, label } }) => (
  <details>
    <summary aria-label={`Revoke ${clip(label)}`}>Revoke</summary>
    <p>The directory’s requests with it are refused at once. This cannot be undone.</p>
    <Action
      operation="scim token revoke"
      input={{ token: id }}
      back={directoryPath(connection)}
      label="Revoke it"
      about={`Revoke it: ${clip(label)}`}
      tone="danger"
    />
  </details>
)
