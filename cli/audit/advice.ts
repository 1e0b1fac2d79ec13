/** The commands that help against a refused sign-in. The Worker, which says why, knows no commands. */
import type { StoredEvent } from '../../src/audit/store.ts'
import type { LoginError } from '../../src/login/error.ts'

const JOIN = '`npx gatehouse join test <connection> --all` shows who would match, and by what.'
const SUBJECT =
  '`npx gatehouse connection update <connection> --subject-attribute <name>` names that attribute.'

/** By the reason of a `login-refused`. */
const commands: Partial<Readonly<Record<LoginError['reason'], string>>> = {
  'user-disabled':
    '`npx gatehouse user show <user>` says by whom; `npx gatehouse user enable <user>` undoes what the operator did.',
  'unknown-connection': '`npx gatehouse connection list` shows them.',
  'foreign-domain': '`npx gatehouse connection list` has the domains.',
  'not-provisioned': JOIN,
  'several-provisioned': JOIN,
  'alike-provisioned': JOIN,
  'no-name-id': SUBJECT,
  'transient-subject': SUBJECT,
}
const advice = new Map(Object.entries(commands))

/** The event, and after its explanation the command. An older Gatehouse stored the command too. */
export function withAdvice(event: StoredEvent): StoredEvent {
  const { reason, explained } = event.facts
  const command = event.kind === 'login-refused' ? advice.get(String(reason)) : undefined
  if (!command || typeof explained !== 'string' || explained.includes('`npx gatehouse')) {
    return event
  }
  return { ...event, facts: { ...event.facts, explained: `${explained} ${command}` } }
}
