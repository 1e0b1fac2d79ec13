/** The commands that help against a refused sign-in. The Worker says why it refused, and names no command. */
import type { ToldEvent } from '../../src/admin/audit-export.ts'
import type { LoginError } from '../../src/login/error.ts'

const JOIN =
  '`npx gatehouse join test <connection> --all` shows the people who would match, and by which value.'
const SUBJECT =
  '`npx gatehouse connection update <connection> --subject-attribute <name>` names that attribute.'

/** By the reason of a `login-refused`, some with the detail. */
const commands: Partial<
  Readonly<Record<LoginError['reason'] | 'name-id missing' | 'name-id other-sp', string>>
> = {
  'user-disabled':
    '`npx gatehouse user show <user>` says whether an operator or the directory did it; `npx gatehouse user enable <user>` undoes what the operator did.',
  'unknown-connection': '`npx gatehouse connection list` shows them.',
  'foreign-domain': '`npx gatehouse connection list` has the domains.',
  'not-provisioned': JOIN,
  'several-provisioned': JOIN,
  'alike-provisioned': JOIN,
  'no-name-id': SUBJECT,
  'name-id missing': SUBJECT,
  'name-id other-sp':
    '`npx gatehouse connection update <connection> --sp-name-qualifier <id>` names the affiliation.',
  'transient-subject': SUBJECT,
}
const advice = new Map(Object.entries(commands))

/** null: no command helps. */
export const adviceOn = (reason: unknown, detail: unknown): string | null =>
  advice.get(String(reason)) ?? advice.get(`${String(reason)} ${String(detail)}`) ?? null

/** The event, and after its explanation the command. An older Gatehouse stored the command too. */
export function withAdvice(event: ToldEvent): ToldEvent {
  const { reason, detail, explained } = event.facts
  const command = event.kind === 'login-refused' ? adviceOn(reason, detail) : null
  if (!command || typeof explained !== 'string' || explained.includes('`npx gatehouse')) {
    return event
  }
  return { ...event, facts: { ...event.facts, explained: `${explained} ${command}` } }
}
