/** Tests of a connection that an operator may begin, in D1. */
import * as v from 'valibot'
import type { Instant } from '../lib/instant.ts'
import { parseRow } from '../lib/row.ts'
import { fromStore } from '../lib/store-error.ts'
import type { TokenHash } from '../session/token.ts'

export interface SignInTest {
  /** The id that its attempt will have. */
  readonly id: string
  readonly connection: string
}

export async function saveTest(
  db: D1Database,
  { id, connection }: SignInTest,
  { codeHash, expiresAt }: { readonly codeHash: TokenHash; readonly expiresAt: Instant },
): Promise<void> {
  await fromStore('D1', 'saving a test of a connection', () =>
    db
      .prepare(
        `INSERT INTO sign_in_tests (code_hash, id, connection, expires_at)
         SELECT ?1, ?2, id, ?4 FROM connections WHERE id = ?3`,
      )
      .bind(codeHash, id, connection, expiresAt)
      .run(),
  )
}

/** Each test is begun once. null: it was begun before, has expired, or never was. */
export async function takeTest(
  db: D1Database,
  codeHash: TokenHash,
  now: Instant,
): Promise<SignInTest | null> {
  const row = await fromStore('D1', 'beginning a test of a connection', () =>
    db
      .prepare(
        `DELETE FROM sign_in_tests WHERE code_hash = ?1 AND expires_at > ?2
         RETURNING id, connection`,
      )
      .bind(codeHash, now)
      .first(),
  )
  return parseRow(v.object({ id: v.string(), connection: v.string() }), row)
}
