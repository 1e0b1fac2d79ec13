import { compressed } from './compressed.ts'
import { good, misplaced } from './places.ts'
import { profile } from './profile.ts'
import { query } from './query.ts'
import { signature } from './signature.ts'
import type { LogoutEntry } from './stage.ts'
import { transported } from './transport.ts'
import { wrapped } from './wrapping.ts'

/** Every message of Single Logout, in the order of docs/attacks.md. */
export const logoutCatalogue: readonly LogoutEntry[] = [
  ...good,
  ...profile,
  ...misplaced,
  ...query,
  ...compressed,
  ...signature,
  ...wrapped,
  ...transported,
]
