/** How users and their sessions look, and the message if a user was not found. */
import * as v from 'valibot'
import type { User } from '../directory/user.ts'
import { toIso } from '../lib/instant.ts'
import type { OpenSession } from '../session/standing-store.ts'
import { optionalText, requiredText } from './field.ts'
import { refusal, type Refusal } from './operation.ts'
import type { Named, PersonRefusal, Profile } from './people.ts'
import { isoOrNull, time } from './shape.ts'
import { tableOf, type Block } from './view.ts'

const meaning = 'the whole user name, email, subject or id'
export const userField = requiredText('user', meaning)
export const anyUserField = optionalText('user', meaning)
export const connectionField = optionalText('id', 'users of that connection only')

/** The user that the two fields name. */
export const toNamed = (input: {
  readonly user: string
  readonly connection: string | null
}): Named => ({ text: input.user, connection: input.connection })

export function explainPerson(refused: PersonRefusal): Refusal {
  const { reason } = refused
  switch (reason) {
    case 'unknown-user': {
      const { text, connection } = refused.named
      const where = connection === null ? '' : ` in "${connection}"`
      const message = `Nobody is called "${text}"${where}. Give the whole user name, email, subject or id.`
      return refusal('not-found', reason, message, { operation: 'user list', asks: null })
    }
    case 'several-users': {
      const { named, candidates } = refused
      return {
        ...refusal(
          'conflict',
          reason,
          `Several users are called "${named.text}". Give the id of one.`,
        ),
        view: [usersTable(candidates)],
        facts: { candidates: candidates.map(userFacts) },
      }
    }
    case 'user-gone':
      return refusal(
        'conflict',
        reason,
        `${refused.userName} is gone: another operator, or the directory, removed the user.`,
      )
  }
}

export const usersTable = (users: readonly User[]): Block =>
  tableOf(users, {
    id: ({ id }) => id,
    connection: ({ connection }) => connection,
    'user name': ({ userName }) => userName,
    email: ({ email }) => email,
    state: stateOf,
    'last sign-in': ({ lastLoginAt }) => ({ at: lastLoginAt }),
  })

/** `disabled`: by the operator. `inactive`: in the directory. */
export const stateOf = ({
  active,
  barred,
}: Pick<User, 'active' | 'barred'>): 'disabled' | 'enabled' | 'inactive' => {
  if (barred) return 'disabled'
  return active ? 'enabled' : 'inactive'
}

export const userShape = v.object({
  id: v.string(),
  connection: v.string(),
  subject: v.string(),
  userName: v.string(),
  email: v.nullable(v.string()),
  displayName: v.nullable(v.string()),
  active: v.boolean(),
  barred: v.boolean(),
  source: v.picklist(['jit', 'scim']),
  createdAt: time,
  updatedAt: time,
  lastLoginAt: v.nullable(time),
})

export const userFacts = (user: User) => ({
  id: user.id,
  connection: user.connection,
  subject: user.subject,
  userName: user.userName,
  email: user.email,
  displayName: user.displayName,
  active: user.active,
  barred: user.barred,
  source: user.source,
  createdAt: toIso(user.createdAt),
  updatedAt: toIso(user.updatedAt),
  lastLoginAt: isoOrNull(user.lastLoginAt),
})

export function profileBlock({ user, entry, groups, sessions, areDirectorys }: Profile): Block {
  const [newest] = sessions
  const isEntryNewer = entry !== null && entry.updatedAt > user.updatedAt
  return {
    kind: 'values',
    rows: [
      ['id', user.id],
      ['user name', user.userName],
      ['display name', user.displayName],
      ['email', user.email],
      ['connection', user.connection],
      ['source', user.source === 'scim' ? 'the directory, by SCIM' : 'a sign-in of the user'],
      ['state', states[stateOf(user)]],
      ...(entry
        ? ([
            ['external id', entry.externalId],
            ['addresses', listed(entry.emails)],
            ['directory groups', listed(groups.map(({ displayName }) => displayName))],
          ] as const)
        : ([['subject', user.subject]] as const)),
      // Each sign-in brings its own: those of the newest session.
      ...(newest?.assertedGroups
        ? ([
            ['asserted groups', listed(newest.assertedGroups)],
            ['asserted at', { at: newest.openedAt }],
          ] as const)
        : ([['asserted groups', 'not known until the next sign-in']] as const)),
      ['rules go by', areDirectorys ? 'directory groups' : 'asserted groups'],
      ['made', { at: user.createdAt }],
      ['last change', { at: isEntryNewer ? entry.updatedAt : user.updatedAt }],
      ['last sign-in', { at: user.lastLoginAt }],
    ],
  }
}

const states = {
  enabled: 'enabled',
  inactive: 'inactive in the directory',
  disabled: 'disabled by the operator',
} as const

const listed = (texts: readonly string[]): string | null => texts.join(', ') || null

export const sessionsTable = (sessions: readonly OpenSession[]): Block =>
  tableOf(sessions, {
    id: ({ id }) => id,
    site: ({ site }) => site,
    connection: ({ connection }) => connection,
    'signed in': ({ openedAt }) => ({ at: openedAt }),
    'last seen': ({ lastSeenAt }) => ({ at: lastSeenAt }),
    ends: ({ expiresAt }) => ({ at: expiresAt }),
    'asserted groups': ({ assertedGroups }) => someOf(assertedGroups),
  })

const SHOWN_GROUPS = 5

function someOf(groups: readonly string[] | null): string {
  if (groups === null) return 'not known'
  const more = groups.length - SHOWN_GROUPS
  const shown = groups.slice(0, SHOWN_GROUPS).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown || 'none'
}

export const sessionShape = v.object({
  id: v.string(),
  connection: v.string(),
  site: v.string(),
  openedAt: time,
  lastSeenAt: time,
  expiresAt: time,
  assertedGroups: v.nullable(v.array(v.string())),
})

export const sessionFacts = ({ openedAt, lastSeenAt, expiresAt, ...session }: OpenSession) => ({
  ...session,
  openedAt: toIso(openedAt),
  lastSeenAt: toIso(lastSeenAt),
  expiresAt: toIso(expiresAt),
})
