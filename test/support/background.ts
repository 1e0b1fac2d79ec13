/**
 * What a request leaves for after its answer, waited for at the end of each test. It may wait for a
 * module to load, and would then write into the stores of the next test, or of the next file.
 */
import { afterEach } from 'vitest'

const work: Promise<unknown>[] = []

/** The context of a request that nobody cuts off. */
export const background = {
  waitUntil: (each: Promise<unknown>) => void work.push(each),
  abort: () => undefined,
}

afterEach(async () => {
  while (work.length > 0) await Promise.allSettled(work.splice(0))
})
