/**
 * Where D1 has data of a person. docs/storage.md names every column with such data, and a test
 * compares that list with the schema and with what is exported and erased.
 */

export interface PersonTable {
  readonly table: string
  /**
   * SQL that holds for the rows of a person. ?1 is the id of the user, ?2 the connection, and ?3 the
   * person's names, a JSON array.
   */
  readonly where: string
  /** Columns that an export leaves out: hashes of secrets, and copies for searching. */
  readonly hides?: readonly string[]
}

const hasName = (column: string): string =>
  `EXISTS (SELECT 1 FROM json_each(?3) AS n WHERE lower(n.value) = lower(${column}))`

/** Events of the person, by the person, and refused sign-ins that name the person. */
const isEventOf = `(user_id = ?1 OR facts ->> 'operatorUser' = ?1
  OR connection = ?2 AND kind IN ('login-refused', 'signal')
    AND (${hasName("facts ->> 'person'")} OR ${hasName("facts ->> 'subject'")}))`

/** Requests of the directory whose path names the user. */
const isRequestOf = `connection = ?2 AND instr(path || '/', '/Users/' || ?1 || '/') > 0`

export const personTables = [
  { table: 'users', where: 'id = ?1' },
  { table: 'user_words', where: 'user_id = ?1' },
  { table: 'scim_users', where: 'id = ?1', hides: ['search', 'name_fold', 'display_fold'] },
  { table: 'scim_keys', where: 'user_id = ?1' },
  { table: 'scim_members', where: 'user_id = ?1' },
  { table: 'scim_removals', where: 'user_id = ?1' },
  { table: 'scim_held', where: 'user_id = ?1' },
  { table: 'scim_requests', where: isRequestOf },
  { table: 'sign_ins', where: 'user_id = ?1' },
  { table: 'sessions', where: 'user_id = ?1', hides: ['token_hash'] },
  {
    table: 'transfers',
    where: 'sign_in IN (SELECT id FROM sign_ins WHERE user_id = ?1)',
    hides: ['code_hash'],
  },
  {
    table: 'oauth_grants',
    where: 'user_id = ?1',
    hides: ['code_hash', 'challenge', 'family_hash', 'refresh_hash'],
  },
  { table: 'logout_requests', where: `connection = ?2 AND ${hasName('name_id')}` },
  { table: 'audit', where: isEventOf },
  { table: 'webhook_messages', where: isEventOf },
  {
    table: 'attempts',
    where: `(user_id = ?1 OR connection = ?2 AND ${hasName('person')})`,
  },
  { table: 'admin_tokens', where: 'maker = ?1', hides: ['hash'] },
  { table: 'service_tokens', where: '(user_id = ?1 OR maker = ?1)' },
] as const satisfies readonly PersonTable[]

export type PersonTableName = (typeof personTables)[number]['table']

/** The rows of the person in a table. */
export const whereIn = (name: PersonTableName): string =>
  personTables.find(({ table }) => table === name)?.where ?? 'false'
