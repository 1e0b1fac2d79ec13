/** Who is meant, and how they look. */
import { findUsers } from '../src/directory/store.ts'
import type { User } from '../src/directory/user.ts'
import { toIso } from '../src/lib/instant.ts'
import { ok, type Result } from '../src/lib/result.ts'
import { positional, refused, textOption, type Failure } from './command.ts'
import { minute, plain, table } from './text.ts'

export const userPositional = positional(
  'user',
  'by user name, email, subject or id, the whole of it',
)

export const connectionOption = textOption('connection', '<id>', 'users of that connection only')

/** The one user of that name; when several go by it, they are listed. */
export async function findOneUser(
  db: D1Database,
  text: string,
  connection: string | null,
): Promise<Result<User, Failure>> {
  const found = (await findUsers(db, text)).filter(
    (user) => connection === null || user.connection === connection,
  )
  const [user, ...others] = found
  if (!user) {
    return refused(
      `Nobody is called "${plain(text)}"${connection === null ? '' : ` in "${connection}"`}. Give the whole user name, email, subject or id: npx gatehouse user list`,
    )
  }
  return others.length === 0
    ? ok(user)
    : refused(
        `"${plain(text)}" may be any of these. Say which by id, or by --connection:\n\n${usersTable(found)}`,
        { candidates: found.map(userJson) },
      )
}

export const usersTable = (users: readonly User[]): string =>
  table([
    ['ID', 'CONNECTION', 'USER NAME', 'EMAIL', 'STATE', 'LAST SIGN-IN'],
    ...users.map((user) => [
      user.id,
      user.connection,
      plain(user.userName),
      plain(user.email ?? '-'),
      user.active ? 'enabled' : 'disabled',
      user.lastLoginAt === null ? 'never' : minute(user.lastLoginAt),
    ]),
  ])

export const userJson = (user: User) => ({
  id: user.id,
  connection: user.connection,
  subject: user.subject,
  userName: user.userName,
  email: user.email,
  displayName: user.displayName,
  active: user.active,
  source: user.source,
  createdAt: toIso(user.createdAt),
  updatedAt: toIso(user.updatedAt),
  lastLoginAt: user.lastLoginAt === null ? null : toIso(user.lastLoginAt),
})
