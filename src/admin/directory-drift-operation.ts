/** `scim drift`, as every face offers it. */
import * as v from 'valibot'
import { explainUnknownConnection } from './connections.ts'
import { findDrift, lessOpenOf, MOST_COMPARED, unsentOf } from './directory-drift.ts'
import { defineOperation } from './operation.ts'
import { userFacts, userShape, usersTable } from './people-shown.ts'
import { directoryField } from './token-operations.ts'
import { sentence, tableOf } from './view.ts'

export const directoryDrift = defineOperation({
  name: 'scim drift',
  summary: 'people and groups of which the directory knows less than sign-ins and rules',
  details: `People who would lose access if the directory decided alone: those who may sign in although it has not sent them, and those whose groups there open less than the groups that the identity provider asserted. Also groups that rules name and that it does not have. Groups are compared for the people of the ${MOST_COMPARED} newest sign-ins.`,
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
    unsentCount: v.number(),
    moreUnsent: v.boolean(),
    lessOpen: v.array(
      v.object({ user: userShape, paths: v.array(v.string()), today: v.boolean() }),
    ),
    missingGroups: v.array(v.string()),
  }),
  judge: null,
  run: (context, { connection }) => findDrift(context, connection),
  show: (drift) => {
    const { provisioning, people, unsent, isWhole, lessOpen, missing } = drift
    return {
      facts: {
        unsent: people.map(userFacts),
        unsentCount: unsent,
        moreUnsent: !isWhole,
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
                provisioning === 'scim'
                  ? `${unsentOf(drift)} cannot sign in any more: the directory has not sent them.`
                  : `${unsentOf(drift)} would lose access if only people of the directory might sign in: it has not sent them.`,
              ),
              ...(people.length > 0 ? [usersTable(people)] : []),
              sentence(
                lessOpen.length > 0
                  ? `${lessOpenOf(drift)}: the groups of the directory open less than the asserted ones.`
                  : 'The groups of the directory open no less than the asserted ones to anybody who is signed in.',
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
