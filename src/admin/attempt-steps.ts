/** The steps of an attempt to sign in, in order, each with its verdict. */
import type { KeptAttempt } from '../attempt/attempt.ts'
import { checks } from '../saml/incoming/assertion.ts'

export interface Step {
  readonly check: string
  readonly outcome: 'ok' | 'failed' | 'warning' | 'not reached'
  readonly says: string | null
}

/** Steps before a response is read, and the reasons of those that refuse there. */
const before: readonly (readonly [check: string, reasons: readonly string[]])[] = [
  ['The answer arrived at the login host', ['not-login-host']],
  ['There is an enabled connection of this id', ['unknown-connection']],
  [
    'The browser posted the form of a response',
    [
      'no-response',
      'field-twice',
      'not-a-response',
      'too-large',
      'not-utf8',
      'cut-off',
      'not-a-form',
      'too-many-fields',
    ],
  ],
  [
    'The answer belongs to a sign-in that this browser began',
    ['unknown-login', 'other-connection', 'relay-state-lost'],
  ],
]

/** Steps after every check of the response has passed. */
const after: readonly (readonly [check: string, reasons: readonly string[]])[] = [
  ['The answer was not used before', ['replayed']],
  ['The person is identified', ['no-name-id', 'transient-subject', 'subject-attribute']],
  ['The IdP still has the session', ['session-over']],
  ["No other connection speaks for the person's domain", ['foreign-domain']],
  [
    'The user may sign in',
    ['user-disabled', 'not-provisioned', 'several-provisioned', 'alike-provisioned'],
  ],
  ['Nothing ended the sign-in meanwhile', ['ended-meanwhile']],
]

/** At another host than the login host, or before any answer. */
const elsewhere: Readonly<Record<string, string>> = {
  'transfer-unknown': 'The login host passed the sign-in on to this browser',
  'transfer-other-host': 'The login host passed the sign-in on to this browser',
  'transfer-other-browser': 'The login host passed the sign-in on to this browser',
  'transfer-expired': 'The login host passed the sign-in on to this browser',
  'user-disabled': 'The user may sign in',
  'session-over': 'The IdP still has the session',
  'ended-meanwhile': 'Nothing ended the sign-in meanwhile',
  'session-not-kept': 'The browser keeps the session that it is given',
  'anew-in-vain': 'Signing in again is enough for the policy',
}

const step = (check: string, outcome: Step['outcome'], says: string | null = null): Step => ({
  check,
  outcome,
  says,
})

export function stepsOf(attempt: KeptAttempt): readonly Step[] {
  const { reason, facts, findings, kind } = attempt
  const says = typeof facts['explained'] === 'string' ? facts['explained'] : null
  if (findings.length === 0) {
    const stopped = before.findIndex(([, reasons]) => reasons.includes(reason ?? ''))
    if (stopped < 0) return [step(elsewhere[reason ?? ''] ?? 'The sign-in', 'failed', says)]
    return before.map(([check], at) =>
      at === stopped
        ? step(check, 'failed', says)
        : step(check, at < stopped ? 'ok' : 'not reached'),
    )
  }
  const read = findings.map((each) => step(each.check, each.reason ? 'failed' : 'ok', each.says))
  const isRead = read.every(({ outcome }) => outcome === 'ok')
  const unread = checks
    .filter(({ name }) => findings.every(({ check }) => check !== name))
    .map(({ name }) => step(name, 'not reached'))
  const stopped = after.findIndex(([, reasons]) => reasons.includes(reason ?? ''))
  return [
    ...(kind === 'test' ? doors(facts) : before.map(([check]) => step(check, 'ok'))),
    ...read,
    ...unread,
    ...after.map(([check], at) => {
      if (!isRead || (stopped >= 0 && at > stopped)) return step(check, 'not reached')
      return at === stopped ? step(check, 'failed', says) : step(check, 'ok')
    }),
    ...(facts['areGroupsOmitted'] === true ? [groupsLeftOut] : []),
  ]
}

/** A test passes a connection that no sign-in passes yet. */
const doors = (facts: KeptAttempt['facts']): readonly Step[] => [
  facts['isEnabled'] === false
    ? step(
        'The connection is enabled',
        'warning',
        'It is disabled: nobody can sign in with it yet.',
      )
    : step('The connection is enabled', 'ok'),
  facts['isListed'] === false
    ? step('A site takes the connection', 'warning', 'No site of the config lists it.')
    : step('A site takes the connection', 'ok'),
]

const groupsLeftOut = step(
  'Groups are all there',
  'warning',
  'The identity provider left the groups out, because the person has too many (Entra ID: more than 150). Rules that need a group refuse. At Entra ID, choose "Groups assigned to the application".',
)
