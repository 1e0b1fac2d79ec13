import type { Instant } from '../lib/instant.ts'

export interface User {
  /** Random and opaque: `sub` of the identity token. */
  readonly id: string
  readonly connection: string
  /** What the connection's rule joins on. */
  readonly subject: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  /** Whether they may come in: as their directory says, if they have one, and not `barred`. */
  readonly active: boolean
  /** By the operator, whatever a directory says. */
  readonly barred: boolean
  readonly source: 'jit' | 'scim'
  readonly sessionsValidFrom: Instant
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly lastLoginAt: Instant | null
}

/** What a verified assertion says of a person, in our terms. */
export interface Person {
  readonly connection: string
  readonly subject: string
  readonly userName: string
  readonly email: string | null
  readonly displayName: string | null
  readonly groups: readonly string[]
  readonly attributes: Readonly<Record<string, readonly string[]>>
}
