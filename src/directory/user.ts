import type { Instant } from '../lib/instant.ts'

export interface User {
  /** Random and opaque; `sub` of the identity token. */
  readonly id: string
  readonly connection: string
  /** The value that the connection's join rule compares. */
  readonly subject: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  /** Whether the user may sign in: not `barred`, and active in the directory if there is one. */
  readonly active: boolean
  /** Disabled by the operator, whatever the directory says. */
  readonly barred: boolean
  readonly source: 'jit' | 'scim'
  readonly sessionsValidFrom: Instant
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly lastLoginAt: Instant | null
}

/** A user as a verified assertion describes them, in our terms. */
export interface Person {
  readonly connection: string
  readonly subject: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  readonly groups: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
}
