/** Whether a visitor may still be here while their request is being answered. */
export type VisitState = 'good' | 'over' | 'unknown'
export type Ending = 'over' | 'unknown' | 'late'

/** Looks at a visitor's standing for as long as anything of a request is open. */
export interface Watch {
  /** From now on, this is what is told; once, when the standing is not good any more. */
  readonly onEnd: (end: (ending: Ending) => void) => void
  /** The origin has answered: it cannot be late any more. */
  readonly answered: () => void
  readonly stop: () => void
}

export interface WatchTerms {
  /** Null: nobody has a standing here, and only the origin may be late. */
  readonly look: (() => Promise<VisitState>) | null
  /** When what let the request in is as old as it may be. */
  readonly firstAfterSeconds: number
  readonly everySeconds: number
  /** How long the origin may take; null: as long as it likes. */
  readonly lateAfterSeconds: number | null
}

/**
 * A standing that was read at an instant is looked at again `everySeconds` after it, and so on: nothing
 * stays open longer than that after it should have ended. One timer at a time, and none for an answer
 * that is there before it is needed and does not stay.
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
      // Where the standing cannot be looked at, the visitor does not stay, whatever the fault is.
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
