import type { FC } from 'hono/jsx'
import { stateOf } from '../../admin/handover.ts'
import { listHandOvers, type HandOver } from '../../admin/handover-store.ts'
import type { Instant } from '../../lib/instant.ts'
import type { At } from '../page.ts'
import { Said } from '../parts.tsx'
import { Action, Badge, Card, Empty, Form, Input, Select, Table, Time } from '../ui.tsx'
import type { CardOf } from '../connection-card.ts'

const MOST_SHOWN = 20

/** Links by which the people who run the identity provider do the set-up. */
export const HandOvers: FC<CardOf & { readonly at: At }> = async (props) => {
  const { connection, mayChange, mayTrust, refused, back, at } = props
  const { db, now } = at.context
  const handOvers = (await listHandOvers(db, connection.id)).slice(0, MOST_SHOWN)
  const own = refused?.name === 'connection handover' ? refused : null
  return (
    <Card title="Hand-over" id="hand-over">
      <p>
        Do other people run this identity provider? A link lets them do the set-up, and see nothing
        else. The person who opens it decides which identity provider signs people in here.
      </p>
      {handOvers.length === 0 ? (
        <Empty>There is no link.</Empty>
      ) : (
        <Table
          caption="Hand-over links"
          head={['For', 'State', 'Created', 'Until', 'SCIM token', ...(mayChange ? [''] : [])]}
          rows={handOvers.map((each) => [
            <Said text={each.label} />,
            <State handOver={each} now={now} />,
            <Time at={each.createdAt} />,
            <Time at={each.expiresAt} />,
            each.token !== null ? 'made' : each.mayMakeToken ? 'may make one' : 'no',
            ...(mayChange ? [<End handOver={each} now={now} back={back} />] : []),
          ])}
        />
      )}
      {mayTrust ? (
        <details open={own !== null}>
          <summary>Make a link</summary>
          <Form
            operation="connection handover"
            input={{ connection: connection.id }}
            back={`${back}#hand-over`}
            label="Make the link"
            refused={refused}
          >
            <Input
              name="label"
              label="For"
              hint="A name, as the audit will show it: Ada at Acme."
              form={own}
              isRequired
            />
            <Select
              name="for"
              label="The link may be opened for"
              options={[
                ['1d', 'a day'],
                ['7d', 'a week'],
                ['30d', '30 days'],
              ]}
              value="7d"
              form={own}
            />
            <p>
              <label class="check">
                <input type="checkbox" name="scim" checked={own?.given.has('scim') === true} />
                They may make one SCIM token
              </label>
            </p>
          </Form>
        </details>
      ) : null}
    </Card>
  )
}

interface OneProps {
  readonly handOver: HandOver
  readonly now: Instant
}

const words = {
  waiting: ['warning', 'Not opened'],
  open: ['good', 'Open'],
  done: ['plain', 'Done'],
  revoked: ['plain', 'Revoked'],
  expired: ['plain', 'Expired'],
} as const

const State: FC<OneProps> = ({ handOver, now }) => {
  const [tone, word] = words[stateOf(handOver, now)]
  return <Badge tone={tone}>{word}</Badge>
}

const End: FC<OneProps & { readonly back: string }> = ({ handOver, now, back }) =>
  ['waiting', 'open'].includes(stateOf(handOver, now)) ? (
    <Action
      operation="handover revoke"
      input={{ id: handOver.id }}
      back={`${back}#hand-over`}
      label="End"
      about={`End the hand-over to ${handOver.label}`}
      tone="danger"
    />
  ) : null
