/** What was asked, how long each answer took, and which answers were unexpected. */

export interface Tally {
  /**
   * Runs a piece of work of a kind. An error is an unexpected answer.
   *
   * @param due when it should have begun (`performance.now`). A late start counts as waiting, or a
   * server that holds everybody up would look fast.
   * @returns null: it failed.
   */
  readonly time: <T>(kind: string, due: number, work: () => Promise<T>) => Promise<T | null>
  readonly fail: (kind: string, message: string) => void
  readonly rows: (seconds: number) => readonly Readonly<Record<string, string | number>>[]
  /** Each message, and how often it came. */
  readonly errors: () => readonly string[]
}

const MOST_MESSAGES = 200

export function createTally(): Tally {
  const times = new Map<string, number[]>()
  const failed = new Map<string, number>()
  const messages = new Map<string, number>()
  const add = (counts: Map<string, number>, key: string) =>
    counts.set(key, (counts.get(key) ?? 0) + 1)

  function fail(kind: string, message: string): void {
    add(failed, kind)
    const whole = `${kind}: ${message}`
    if (messages.size < MOST_MESSAGES || messages.has(whole)) add(messages, whole)
  }

  return {
    async time(kind, due, work) {
      const list = times.get(kind) ?? []
      times.set(kind, list)
      try {
        const result = await work()
        list.push(performance.now() - due)
        return result
      } catch (error) {
        fail(kind, error instanceof Error ? error.message : String(error))
        return null
      }
    },
    fail,
    rows: (seconds) =>
      [...new Set([...times.keys(), ...failed.keys()])].map((kind) => {
        const sorted = (times.get(kind) ?? []).toSorted((a, b) => a - b)
        const at = (share: number) =>
          (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
        return {
          kind,
          answers: sorted.length,
          'in a second': (sorted.length / seconds).toFixed(2),
          'p50 ms': at(0.5),
          'p99 ms': at(0.99),
          'longest ms': at(1),
          errors: failed.get(kind) ?? 0,
        }
      }),
    errors: () => [...messages].map(([message, count]) => `${count} × ${message}`),
  }
}
