/** The entry `@gatehouse/worker/admin`: createGatehouse(config, { admin }). */
import type { AdminPart } from './admin/part.ts'

/** Loads the console and the API at the first request for them. */
export const admin: AdminPart = async (deps) =>
  (await import('./admin-side.ts')).createAdminSide(deps)
