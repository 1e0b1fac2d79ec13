/** Provisioning as a sign-in does it: D1 is asked for the person, and then keeps the user. */
import {
  decideUser,
  findKnown,
  provision as provisionKnown,
  type JoinTerms,
  type Provisioning,
  type ProvisionError,
} from '../../src/directory/provision-store.ts'
import type { NotBegun } from '../../src/directory/not-begun-store.ts'
import type { Person, User } from '../../src/directory/user.ts'
import type { Result } from '../../src/lib/result.ts'

export const provision = async (
  db: D1Database,
  person: Person,
  terms: JoinTerms & Provisioning,
): Promise<Result<User, ProvisionError | NotBegun>> =>
  provisionKnown(db, person, await findKnown(db, person, terms), terms)

/** What `provision` would answer; null: a new user. */
export const foretell = async (
  db: D1Database,
  person: Person,
  terms: JoinTerms,
): Promise<Result<User | null, ProvisionError>> =>
  decideUser(await findKnown(db, person, terms), terms.mode)
