/** All data of a person, to give out or to erase (GDPR). */
import type { FC } from 'hono/jsx'
import { mayDo, type Operator } from '../../admin/context.ts'
import type { User } from '../../directory/user.ts'
import type { RefusedForm } from '../page.ts'
import { clip, personPath } from '../parts.tsx'
import { Action, Card, linkTo } from '../ui.tsx'

interface DataProps {
  readonly user: User
  readonly operator: Operator
  readonly refused: RefusedForm | null
}

/** Erasing is asked for twice: first it says what would be erased. */
export const PersonData: FC<DataProps> = ({ user, operator, refused }) => {
  const { id, connection } = user
  const back = personPath(id)
  const input = { user: id, connection }
  const isAsked = refused?.name === 'user erase' && refused.reason === 'unconfirmed'
  return (
    <Card title="Data" id="data">
      <p>All that is stored about this person, in one file, for the right of access (GDPR).</p>
      <div class="actions">
        <a class="button quiet" href={linkTo(`${back}/export`)} download>
          Download all data
        </a>
        {mayDo(operator, 'all') ? (
          <Action
            operation="user erase"
            input={isAsked ? { ...input, yes: 'true' } : input}
            back={`${back}#data`}
            {...(isAsked ? { next: '/people' } : {})}
            label={isAsked ? 'Erase for good' : 'Erase…'}
            about={`Erase ${clip(user.userName)}${isAsked ? ' for good' : ''}`}
            tone="danger"
          />
        ) : null}
      </div>
    </Card>
  )
}
