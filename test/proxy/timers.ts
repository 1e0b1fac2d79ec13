import { vi } from 'vitest'

/**
 * Fakes timers until `vi.useRealTimers()`. Storage, the runtime and the test runner begin timers too,
 * some of them for an earlier test, so only those of src/proxy count.
 *
 * @returns how many of them wait.
 */
export function fakeTimers(): () => number {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { setTimeout: begin, clearTimeout: end } = globalThis
  const waiting = new Set<unknown>()
  const beginCounted = (run: () => void, milliseconds?: number): unknown => {
    const timer: unknown = begin(() => {
      waiting.delete(timer)
      run()
    }, milliseconds)
    if (isOfProxy(new Error().stack)) waiting.add(timer)
    return timer
  }
  const endCounted = (timer: Parameters<typeof end>[0]): void => {
    waiting.delete(timer)
    end(timer)
  }
  Object.assign(globalThis, { setTimeout: beginCounted, clearTimeout: endCounted })
  return () => waiting.size
}

/** The lines are of the error, of `beginCounted`, and of the code that called it. */
const isOfProxy = (stack = ''): boolean => stack.split('\n')[2]?.includes('/src/proxy/') ?? false
