/** Whether a visitor may still be here while their request is being answered. */
export type VisitState = 'good' | 'over' | 'unknown'
export type Ending = 'over' | 'unknown' | 'late'

/** Checks a visitor's access again and again while a request is open. */
export interface Watch {
  /**
   * Sets the function to call, once, when the access ends or the origin is late. It replaces an
   * earlier function.
   */
  readonly onEnd: (end: (ending: Ending) => void) => void
  /** The origin has answered: it cannot be late any more. */
  readonly answered: () => void
  readonly stop: () => void
}

export interface WatchTerms {
  /** Checks the access; null: a public route, where only the origin can be late. */
  readonly look: (() => Promise<VisitState>) | null
  /** Until the reading that let the request in is as old as a reading may be. */
  readonly firstAfterSeconds: number
  readonly everySeconds: number
  /** How long the origin may take; null: as long as it likes. */
  readonly lateAfterSeconds: number | null
}

/**
 * Checks the access again `everySeconds` after the last reading, so nothing stays open longer than
 * that after it should have ended. There is one timer at a time, which `stop` clears.
 */
export function startWatch({
  look,
  firstAfterSeconds,
  everySeconds,
  lateAfterSeconds,
}: WatchTerms): Watch {
  let end: (ending: Ending) => void = () => undefined
  let toLook = look ? firstAfterSeconds : Infinity
  let toLate = lateAfterSeconds ?? Infinity
  let timer: ReturnType<typeof setTimeout> | null = null
  let isStopped = false

  function wait(): void {
    const seconds = Math.min(toLook, toLate)
    if (isStopped || seconds === Infinity) return
    timer = setTimeout(() => void wake(seconds), seconds * 1000)
  }

  async function wake(waited: number): Promise<void> {
    toLook -= waited
    toLate -= waited
    if (toLate <= 0) return finish('late')
    if (look && toLook <= 0) {
      // If the access cannot be checked, it ends, whatever the fault is.
      const standing = await look().catch((): VisitState => 'unknown')
      if (isStopped) return
      if (standing !== 'good') return finish(standing)
      toLook = everySeconds
    }
    wait()
  }

  function finish(ending: Ending): void {
    stop()
    end(ending)
  }

  function stop(): void {
    isStopped = true
    if (timer !== null) clearTimeout(timer)
  }

  wait()
  return {
    onEnd: (next) => void (end = next),
    answered: () => void (toLate = Infinity),
    stop,
  }
}
