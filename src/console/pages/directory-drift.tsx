/** Where the directory and what people reach today have drifted apart. */
import type { FC } from 'hono/jsx'
import { MOST_UNSENT, type Drift, type LessOpen } from '../../admin/directory-drift.ts'
import type { User } from '../../directory/user.ts'
import { Facts, firstOf, More, personPath, Said, To } from '../parts.tsx'
import { Badge, Card, Table } from '../ui.tsx'

const MOST_PEOPLE = 20

export const DriftCard: FC<{ readonly drift: Drift }> = ({ drift }) => {
  const { provisioning, unsent, lessOpen, missing } = drift
  if (provisioning === 'jit') {
    return (
      <Card title="Drift">
        <p>
          Nothing to compare: people of this connection sign in without a directory. The first token
          lets the directory take part.
        </p>
      </Card>
    )
  }
  const isNone = unsent.length === 0 && lessOpen.length === 0 && missing.length === 0
  return (
    <Card title="Drift" beside={isNone ? <Badge tone="good">None</Badge> : null} id="drift">
      {isNone ? (
        <p>The directory has everybody who may sign in, and every group that a rule names.</p>
      ) : null}
      {unsent.length > 0 ? <Unsent people={unsent} isOnly={provisioning === 'scim'} /> : null}
      {lessOpen.length > 0 ? <Less lessOpen={lessOpen} /> : null}
      {missing.length > 0 ? <Missing names={missing} /> : null}
    </Card>
  )
}

const people = (number: number): string => (number === 1 ? '1 person' : `${number} people`)

interface UnsentProps {
  readonly people: readonly User[]
  /** Whether only people whom the directory sends may sign in. */
  readonly isOnly: boolean
}

const Unsent: FC<UnsentProps> = ({ people: unsent, isOnly }) => {
  const [shown] = firstOf(unsent, MOST_PEOPLE)
  const isMore = unsent.length > MOST_UNSENT
  const many = `${isMore ? 'More than ' : ''}${people(Math.min(unsent.length, MOST_UNSENT))}`
  return (
    <>
      <h3>
        {many} {isOnly ? 'cannot sign in any more' : 'would lose access'}
      </h3>
      <p>
        {isOnly
          ? 'They have signed in before, but the directory has not sent them. Assign them at the identity provider if they should come back.'
          : 'They may sign in, but the directory has not sent them: it cannot deactivate them, and they would be out if only its people might sign in. Assign them at the identity provider, or disable them.'}
      </p>
      <Facts
        items={shown.map(({ id, userName }) => (
          <To path={personPath(id)}>
            <Said text={userName} />
          </To>
        ))}
        more={restOf(unsent.length - shown.length, isMore)}
      />
    </>
  )
}

function restOf(rest: number, isMore: boolean): string {
  if (rest <= 0) return ''
  return isMore ? 'and more' : `and ${rest} more`
}

const Less: FC<{ readonly lessOpen: readonly LessOpen[] }> = ({ lessOpen }) => {
  const [shown, more] = firstOf(lessOpen, MOST_PEOPLE)
  return (
    <>
      <h3>The groups of the directory open less to {people(lessOpen.length)}</h3>
      <p>
        The identity provider asserted groups at the sign-in that the directory does not have for
        them. Push these groups at the identity provider.
      </p>
      <Table
        caption="People for whom the directory’s groups open less"
        head={['User name', 'Does not open', 'When']}
        rows={shown.map(({ user, paths, isToday }) => [
          <To path={personPath(user.id)}>
            <Said text={user.userName} />
          </To>,
          <Said text={paths.join(', ')} most={200} />,
          isToday ? 'Today' : 'Once the directory sends the person',
        ])}
      />
      <More says={more} />
    </>
  )
}

const Missing: FC<{ readonly names: readonly string[] }> = ({ names }) => {
  const [shown, more] = firstOf(names, MOST_PEOPLE)
  return (
    <>
      <h3>Groups in rules that the directory does not have</h3>
      <p>A rule that names one of them opens nothing to the people of the directory.</p>
      <Facts
        items={shown.map((name) => (
          <Said text={name} />
        ))}
        more={more}
      />
    </>
  )
}
