/** Where a person is signed in. */
import type { FC } from 'hono/jsx'
import type { User } from '../../directory/user.ts'
import { countryName } from '../../lib/country.ts'
import type { SignIn } from '../../session/sign-in-store.ts'
import { Address, clip, personPath } from '../parts.tsx'
import { Action, Card, Empty, Table, Time } from '../ui.tsx'

interface SignInsProps {
  readonly user: User
  readonly signIns: readonly SignIn[]
  readonly mayChange: boolean
}

export const SignIns: FC<SignInsProps> = ({ user, signIns, mayChange }) => (
  <Card title="Sign-ins">
    {signIns.length > 0 ? (
      <Table
        caption="Sign-ins that go on"
        head={[
          'Device',
          'Since',
          'Last seen',
          'Hosts',
          'Device-bound',
          ...(mayChange ? ['End it'] : []),
        ]}
        rows={signIns.slice(0, MOST_SHOWN).map((signIn) => [
          <>
            {deviceOf(signIn)}
            <p class="soft">{countryOf(signIn)}</p>
          </>,
          <Time at={signIn.openedAt} />,
          <Time at={signIn.lastSeenAt} />,
          <Address text={signIn.hosts.join(', ')} />,
          <Address text={signIn.boundHosts.join(', ') || 'No'} />,
          ...(mayChange
            ? [
                <Action
                  operation="session revoke"
                  input={{ id: signIn.session }}
                  back={personPath(user.id)}
                  label="End"
                  about={`End the sign-in of ${clip(user.userName)} with ${deviceOf(signIn)}`}
                  tone="quiet"
                />,
              ]
            : []),
        ])}
      />
    ) : (
      <Empty>This person is not signed in anywhere.</Empty>
    )}
    {signIns.length > MOST_SHOWN ? (
      <p class="soft">Older ones are left out. “End all sign-ins” ends them too.</p>
    ) : null}
  </Card>
)

const MOST_SHOWN = 20

const deviceOf = ({ device }: SignIn): string => device ?? 'Unknown browser'
const countryOf = ({ country }: SignIn): string =>
  country === null ? 'Country not known' : countryName(country, 'en')
