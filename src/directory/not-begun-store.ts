import { fromStore } from '../lib/store-error.ts'

/** Why a sign-in does not begin: the change since its person was read. */
export type NotBegun = 'user-disabled' | 'ended-meanwhile'

/** Of a user who was as a sign-in needs it when it was read, and is not any more. */
export const findWhyNot = async (db: D1Database, userId: string): Promise<NotBegun> => {
  const active = await fromStore('D1', 'finding why a sign-in did not begin', () =>
    db.prepare('SELECT active FROM users WHERE id = ?1').bind(userId).first<number>('active'),
  )
  return active === 0 ? 'user-disabled' : 'ended-meanwhile'
}
