/** Where the directory and what people reach today have drifted apart. */
import type { FC } from 'hono/jsx'
import { lessOpenOf, MOST_COMPARED, unsentOf, type Drift } from '../../admin/directory-drift.ts'
import { Facts, firstOf, More, personPath, Said, To } from '../parts.tsx'
import { Badge, Card, Table } from '../ui.tsx'

const MOST_PEOPLE = 20

export const DriftCard: FC<{ readonly drift: Drift }> = ({ drift }) => {
  const { provisioning, unsent, isWhole, lessOpen, missing } = drift
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
  const isNone = unsent === 0 && isWhole && lessOpen.length === 0 && missing.length === 0
  return (
    <Card title="Drift" beside={isNone ? <Badge tone="good">None</Badge> : null} id="drift">
      {isNone ? (
        <p>The directory has everybody who may sign in, and every group that a rule names.</p>
      ) : null}
      {unsent > 0 ? <Unsent drift={drift} /> : null}
      {lessOpen.length > 0 ? <Less drift={drift} /> : null}
      {missing.length > 0 ? <Missing names={missing} /> : null}
    </Card>
  )
}

interface DriftProps {
  readonly drift: Drift
}

const Unsent: FC<DriftProps> = ({ drift }) => {
  // Whether only people whom the directory sends may sign in.
  const isOnly = drift.provisioning === 'scim'
  const shown = drift.people.slice(0, MOST_PEOPLE)
  const rest = drift.unsent - shown.length
  const isMore = rest > 0 || !drift.isWhole
  return (
    <>
      <h3>
        {unsentOf(drift)} {isOnly ? 'cannot sign in any more' : 'would lose access'}
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
        more={isMore ? `and ${rest.toLocaleString('en')} more` : ''}
      />
    </>
  )
}

const Less: FC<DriftProps> = ({ drift }) => {
  const [shown, more] = firstOf(drift.lessOpen, MOST_PEOPLE)
  return (
    <>
      <h3>{lessOpenOf(drift)}</h3>
      <p>
        The identity provider asserted groups at their sign-in that the directory does not have for
        them. Push these groups at the identity provider. The {MOST_COMPARED.toLocaleString('en')}{' '}
        newest sign-ins were compared.
      </p>
      <Table
        caption="People whose groups in the directory open less"
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
