import type { AdminDeps } from '../admin/part.ts'
import type { AttemptMode } from '../attempt/attempt.ts'
import type { createBinding } from '../binding/binding.ts'
import type { FormDeps } from '../form/keep.ts'
import type { KeyRing } from '../identity/keys.ts'
import type { OauthTerms } from '../site/oauth-config.ts'
import type { SignOutTarget } from '../site/sign-out-config.ts'
import type { Visit } from '../site/visit.ts'

/** What the gate hands to a part when it is loaded: one of each for the whole isolate. */
export interface PartDeps extends AdminDeps, ReturnType<typeof createBinding> {
  readonly config: AdminDeps['config'] & {
    readonly attempts: AttemptMode
    readonly signOutTargets: readonly SignOutTarget[]
    /** null: it is off. */
    readonly oauth: OauthTerms | null
  }
  readonly keys: KeyRing
  readonly forms: FormDeps
  /** Names that Gatehouse guards, so it asks nothing there. */
  readonly guarded: readonly string[]
  /** For a path that no part knows. */
  readonly notFound: (request: Request, visit: Visit) => Promise<Response>
}

export type Answer = (request: Request, visit: Visit) => Response | Promise<Response>
