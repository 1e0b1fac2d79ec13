/** One attempt to sign in: what happened, what to do next, and every check. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import type { Step } from '../../admin/attempt-steps.ts'
import { mayDo } from '../../admin/context.ts'
import { showAttempt, type ShownAttempt } from '../../admin/attempt-shown.ts'
import { KEPT_DAYS } from '../../attempt/pool.ts'
import type { Facts as AuditFacts } from '../../audit/event.ts'
import type { At, ConsolePage, Shown } from '../page.ts'
import { firstOf, More, personPath, Said, signInPath, To, troublePath } from '../parts.tsx'
import { Action, Badge, Card, Empty, Table, Time, Values, type Tone } from '../ui.tsx'

export const signInPage: ConsolePage = {
  path: '/sign-ins/:number',
  scope: 'read',
  show: async (at) => {
    const found = await showAttempt(at.context, at.params['number'] ?? '')
    return found.ok ? shownAttempt(found.value, at) : unknownAttempt
  },
}

export const connectionPath = (id: string): string => `/connections/${encodeURIComponent(id)}`

const unknownAttempt: Shown = {
  status: 404,
  title: 'There is no such sign-in',
  section: '/sign-ins',
  body: (
    <Empty>
      No attempt to sign in has this number. They are kept for {KEPT_DAYS} days, and in a flood some
      are left out. A test has a number before it is done: finish it at the identity provider, then
      open this page again. <To path="/sign-ins">Look at all sign-ins</To>.
    </Empty>
  ),
}

export function shownAttempt(shown: ShownAttempt, { context }: At): Shown {
  const { attempt, steps, document, certificates, routes } = shown
  const isTest = attempt.kind === 'test'
  const mayTest = shown.hasConnection && mayDo(context.operator, 'connections')
  return {
    title: isTest ? 'Test of a sign-in' : 'Sign-in',
    section: '/sign-ins',
    body: (
      <>
        <Summary {...shown}>
          {mayTest && attempt.connection !== null ? (
            <Action
              operation="connection try"
              input={{ connection: attempt.connection }}
              back={signInPath(attempt.id)}
              label={isTest ? 'Try again' : 'Test the connection'}
              about={`${isTest ? 'Try again' : 'Test the connection'}: ${attempt.connection}`}
              tone="quiet"
            />
          ) : null}
        </Summary>
        <About attempt={attempt} />
        <Card title="Checks">
          <Steps steps={steps} />
        </Card>
        {routes ? <Routes routes={routes} /> : null}
        {certificates.length > 0 ? <Certificates certificates={certificates} /> : null}
        <Card title="Message">
          {document.length > 0 ? (
            <>
              <p class="soft">
                Signatures, ciphertexts and the session index are left out: nobody can sign in with
                it.{isTest ? '' : ' Values of attributes are shown as the config says (attempts).'}
              </p>
              <pre tabindex={0}>{document.join('\n')}</pre>
            </>
          ) : (
            <Empty>
              No message is kept: the attempt ended before one was read, or it was too long.
            </Empty>
          )}
        </Card>
      </>
    ),
  }
}

const Summary: FC<PropsWithChildren<ShownAttempt>> = ({
  attempt,
  steps,
  hasConnection,
  children,
}) => {
  const { kind, reason, connection, facts } = attempt
  const isTest = kind === 'test'
  const isMarked = steps.some(({ outcome }) => outcome === 'warning')
  const who = attempt.person === null ? 'Somebody' : <Said text={attempt.person} />
  const idp = connection === null ? 'a connection that is not known' : connection
  const explained = facts['explained']
  return (
    <div class={`message ${reason !== null ? 'problem' : isMarked ? 'warning' : ''}`}>
      {isTest ? (
        <p>
          <strong>This was a test: nobody was signed in.</strong>
        </p>
      ) : null}
      <p>
        {reason === null ? (
          <>
            {who} {isTest ? 'could sign in' : 'signed in'} with {idp}.{' '}
            {isMarked
              ? 'Every check passed, but look at what is marked below.'
              : 'Every check passed; there is nothing to do.'}
          </>
        ) : (
          <>
            {who} {isTest ? 'could not' : 'was refused and could not'} sign in with {idp}:{' '}
            <Said text={typeof explained === 'string' ? explained : reason} most={1000} />
          </>
        )}
      </p>
      {reason === null ? null : (
        <p>
          <To path={troublePath(reason)}>What to do about {reason}</To>.
          {hasConnection && connection !== null ? (
            <>
              {' '}
              <To path={`${connectionPath(connection)}#lint`}>The page of {connection}</To> says
              what to change at the identity provider.
            </>
          ) : null}
        </p>
      )}
      {children}
    </div>
  )
}

const About: FC<Pick<ShownAttempt, 'attempt'>> = ({ attempt }) => {
  const { id, at, host, connection, person, user, reason, kind, facts } = attempt
  const none = <span class="soft">not known</span>
  const name = person === null ? none : <Said text={person} most={320} />
  return (
    <Card title="What is known">
      <Values
        rows={[
          ['When', <Time at={at} />],
          ['Request number', <code>{id}</code>],
          ['Person', user === null ? name : <To path={personPath(user)}>{name}</To>],
          [
            'Connection',
            connection === null ? none : <To path={connectionPath(connection)}>{connection}</To>,
          ],
          ['Host', host],
          [
            'Outcome',
            `${kind === 'test' ? 'test, ' : ''}${reason === null ? 'accepted' : `refused: ${reason}`}`,
          ],
          ...Object.entries(facts)
            .filter(([fact]) => !shownElsewhere.includes(fact))
            .map(([fact, value]) => [wordsOf(fact), <FactValue value={value} />] as const),
        ]}
      />
      <p>
        <To path={`/audit?request=${encodeURIComponent(id)}`}>
          Events of this request in the audit
        </To>
      </p>
    </Card>
  )
}

const shownElsewhere: readonly string[] = [
  'explained',
  'person',
  'isEnabled',
  'isListed',
  'areGroupsOmitted',
]

/** `groupCount` → `Group count`. */
function wordsOf(fact: string): string {
  const words = fact.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const MOST_VALUES = 60

const FactValue: FC<{ readonly value: AuditFacts[string] }> = ({ value }) => {
  if (value === null) return <span class="soft">none</span>
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>
  if (typeof value !== 'object') return <Said text={String(value)} most={400} />
  const [first, more] = firstOf(value, MOST_VALUES)
  if (first.length === 0) return <span class="soft">none</span>
  return (
    <>
      {first.map((each, i) => (
        <>
          {i > 0 ? ', ' : ''}
          <Said text={each} />
        </>
      ))}
      {more === '' ? '' : `, ${more}`}
    </>
  )
}

const outcomes: Readonly<Record<Step['outcome'], readonly [className: string, word: string]>> = {
  ok: ['done', 'Passed'],
  failed: ['failed', 'Failed'],
  warning: ['warned', 'Look at this'],
  'not reached': ['open', 'Not reached'],
}

const Steps: FC<Pick<ShownAttempt, 'steps'>> = ({ steps }) => (
  <ol class="steps short">
    {steps.map(({ check, outcome, says }) => {
      const [className, word] = outcomes[outcome]
      return (
        <li class={className}>
          {outcome === 'ok' ? <span class="heard">{word}: </span> : null}
          {outcome === 'failed' || outcome === 'warning' ? <strong>{check}</strong> : check}
          {outcome === 'ok' ? null : <span class="soft"> · {word}</span>}
          {says === null ? null : (
            <p class="soft">
              <Said text={says} most={1000} />
            </p>
          )}
        </li>
      )
    })}
  </ol>
)

const accesses: Readonly<Record<string, Tone>> = { open: 'good', closed: 'bad' }
const MOST_ROUTES = 60

const Routes: FC<{ readonly routes: NonNullable<ShownAttempt['routes']> }> = ({ routes }) => {
  const [shown, more] = firstOf(routes, MOST_ROUTES)
  return (
    <Card title="What would open">
      {shown.length > 0 ? (
        <Table
          caption="What would open to this person"
          head={['Path', 'Access']}
          rows={shown.map(({ site, path, access }): readonly Child[] => [
            `${site}${path}`,
            <Badge tone={accesses[access] ?? 'warning'}>{access}</Badge>,
          ])}
        />
      ) : (
        <Empty>No site takes this connection: list it in the config.</Empty>
      )}
      <More says={more} />
    </Card>
  )
}

const Certificates: FC<Pick<ShownAttempt, 'certificates'>> = ({ certificates }) => (
  <Card title="Certificates that came along">
    <p class="soft">They prove nothing by themselves: only those of the connection count.</p>
    <Table
      caption="Certificates in the message"
      head={['SHA-256 fingerprint', 'Ends', 'Of the connection']}
      rows={certificates.map(({ fingerprint, notAfter, isKnown }) => [
        <code>{fingerprint}</code>,
        <Time at={notAfter} />,
        isKnown ? <Badge tone="good">Yes</Badge> : <Badge tone="warning">No</Badge>,
      ])}
    />
  </Card>
)
