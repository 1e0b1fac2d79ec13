/** The entry `@gatehouse/worker/admin`: createGatehouse(config, { admin }). */
import type { AdminPart } from './admin/part.ts'

/** Loads the console and the API when somebody first asks for them. */
export const admin: AdminPart = async (deps) =>
  (await import('./admin-side.ts')).createAdminSide(deps)
