/**
 * Detects inputs that cost more than their size allows, compared with the median cost per kilobyte.
 */
const KILOBYTE = 1024
/** Smaller inputs count as this size: their cost is mostly that of the call. */
const LEAST_KILOBYTES = 4
const SAMPLES = 2000
/** A cost of more than this many times the median is too much. */
const FACTOR = 10
/**
 * This much is always allowed: noise, and the RSA operations of an encrypted response of any size.
 */
const FREE_MS = 20

export class Clock {
  readonly #samples: number[] = []
  #median = Infinity

  /** Records a cost; true: it is too much. The first samples are only used for the median. */
  isTooSlow(milliseconds: number, bytes: number): boolean {
    const cost = milliseconds / Math.max(LEAST_KILOBYTES, bytes / KILOBYTE)
    if (this.#samples.length < SAMPLES) {
      // Documents that are smaller than any response say nothing of what a response costs.
      if (bytes >= LEAST_KILOBYTES * KILOBYTE) this.#samples.push(cost)
      if (this.#samples.length === SAMPLES) {
        this.#median = this.#samples.toSorted((a, b) => a - b)[SAMPLES / 2] ?? Infinity
      }
      return false
    }
    return milliseconds > FREE_MS && cost > this.#median * FACTOR
  }

  /** Milliseconds per kilobyte. */
  get median(): number {
    return this.#median
  }
}
