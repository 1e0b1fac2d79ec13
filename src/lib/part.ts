/** Modules that an isolate loads at the first request that needs them. */
import { StoreUnavailable } from './store-error.ts'

/** The deployed Worker lacks the module, or the module does not run. */
export class PartUnavailable extends Error {
  override readonly name = 'PartUnavailable'
  readonly part: string

  constructor(part: string, cause: unknown) {
    super(`The part ${part} of the Worker does not load`, { cause })
    this.part = part
  }
}

export interface OnDemand<T> {
  (): Promise<T>
  /** null: it was not made yet. */
  readonly made: () => T | null
}

/**
 * Makes something once per isolate, of a module that is loaded for it. The result is kept, not the
 * promise: in Workers a request must not wait for another request's I/O.
 */
export function onDemand<T>(part: string, make: () => Promise<T>): OnDemand<T> {
  let kept: { readonly made: T } | null = null
  const find = async (): Promise<T> => {
    if (kept) return kept.made
    const made = await make().catch((cause: unknown) => {
      // To make a part, another part may be loaded and a store asked. Their errors say what failed.
      const says = cause instanceof PartUnavailable || cause instanceof StoreUnavailable
      throw says ? cause : new PartUnavailable(part, cause)
    })
    kept ??= { made }
    return kept.made
  }
  return Object.assign(find, { made: () => kept && kept.made })
}
