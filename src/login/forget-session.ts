import type { Audit } from '../audit/event.ts'
import { StoreUnavailable } from '../lib/store-error.ts'
import type { SessionReader, SessionStores } from '../session/reader.ts'
import { removeSession } from '../session/store.ts'
import type { TokenHash } from '../session/token.ts'
import type { Visit } from '../site/visit.ts'

export interface ForgetDeps {
  readonly stores: Pick<SessionStores, 'kv'>
  readonly readSession: Pick<SessionReader, 'forget'>
  readonly audit: (visit: Visit) => Audit
}

/** For a session that has been ended in D1: removes it from this isolate's cache and from KV. */
export function forgetSession(hash: TokenHash, visit: Visit, deps: ForgetDeps): void {
  deps.readSession.forget(hash)
  visit.waitUntil(removeEnded(hash, visit, deps))
}

/** If this fails, KV still removes the entry itself when the session would have expired. */
async function removeEnded(hash: TokenHash, visit: Visit, deps: ForgetDeps): Promise<void> {
  try {
    await removeSession(deps.stores.kv, hash)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    const { store, during } = error
    deps.audit(visit)({ kind: 'store-unavailable', store, during })
  }
}
