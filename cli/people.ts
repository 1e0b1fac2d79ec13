/** Who is meant, and how they look. */
import { findOneUser, type Named, type PersonRefusal } from '../src/admin/people.ts'
import type { Group } from '../src/directory/group.ts'
import type { Entry } from '../src/directory/overview-store.ts'
import type { User } from '../src/directory/user.ts'
import { toIso } from '../src/lib/instant.ts'
import type { Err, Result } from '../src/lib/result.ts'
import type { OpenSession } from '../src/session/standing-store.ts'
import { positional, refused, textOf, textOption, type Failure, type Input } from './command.ts'
import { fields, minute, plain, table } from './text.ts'

export const userPositional = positional(
  'user',
  'by user name, email, subject or id, the whole of it',
)

export const connectionOption = textOption('connection', '<id>', 'users of that connection only')

/** The user whom <user> and --connection name. */
export const namedUser = (input: Input): Named => ({
  text: input.positionals[0] ?? '',
  connection: textOf(input, 'connection'),
})

export async function knownUser(db: D1Database, named: Named): Promise<Result<User, Failure>> {
  const user = await findOneUser(db, named)
  return user.ok ? user : explainPerson(user.error)
}

export function explainPerson(refusal: PersonRefusal): Err<Failure> {
  switch (refusal.reason) {
    case 'unknown-user': {
      const { text, connection } = refusal.named
      return refused(
        `Nobody is called "${plain(text)}"${connection === null ? '' : ` in "${connection}"`}. Give the whole user name, email, subject or id: \`npx gatehouse user list\``,
      )
    }
    case 'several-users':
      return refused(
        `"${plain(refusal.named.text)}" may be any of these. Say which by id, or by --connection:\n\n${usersTable(refusal.candidates)}`,
        { candidates: refusal.candidates.map(userJson) },
      )
    case 'user-gone':
      return refused(`${plain(refusal.userName)} is gone: somebody else removed the user.`)
  }
}

export const usersTable = (users: readonly User[]): string =>
  table([
    ['ID', 'CONNECTION', 'USER NAME', 'EMAIL', 'STATE', 'LAST SIGN-IN'],
    ...users.map((user) => [
      user.id,
      user.connection,
      user.userName,
      user.email ?? '-',
      stateOf(user),
      user.lastLoginAt === null ? 'never' : minute(user.lastLoginAt),
    ]),
  ])

/** `inactive`: so their directory says. */
const stateOf = ({ active, barred }: User): 'disabled' | 'enabled' | 'inactive' => {
  if (barred) return 'disabled'
  return active ? 'enabled' : 'inactive'
}

export const userJson = (user: User) => ({
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
  lastLoginAt: user.lastLoginAt === null ? null : toIso(user.lastLoginAt),
})

/** All there is to know of a user. */
export interface Known {
  readonly user: User
  /** null: the directory did not send them. */
  readonly entry: Entry | null
  readonly groups: readonly Group[]
  readonly sessions: readonly OpenSession[]
  /** Whether rules go by the groups of the directory, and not by those of a sign-in. */
  readonly areDirectorys: boolean
}

export function userText({ user, entry, groups, sessions, areDirectorys }: Known): string {
  const rows: readonly (readonly [string, string])[] = [
    ['id', user.id],
    ['user name', user.userName],
    ['display name', user.displayName ?? 'none'],
    ['email', user.email ?? 'none'],
    ['connection', user.connection],
    ['source', user.source === 'scim' ? 'the directory, by SCIM' : 'their own sign-in'],
    ['state', states[stateOf(user)]],
    ...(entry
      ? ([
          ['external id', entry.externalId ?? 'none'],
          ['addresses', entry.emails.join(', ') || 'none'],
          ['directory groups', groups.map((each) => each.displayName).join(', ') || 'none'],
        ] as const)
      : ([['subject', user.subject]] as const)),
    ['asserted groups', assertedText(sessions)],
    ['rules go by', areDirectorys ? 'directory groups' : 'asserted groups'],
    ['made', minute(user.createdAt)],
    [
      'last change',
      minute(entry && entry.updatedAt > user.updatedAt ? entry.updatedAt : user.updatedAt),
    ],
    ['last sign-in', user.lastLoginAt === null ? 'never' : minute(user.lastLoginAt)],
  ]
  const open = sessions.length === 0 ? 'No open session.' : sessionsTable(sessions)
  return `${fields(rows)}\n\n${open}`
}

/** Of the newest session: each sign-in brings its own. */
function assertedText([newest]: readonly OpenSession[]): string {
  if (!newest?.assertedGroups) return 'not known until the next sign-in'
  const { assertedGroups, openedAt } = newest
  return `${assertedGroups.join(', ') || 'none'} (at the sign-in of ${minute(openedAt)})`
}

const states = {
  enabled: 'enabled',
  inactive: 'disabled, as the directory says',
  disabled: 'disabled by the operator',
} as const

export const sessionsTable = (sessions: readonly OpenSession[]): string =>
  table([
    ['ID', 'SITE', 'CONNECTION', 'SIGNED IN', 'LAST SEEN', 'ENDS', 'ASSERTED GROUPS'],
    ...sessions.map((session) => [
      session.id,
      session.site,
      session.connection,
      minute(session.openedAt),
      minute(session.lastSeenAt),
      minute(session.expiresAt),
      someOf(session.assertedGroups),
    ]),
  ])

const SHOWN_GROUPS = 5

function someOf(groups: readonly string[] | null): string {
  if (groups === null) return 'not known'
  const more = groups.length - SHOWN_GROUPS
  const shown = groups.slice(0, SHOWN_GROUPS).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown || 'none'
}

export const sessionJson = ({ openedAt, lastSeenAt, expiresAt, ...session }: OpenSession) => ({
  ...session,
  openedAt: toIso(openedAt),
  lastSeenAt: toIso(lastSeenAt),
  expiresAt: toIso(expiresAt),
})
