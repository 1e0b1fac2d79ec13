/** What concerns Gatehouse itself: who may use the console, webhooks, links. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { kindGroups } from '../../admin/event-kinds.ts'
import { shownUrl } from '../../admin/webhook-shown.ts'
import { describeRule } from '../../policy/describe.ts'
import { roles, type Admins, type Role } from '../../site/admins-config.ts'
import { listWebhooks } from '../../webhook/store.ts'
import { formats, type Webhook } from '../../webhook/webhook.ts'
import type { At, ConsolePage } from '../page.ts'
import { Address } from '../parts.tsx'
import { Action, Badge, Card, Empty, Form, Input, linkTo, Select, Table } from '../ui.tsx'
import { SignalsLead } from './signals.tsx'

const PATH = '/settings'

export const settingsPage: ConsolePage = {
  path: PATH,
  scope: 'read',
  show: async (at) => {
    const webhooks = await listWebhooks(at.context.db)
    return {
      title: 'Settings',
      section: PATH,
      body: (
        <>
          <AdminsCard admins={at.deps.config.admins} />
          <WebhooksCard webhooks={webhooks} at={at} />
          <SignalsCard />
          <ProgramsCard />
          {mayDo(at.context.operator, 'all') ? (
            <>
              <ApiCard />
              {at.admin.isByLink ? null : <LinkCard />}
            </>
          ) : null}
        </>
      ),
    }
  },
}

const may: Readonly<Record<Role, string>> = {
  owner: 'everything',
  operator:
    'everything about people, sessions, and the connections that no administrator signs in with',
  auditor: 'see everything that has no secret, and change nothing',
}

const AdminsCard: FC<{ readonly admins: Admins | null }> = ({ admins }) => (
  <Card title="Who may use the console">
    {admins === null ? (
      <Empty>
        Nobody, but for one-time links. Name people or groups under <code>admins</code> in{' '}
        <code>gatehouse.config.ts</code>, and deploy.
      </Empty>
    ) : (
      <>
        <Table
          caption="Roles, and who has them"
          head={['Role', 'Who', 'May']}
          rows={roles.map((role) => {
            const found = admins.rules.find((each) => each.role === role)
            return [
              <Badge>{role}</Badge>,
              found ? describeRule(found.rule) : <span class="soft">nobody</span>,
              may[role],
            ]
          })}
        />
        <p class="soft">
          A person has the first role whose rule is met. The rules are in{' '}
          <code>gatehouse.config.ts</code>.
        </p>
      </>
    )}
  </Card>
)

interface WebhooksProps {
  readonly webhooks: readonly Webhook[]
  readonly at: At
}

const WebhooksCard: FC<WebhooksProps> = ({ webhooks, at }) => (
  <Card title="Webhooks">
    {webhooks.length === 0 ? (
      <Empty>
        No webhook yet. A webhook sends what happens here to Slack, or to a program of yours, as it
        happens.
      </Empty>
    ) : (
      <Table
        caption="Where events are sent"
        head={['To', 'Events', 'Format', 'State', 'Waiting']}
        rows={webhooks.map((webhook) => [
          <a href={linkTo(`${PATH}/webhooks/${webhook.id}`)}>
            <Address text={shownUrl(webhook)} />
          </a>,
          webhook.kinds.length === 0 ? 'all' : webhook.kinds.join(', '),
          webhook.format,
          <WebhookState webhook={webhook} />,
          webhook.waiting,
        ])}
      />
    )}
    {mayDo(at.context.operator, 'all') ? (
      <details open={at.refused?.name === 'webhook add'}>
        <summary>Add a webhook</summary>
        <Form operation="webhook add" input={{}} back={PATH} label="Add" refused={at.refused}>
          <Input
            name="url"
            label="URL"
            type="url"
            isRequired
            hint="https, at a public host. For Slack: the URL of an incoming webhook."
            form={at.refused}
          />
          <Select
            name="kinds"
            label="Events"
            options={[
              ['', 'Everything'],
              ...kindGroups.map((group) => [group, group] as const),
              ['refusals,changes', 'refusals and changes'],
            ]}
            form={at.refused}
          />
          <Select
            name="format"
            label="Format"
            options={formats.map((format) => [format, format] as const)}
            form={at.refused}
          />
        </Form>
      </details>
    ) : null}
  </Card>
)

export const WebhookState: FC<{ readonly webhook: Webhook }> = ({
  webhook: { offReason, failingSince },
}) => {
  switch (offReason) {
    case 'operator':
      return <Badge>Off</Badge>
    case 'gone':
      return <Badge tone="bad">Off: it wants no more messages</Badge>
    case 'failing':
      return <Badge tone="bad">Off: it took nothing for days</Badge>
    case null:
      return failingSince === null ? (
        <Badge tone="good">Good</Badge>
      ) : (
        <Badge tone="warning">Failing</Badge>
      )
  }
}

const SignalsCard: FC = () => (
  <Card title="Signals" beside={<a href={linkTo(`${PATH}/signals`)}>Signals</a>}>
    <SignalsLead />
  </Card>
)

const ProgramsCard: FC = () => (
  <Card title="Programs" beside={<a href={linkTo(`${PATH}/programs`)}>Programs</a>}>
    <p class="lead">
      A person can let a program act for them at one site, by OAuth. See which do, take access away,
      and register programs.
    </p>
  </Card>
)

const ApiCard: FC = () => (
  <Card title="API" beside={<a href={linkTo(`${PATH}/tokens`)}>API tokens</a>}>
    <p class="lead">
      A program can do by the JSON API what the console does, with a token that you make for it.
    </p>
  </Card>
)

const LinkCard: FC = () => (
  <Card title="A link into the console">
    <p class="lead">
      A one-time link opens the console as an owner in another browser, for an hour: for an
      emergency in which nobody can sign in. It works for 15 minutes. The audit says who made it.
    </p>
    <Action operation="admin link" input={{}} back={PATH} label="Make a link" tone="quiet" />
  </Card>
)
