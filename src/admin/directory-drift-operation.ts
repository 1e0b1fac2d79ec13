/** `scim drift`, as every face offers it. */
import * as v from 'valibot'
import { explainUnknownConnection } from './connections.ts'
import { findDrift, MOST_UNSENT } from './directory-drift.ts'
import { defineOperation } from './operation.ts'
import { userFacts, userShape, usersTable } from './people-shown.ts'
import { directoryField } from './token-operations.ts'
import { count, sentence, tableOf } from './view.ts'

export const directoryDrift = defineOperation({
  name: 'scim drift',
  summary: 'people and groups of which the directory knows less than sign-ins and rules',
  details:
    'People who may sign in and whom the directory has not sent; people for whom its groups open less than the groups that the identity provider asserted; groups that rules name and that it does not have.',
  examples: [{ says: 'before only provisioned people may sign in', input: { connection: 'okta' } }],
  subject: 'connection',
  fields: { connection: directoryField },
  changes: false,
  scope: 'read',
  isDangerous: false,
  undo: null,
  http: { method: 'GET', path: '/connections/{connection}/drift' },
  result: v.object({
    unsent: v.array(userShape),
    moreUnsent: v.boolean(),
    lessOpen: v.array(
      v.object({ user: userShape, paths: v.array(v.string()), today: v.boolean() }),
    ),
    missingGroups: v.array(v.string()),
  }),
  judge: null,
  run: (context, { connection }) => findDrift(context, connection),
  show: ({ provisioning, unsent, lessOpen, missing }) => {
    const shown = unsent.slice(0, MOST_UNSENT)
    const isMore = unsent.length > shown.length
    return {
      facts: {
        unsent: shown.map(userFacts),
        moreUnsent: isMore,
        lessOpen: lessOpen.map(({ user, paths, isToday }) => ({
          user: userFacts(user),
          paths,
          today: isToday,
        })),
        missingGroups: missing,
      },
      view: [
        ...(provisioning === 'jit'
          ? [sentence('The connection has no directory, so there is nothing to compare.')]
          : [
              sentence(
                `${isMore ? 'More than ' : ''}${count(shown.length, 'user')} may sign in although the directory has not sent them.`,
              ),
              ...(shown.length > 0 ? [usersTable(shown)] : []),
              sentence(
                `The groups of the directory open less than the asserted ones to ${count(lessOpen.length, 'user')} of those who are signed in.`,
              ),
            ]),
        ...(lessOpen.length > 0
          ? [
              tableOf(lessOpen, {
                id: ({ user }) => user.id,
                'user name': ({ user }) => user.userName,
                'not open': ({ paths }) => paths.join(' '),
                since: ({ isToday }) => (isToday ? 'today' : 'once it sends the user'),
              }),
            ]
          : []),
        ...missing.map((name) =>
          sentence(`A rule names the group "${name}", which the directory does not have.`),
        ),
      ],
    }
  },
  explain: explainUnknownConnection,
})
