/** Every command: those that are written here, and those that operations of src/admin declare. */
import { auditCommands } from './audit/commands.ts'
import { backupCommands } from './backup/command.ts'
import { checkCommand } from './check.ts'
import type { Command } from './command.ts'
import { connectionCommands } from './connection/commands.ts'
import type { Group } from './help.ts'
import { joinCommands } from './join/commands.ts'
import { diffCommand } from './policy/diff.ts'
import { testCommand } from './policy/test.ts'
import { keyCommands } from './keys.ts'
import { operationCommands } from './operation.ts'

/** By the first word of their commands, in the order of the help page. */
const summaries: Readonly<Record<string, string>> = {
  check: 'the access of a person, and gatehouse.config.ts compared with the store',
  test: 'expectations of gatehouse.config.ts, for CI',
  diff: 'people who gain and lose access, before a deploy',
  access: 'the access of a person, by the config as it is',
  connection: 'identity providers that people sign in with',
  group: 'groups of directories',
  join: 'the provisioned person that a sign-in belongs to',
  keys: "Gatehouse's own keys, whose certificates IdPs hold",
  scim: 'how directories authenticate, and what they may remove',
  session: 'open sessions',
  'sign-in': 'attempts to sign in, and the reasons of refusals',
  signals: 'sign-ins ended from elsewhere, by transmitters of Shared Signals',
  user: 'people who may sign in',
  audit: 'what happened',
  webhook: 'events for Slack, a SIEM or a program, as they happen',
  admin: 'operators and programs of this Gatehouse',
  backup: 'a copy of the database, before something goes wrong',
  restore: 'the copy put back',
}

const written: readonly Command[] = [
  checkCommand,
  testCommand,
  diffCommand,
  ...connectionCommands,
  ...joinCommands,
  ...keyCommands,
  ...auditCommands,
  ...backupCommands,
]

/** A command that is written here stands for the operation of its name: it waits, or reads more. */
export const commands: readonly Command[] = [
  ...written,
  ...operationCommands.filter(({ name }) => written.every((own) => own.name !== name)),
]

export function listGroups(): readonly Group[] {
  const firstOf = ({ name }: Command): string => name.split(' ')[0] ?? name
  const names = new Set([...Object.keys(summaries), ...commands.map(firstOf)])
  return Array.from(names, (name) => ({
    name,
    summary: summaries[name] ?? null,
    commands: commands.filter((command) => firstOf(command) === name),
  }))
}
