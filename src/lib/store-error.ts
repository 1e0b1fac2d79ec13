/** `KV or D1`: of several calls together, it is not known which one took the time. */
export type Store = 'KV' | 'D1' | 'KV or D1'

/**
 * KV or D1 failed or did not answer in time. The visitor gets 503: without an answer from storage,
 * access is refused.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  readonly store: Store
  readonly during: string

  constructor(store: Store, during: string, cause: unknown) {
    super(`${store} failed during ${during}`, { cause })
    this.store = store
    this.during = during
  }
}

/** For a call that a visitor waits for, or that an open stream depends on. */
export const LOOK_UP_SECONDS = 10
/**
 * For a call that a directory, cron or an operator waits for. D1 itself stops a statement after 30
 * seconds.
 */
const LONG_WORK_SECONDS = 60

function bounded<T>(seconds: number, late: () => Error, call: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), seconds * 1000)
    void new Promise<T>((begin) => begin(call()))
      .finally(() => clearTimeout(timer))
      .then(resolve, reject)
  })
}

/**
 * Runs a storage call. Any error, and no answer in time, becomes StoreUnavailable. A write that
 * timed out may still happen later, so StoreUnavailable does not prove that nothing was written.
 */
const within =
  (seconds: number) =>
  <T>(store: 'KV' | 'D1', during: string, call: () => Promise<T>) =>
    bounded(seconds, () => new Error('no answer in time'), call).catch((cause: unknown) => {
      throw new StoreUnavailable(store, during, cause)
    })

export const fromStore = within(LOOK_UP_SECONDS)

/** For a health check: a monitor waits for seconds only. */
export const fromStoreSoon = within(3)

/** For calls that no visitor waits for. */
export const fromStoreSlowly = within(LONG_WORK_SECONDS)

/**
 * Bounds all steps of an answer together: each call in time still makes a long wait if there are
 * many. A step that goes on afterwards changes no more than one whose client has hung up.
 */
export const answerWithin = <T>(seconds: number, answer: () => Promise<T>): Promise<T> =>
  bounded(seconds, () => new StoreUnavailable('KV or D1', 'all steps of an answer', null), answer)
