/** One webhook: its messages, each with its result. */
import type { FC } from 'hono/jsx'
import { mayDo } from '../../admin/context.ts'
import { shownUrl } from '../../admin/webhook-shown.ts'
import { findShown } from '../../admin/webhooks.ts'
import type { Delivery } from '../../webhook/store.ts'
import type { Webhook } from '../../webhook/webhook.ts'
import type { ConsolePage, Shown } from '../page.ts'
import { Action, Badge, Card, Empty, linkTo, Table, Time, Values } from '../ui.tsx'
import { WebhookState } from './settings.tsx'

const MOST_SHOWN = 50

export const webhookPage: ConsolePage = {
  path: '/settings/webhooks/:id',
  scope: 'read',
  show: async ({ context, params: { id = '' } }): Promise<Shown> => {
    const found = await findShown(context, id, MOST_SHOWN)
    if (!found.ok) {
      return {
        status: 404,
        title: 'There is no such webhook',
        section: '/settings',
        body: (
          <p>
            Perhaps it was removed. <a href={linkTo('/settings')}>All webhooks</a>
          </p>
        ),
      }
    }
    const { webhook, deliveries } = found.value
    return {
      title: `Webhook to ${shownUrl(webhook)}`,
      section: '/settings',
      body: (
        <>
          <FactsCard webhook={webhook} mayChange={mayDo(context.operator, 'all')} />
          <Card title="Last messages">
            {deliveries.length === 0 ? (
              <Empty>Nothing was sent yet. Press “Send a test message”.</Empty>
            ) : (
              <Table
                caption="The last messages"
                head={['Event', 'Kind', 'State', 'Tries', 'Answer', 'Next try']}
                rows={deliveries.map(rowOf)}
              />
            )}
          </Card>
        </>
      ),
    }
  },
}

interface FactsProps {
  readonly webhook: Webhook
  readonly mayChange: boolean
}

const FactsCard: FC<FactsProps> = ({ webhook, mayChange }) => {
  const { id, kinds, format, failingSince, oldSecretUntil, waiting, omitted, offAt } = webhook
  const back = `/settings/webhooks/${id}`
  const update = { operation: 'webhook update', back }
  return (
    <Card title="How it is">
      <Values
        rows={[
          ['State', <WebhookState webhook={webhook} />],
          ['Events', kinds.length === 0 ? 'all' : kinds.join(', ')],
          ['Format', format],
          ['Waiting', waiting],
          ['Left out', omitted],
          ...(failingSince === null
            ? []
            : [['Failing since', <Time at={failingSince} />] as const]),
          ...(oldSecretUntil === null
            ? []
            : [['The old secret counts until', <Time at={oldSecretUntil} />] as const]),
        ]}
      />
      {mayChange ? (
        <div class="actions">
          <Action
            operation="webhook test"
            input={{ webhook: id }}
            back={back}
            label="Send a test message"
          />
          <Action
            operation="webhook retry"
            input={{ webhook: id }}
            back={back}
            label="Send again what failed"
            tone="quiet"
          />
          <Action
            {...update}
            input={{ webhook: id, [offAt === null ? 'off' : 'on']: '1' }}
            label={offAt === null ? 'Switch off' : 'Switch on'}
            tone="quiet"
          />
          <Action
            {...update}
            input={{ webhook: id, 'new-secret': '1' }}
            label="Make a new secret"
            tone="quiet"
          />
          <Action
            operation="webhook remove"
            input={{ webhook: id }}
            back={back}
            next="/settings"
            label="Remove"
            tone="danger"
          />
        </div>
      ) : null}
    </Card>
  )
}

function rowOf({ at, kind, state, attempts, status, reason, dueAt }: Delivery) {
  return [
    <Time at={at} />,
    kind,
    state === 'sent' ? (
      <Badge tone="good">Sent</Badge>
    ) : state === 'waiting' ? (
      <Badge tone={attempts > 0 ? 'warning' : 'plain'}>Waiting</Badge>
    ) : (
      <Badge tone="bad">Given up</Badge>
    ),
    attempts,
    [status, reason].filter((part) => part !== null).join(': '),
    state === 'waiting' ? <Time at={dueAt} none="" /> : '',
  ]
}
