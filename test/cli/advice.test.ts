import { describe, expect, it } from 'vitest'
import { eventLine } from '../../cli/audit/present.ts'
import { csvLine, eventFacts } from '../../src/admin/audit-export.ts'
import { withAdvice } from '../../cli/audit/advice.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { explain, type LoginError } from '../../src/login/error.ts'
import { toTold } from '../../src/login/told.ts'

const eventOf = (kind: string, facts: Readonly<Record<string, string>>) => ({
  share: 'anybody' as const,
  nth: 1,
  at: toInstant(0),
  kind,
  connection: 'acme',
  user: null,
  userName: null,
  requestId: null,
  dropped: 0,
  facts,
})

const refusals: readonly (readonly [LoginError, string])[] = [
  [{ reason: 'user-disabled' }, '`npx gatehouse user enable <user>`'],
  [{ reason: 'unknown-connection' }, '`npx gatehouse connection list`'],
  [{ reason: 'foreign-domain', domain: 'acme.com' }, '`npx gatehouse connection list`'],
  [
    { reason: 'not-provisioned', join: 'email', subject: 'ada' },
    '`npx gatehouse join test <connection> --all`',
  ],
  [{ reason: 'no-name-id' }, '--subject-attribute <name>`'],
  [
    { reason: 'response', error: { reason: 'name-id', detail: 'missing' } },
    '--subject-attribute <name>`',
  ],
  [
    {
      reason: 'response',
      error: { reason: 'name-id', detail: 'other-sp', found: 'https://a', expected: 'https://b' },
    },
    '--sp-name-qualifier <id>`',
  ],
]

describe('a refused sign-in', () => {
  it.each(refusals)(
    '%j: the Worker names no command, and the command line does',
    (error, command) => {
      const { reason, facts } = toTold({ error, named: null }, explain(error))
      const explained = String(facts['explained'])
      expect(explained).not.toContain('gatehouse')
      const detail = String(facts['detail'] ?? '')
      const event = eventOf('login-refused', { reason, detail, explained })
      const shown = String(eventFacts(withAdvice(event)).facts['explained'])
      expect(shown.startsWith(`${explained} `)).toBe(true)
      expect(shown).toContain(command)
      expect(eventLine(event)).toContain(command)
      expect(csvLine(withAdvice(event))).toContain(command)
    },
  )

  it('that an older Gatehouse stored with its command is shown as it is', () => {
    const facts = {
      reason: 'user-disabled',
      explained: 'Disabled: `npx gatehouse user show <user>`',
    }
    expect(eventFacts(withAdvice(eventOf('login-refused', facts))).facts).toEqual(facts)
  })

  it('of another reason, or another event, has no command', () => {
    const replayed = { reason: 'replayed', explained: 'Used before.' }
    expect(eventFacts(withAdvice(eventOf('login-refused', replayed))).facts).toEqual(replayed)
    const refused = { reason: 'user-disabled', explained: 'Disabled.' }
    expect(eventFacts(withAdvice(eventOf('session-refused', refused))).facts).toEqual(refused)
  })
})
