/** The removal guard of a directory, and what it holds back. */
import type { FC } from 'hono/jsx'
import { REMOVALS_LET_THROUGH, type Guard, type Held } from '../../directory/guard-store.ts'
import type { Instant } from '../../lib/instant.ts'
import type { RefusedForm } from '../page.ts'
import { directoryPath, personPath, Said, To } from '../parts.tsx'
import { Action, Badge, Card, Empty, Form, Select, Table, Time, Values } from '../ui.tsx'

export const MOST_HELD = 30

interface GuardProps {
  readonly connection: string
  /** null: there is no guard. */
  readonly percent: number | null
  /** null: the directory has sent nobody yet. */
  readonly guard: Guard | null
  readonly held: { readonly held: readonly Held[]; readonly total: number }
  readonly mayChange: boolean
  readonly refused: RefusedForm | null
  readonly now: Instant
}

export const GuardCard: FC<GuardProps> = (props) => {
  const { connection, percent, guard, held, mayChange, now } = props
  const openUntil = guard?.allowedUntil ?? null
  const isOpen = openUntil !== null && openUntil > now
  return (
    <Card
      title="Removal guard"
      id="guard"
      beside={<GuardBadge isOn={percent !== null} isOpen={isOpen} isHolding={held.total > 0} />}
    >
      {percent === null ? (
        <Empty>
          No guard is set: all people that the directory removes are out at once, however many they
          are. Set a share on the page of the{' '}
          <To path={`/connections/${connection}`}>connection</To>.
        </Empty>
      ) : (
        <>
          <Values
            rows={[
              [
                'Lets through within an hour',
                `${percent} % of the active people, and ${REMOVALS_LET_THROUGH} in any case`,
              ],
              ['Active people of the directory', (guard?.active ?? 0).toLocaleString('en')],
              ['Removed in the last hour', (guard?.removed ?? 0).toLocaleString('en')],
              ['Held last', <Time at={guard?.heldAt ?? null} />],
              ...(isOpen ? [['Lets all through until', <Time at={openUntil} />] as const] : []),
            ]}
          />
          <HeldList {...held} />
          {mayChange && guard ? <Change {...props} isOpen={isOpen} /> : null}
        </>
      )}
    </Card>
  )
}

interface BadgeProps {
  readonly isOn: boolean
  readonly isOpen: boolean
  readonly isHolding: boolean
}

const GuardBadge: FC<BadgeProps> = ({ isOn, isOpen, isHolding }) => {
  if (!isOn) return <Badge>Off</Badge>
  if (isOpen) return <Badge tone="warning">Lets all through</Badge>
  return isHolding ? <Badge tone="warning">Holds</Badge> : <Badge tone="good">On</Badge>
}

const HeldList: FC<GuardProps['held']> = ({ held, total }) =>
  total === 0 ? (
    <p>Nothing is held.</p>
  ) : (
    <>
      <h3>
        {total.toLocaleString('en')} {total === 1 ? 'person' : 'people'} would be out
      </h3>
      <p>
        The directory wanted to remove them, and the guard keeps them in. If the directory is right,
        allow removals: it tries again by itself.
      </p>
      <Table
        caption="People that the guard keeps"
        head={['User name', 'Since', 'Last try']}
        rows={held.map(({ id, userName, since, triedAt }) => [
          <To path={personPath(id)}>
            <Said text={userName} />
          </To>,
          <Time at={since} />,
          <Time at={triedAt} />,
        ])}
      />
      {total > held.length ? (
        <p class="soft">and {(total - held.length).toLocaleString('en')} more</p>
      ) : null}
    </>
  )

const Change: FC<GuardProps & { readonly isOpen: boolean }> = ({ connection, refused, isOpen }) =>
  isOpen ? (
    <Action
      operation="scim hold-removals"
      input={{ connection }}
      back={directoryPath(connection)}
      label="Hold removals again"
    />
  ) : (
    <details open={refused?.name === 'scim allow-removals'}>
      <summary>Allow removals for a time</summary>
      <Form
        operation="scim allow-removals"
        input={{ connection }}
        back={directoryPath(connection)}
        label="Allow removals"
        refused={refused}
      >
        <Select
          name="for"
          label="How long"
          hint="The directory may remove any number of people meanwhile."
          options={[
            ['30m', '30 minutes'],
            ['1h', '1 hour'],
            ['8h', '8 hours'],
            ['24h', '24 hours'],
          ]}
          value="1h"
          form={refused}
        />
      </Form>
    </details>
  )
