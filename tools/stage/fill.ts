/** Inserts many users and groups at once, with the same rows that the SCIM service would write. */
import { parseDoc, toGroupWrite, toUserWrite } from '../../src/scim/resource.ts'
import { groupType, userType } from '../../src/scim/schema.ts'

export async function fillDirectory(
  db: D1Database,
  {
    connection,
    users,
    groups,
    prefix,
  }: {
    readonly connection: string
    readonly users: number
    readonly groups: number
    readonly prefix: string
  },
  now: number,
): Promise<void> {
  const people = Array.from({ length: users }, (_, i) => {
    const userName = `${prefix}${String(i).padStart(6, '0')}@example.com`
    const own = { userName, active: true, emails: [{ value: userName, type: 'work' }] }
    const doc = parseDoc(JSON.stringify({ own, extension: {} }))
    return { id: `${prefix}-${i}`, ...toUserWrite(userType, doc) }
  })
  const teams = Array.from({ length: groups }, (_, i) => {
    const doc = parseDoc(JSON.stringify({ own: { displayName: `${prefix} ${i}` }, extension: {} }))
    return { id: `${prefix}-g-${i}`, ...toGroupWrite(groupType, doc) }
  })
  const of = (name: string) => `json_extract(j.value, '$.${name}')`
  for (let at = 0; at < people.length; at += 2000) {
    const rows = JSON.stringify(people.slice(at, at + 2000))
    await db.batch([
      db
        .prepare(
          `INSERT INTO users (id, connection, subject, user_name, active, source,
           sessions_valid_from, created_at, updated_at)
         SELECT ${of('id')}, ?2, ${of('name')}, ${of('name')}, 1, 'scim', ?3, ?3, ?3
         FROM json_each(?1) j`,
        )
        .bind(rows, connection, now),
      db
        .prepare(
          `INSERT INTO scim_users (id, connection, name, name_fold, display, display_fold, active,
           doc, search, version, write_id, created_at, updated_at)
         SELECT ${of('id')}, ?2, ${of('name')}, ${of('nameFold')}, ${of('display')},
           ${of('displayFold')}, 1, ${of('doc')}, ${of('search')}, 1, '', ?3, ?3
         FROM json_each(?1) j`,
        )
        .bind(rows, connection, now),
      db
        .prepare(
          `INSERT INTO scim_keys (connection, path, value, user_id)
         SELECT ?2, json_extract(k.value, '$.path'), json_extract(k.value, '$.value'), ${of('id')}
         FROM json_each(?1) j, json_each(${of('keys')}) k`,
        )
        .bind(rows, connection),
    ])
  }
  for (let at = 0; at < teams.length; at += 5000) {
    await db
      .prepare(
        `INSERT INTO scim_groups (id, connection, name, name_fold, doc, search, version, write_id,
       created_at, updated_at)
     SELECT ${of('id')}, ?2, ${of('name')}, ${of('nameFold')}, ${of('doc')}, ${of('search')}, 1, '',
       ?3, ?3 FROM json_each(?1) j`,
      )
      .bind(JSON.stringify(teams.slice(at, at + 5000)), connection, now)
      .run()
  }
}
