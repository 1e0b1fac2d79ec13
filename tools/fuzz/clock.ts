/** Whether an input costs more than its size allows: against the median of all, by the kilobyte. */
const KILOBYTE = 1024
/** Small inputs cost what calling costs. */
const LEAST_KILOBYTES = 4
const SAMPLES = 2000
/** How many times the median is over the bound. */
const FACTOR = 10
/** What noise alone can be, and the RSA operations of an encrypted response, whatever its size. */
const FREE_MS = 20

export class Clock {
  readonly #samples: number[] = []
  #median = Infinity

  /** Notes what it took; true when that is too much. The first ones only teach the median. */
  isTooSlow(milliseconds: number, bytes: number): boolean {
    const cost = milliseconds / Math.max(LEAST_KILOBYTES, bytes / KILOBYTE)
    if (this.#samples.length < SAMPLES) {
      this.#samples.push(cost)
      if (this.#samples.length === SAMPLES) {
        this.#median = this.#samples.toSorted((a, b) => a - b)[SAMPLES / 2] ?? Infinity
      }
      return false
    }
    return milliseconds > FREE_MS && cost > this.#median * FACTOR
  }

  /** Milliseconds for a kilobyte. */
  get median(): number {
    return this.#median
  }
}
