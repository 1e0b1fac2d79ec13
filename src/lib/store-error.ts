/** KV or D1 failed or threw. Answered with 503: a gate that cannot look stays shut. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  readonly store: 'KV' | 'D1'
  readonly during: string

  constructor(store: 'KV' | 'D1', during: string, cause: unknown) {
    super(`${store} failed during ${during}`, { cause })
    this.store = store
    this.during = during
  }
}

/** Runs a storage call; whatever it throws becomes StoreUnavailable. */
export async function fromStore<T>(
  store: 'KV' | 'D1',
  during: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new StoreUnavailable(store, during, cause)
  }
}
