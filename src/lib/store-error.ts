/** KV or D1 failed, threw or hung. Answered with 503: a gate that cannot look stays shut. */
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

/** A visitor waits for the call, or an open stream goes on until it is answered. */
export const LOOK_UP_SECONDS = 10
/** A directory, cron or an operator waits. D1 itself ends a statement after 30 seconds. */
export const LONG_WORK_SECONDS = 60

/**
 * Runs a storage call; whatever it throws becomes StoreUnavailable, and so does silence. A write
 * that was given up may still happen later, so no caller may take a failure as proof that it did not.
 */
const within =
  (seconds: number) =>
  <T>(store: 'KV' | 'D1', during: string, call: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      const fail = (cause: unknown) => reject(new StoreUnavailable(store, during, cause))
      const timer = setTimeout(() => fail(new Error('no answer in time')), seconds * 1000)
      void new Promise<T>((begin) => begin(call()))
        .finally(() => clearTimeout(timer))
        .then(resolve, fail)
    })

export const fromStore = within(LOOK_UP_SECONDS)

/** For what no visitor waits for. */
export const fromStoreSlowly = within(LONG_WORK_SECONDS)
