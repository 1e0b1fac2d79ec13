import { fromStore } from '../lib/store-error.ts'
import { endOf, type KeptForm } from './kept.ts'

/** No connection has this id, so the ids of its logins are apart. */
const NO_CONNECTION = ''

/**
 * Uses the form up. If it is sent twice at the same time, one of the two fails, in whichever isolates
 * they run.
 *
 * @returns false if it was used before.
 */
export async function takeForm(db: D1Database, form: KeptForm): Promise<boolean> {
  const { meta } = await fromStore('D1', 'using a form up', () =>
    db
      .prepare(
        `INSERT INTO taken (connection, kind, id, expires_at) VALUES (?1, 'request', ?2, ?3)
         ON CONFLICT DO NOTHING`,
      )
      .bind(NO_CONNECTION, `form-${form.id}`, endOf(form))
      .run(),
  )
  return meta.changes === 1
}
