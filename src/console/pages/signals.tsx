/** The senders of signals: transmitters of Shared Signals, and identity providers. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { listShown, type StreamShown } from '../../admin/signals.ts'
import { stateOf } from '../../admin/signal-shown.ts'
import { isDraft, type Connection } from '../../connection/connection.ts'
import { listConnections } from '../../connection/store.ts'
import { revocationPath } from '../../lib/paths.ts'
import { deliveries } from '../../signals/stream.ts'
import type { At, ConsolePage } from '../page.ts'
import { Action, Badge, Card, Copy, Empty, Form, Input, Select, Table, Time } from '../ui.tsx'

const PATH = '/settings/signals'

/** Also for the page that leads here. */
export const SignalsLead: FC = () => (
  <p class="lead">
    An identity provider, or another transmitter of signals, ends the sign-ins of a person from
    elsewhere.
  </p>
)

export const signalsPage: ConsolePage = {
  path: PATH,
  scope: 'read',
  show: async (at) => {
    const { context, deps } = at
    const [streams, all] = await Promise.all([
      listShown(context, null),
      listConnections(context.db),
    ])
    const connections = all.filter((each) => !isDraft(each))
    return {
      title: 'Signals',
      section: '/settings',
      body: (
        <>
          <SignalsLead />
          <RevocationCard connections={connections} url={deps.config.loginHost.url} />
          <StreamsCard streams={streams} connections={connections} at={at} />
        </>
      ),
    }
  },
}

interface RevocationProps {
  readonly connections: readonly Connection[]
  readonly url: string
}

const RevocationCard: FC<RevocationProps> = ({ connections, url }) => (
  <Card title="Revocations by identity providers">
    {connections.length === 0 ? (
      <Empty>There is no connection yet.</Empty>
    ) : (
      <>
        <p class="soft">
          Okta calls this Universal Logout. Enter the address of the connection there. Nothing has
          to be set up here.
        </p>
        {connections.map(({ id, displayName }) => (
          <Copy label={displayName} value={url + revocationPath(id)} />
        ))}
      </>
    )}
  </Card>
)

interface StreamsProps {
  readonly streams: readonly StreamShown[]
  readonly connections: readonly Connection[]
  readonly at: At
}

const StreamsCard: FC<StreamsProps> = ({ streams, connections, at }) => {
  const mayChange = mayDo(at.context.operator, 'connections')
  return (
    <Card title="Transmitters">
      {streams.length === 0 ? (
        <Empty>No transmitter yet. One sends events of Shared Signals, by CAEP and RISC.</Empty>
      ) : (
        <Table
          caption="Transmitters of signals"
          head={['From', 'Connection', 'Delivery', 'State', 'Last event', '']}
          rows={streams.map((shown) => [
            shown.stream.issuer,
            shown.stream.connection,
            shown.stream.delivery,
            <StreamState shown={shown} />,
            <Time at={shown.stream.lastEventAt} none="none yet" />,
            mayChange ? <StreamActions shown={shown} /> : '',
          ])}
        />
      )}
      {mayChange && connections.length > 0 ? <AddForm connections={connections} at={at} /> : null}
    </Card>
  )
}

const StreamState: FC<{ readonly shown: StreamShown }> = ({ shown }) => {
  const state = stateOf(shown)
  const { fault } = shown.stream
  const tone = state === 'good' ? 'good' : fault === null ? 'plain' : 'bad'
  return (
    <>
      <Badge tone={tone}>{state}</Badge>
      {fault === null ? null : <p class="soft">{fault}</p>}
    </>
  )
}

const StreamActions: FC<{ readonly shown: StreamShown }> = ({
  shown: {
    stream: { id, issuer, delivery, remote },
  },
}) => {
  const of = { input: { stream: id }, back: PATH } as const
  return (
    <div class="actions">
      {remote?.verification == null ? null : (
        <Action
          {...of}
          operation="signals verify"
          label="Verify"
          about={`Verify ${issuer}`}
          tone="quiet"
        />
      )}
      {delivery === 'poll' ? (
        <Action
          {...of}
          operation="signals poll"
          label="Fetch now"
          about={`Fetch from ${issuer}`}
          tone="quiet"
        />
      ) : null}
      <Action
        {...of}
        operation="signals remove"
        label="Remove"
        about={`Remove ${issuer}`}
        tone="danger"
      />
    </div>
  )
}

const AddForm: FC<Pick<StreamsProps, 'connections' | 'at'>> = ({ connections, at }) => (
  <details open={at.refused?.name === 'signals add'}>
    <summary>Add a transmitter</summary>
    <Form operation="signals add" input={{}} back={PATH} label="Add" refused={at.refused}>
      <Input
        name="transmitter"
        label="Issuer"
        type="url"
        isRequired
        hint="Exactly as its events have it, such as https://example.okta.com"
        form={at.refused}
      />
      <Select
        name="connection"
        label="Connection"
        hint="Only its people may be named."
        options={connections.map(({ id, displayName }) => [id, displayName] as const)}
        form={at.refused}
      />
      <Select
        name="delivery"
        label="Delivery"
        options={deliveries.map((each) => [each, each] as const)}
        form={at.refused}
      />
      <Input
        name="token"
        label="Access token"
        type="password"
        hint="For its interface of streams. It is kept sealed. Without one, you set the stream up there by hand."
        form={at.refused}
      />
    </Form>
  </details>
)
