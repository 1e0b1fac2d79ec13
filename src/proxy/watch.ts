/** Whether a visitor may still be here while their request is being answered. */
export type VisitState = 'good' | 'over' | 'unknown'
/** The access has ended, or cannot be checked. */
export type Lost = Exclude<VisitState, 'good'>
export type Ending = Lost | 'late'

/** Checks a visitor's access while a request is open. It has one timer at a time, or none. */
export interface Watch {
  /** @returns the answer, or why nobody waits for it any more. */
  readonly unlessEnded: <T>(answer: Promise<T>) => Promise<T | Ending>
  /**
   * For when the origin has answered: it cannot be late any more, and its answer may reach the
   * visitor only if the access is good.
   *
   * @returns null: it is, by a reading that is not too old.
   */
  readonly answered: () => Promise<VisitState> | null
  /** Checks the access again and again from now on, and calls `end`, once, when it ends. */
  readonly whileOpen: (end: (ending: Lost) => void) => void
  readonly stop: () => void
}

export interface WatchTerms {
  /** Checks the access; null: a public route, where only the origin can be late. */
  readonly look: (() => Promise<VisitState>) | null
  /** Until the last reading of the access is as old as a reading may be. */
  readonly leftSeconds: () => number
  readonly everySeconds: number
  /** The request has a body, which may reach the origin for as long as the access lasts. */
  readonly isSending: boolean
  /** How long the origin may take for the answer to any other request; null: as long as it likes. */
  readonly lateAfterSeconds: number | null
}

/**
 * Nothing stays open longer than `everySeconds` after the access should have ended. While a request
 * without a body waits for the origin, nothing reaches either side, so it needs no timer: the access
 * is checked when the answer comes.
 */
export function startWatch(terms: WatchTerms): Watch {
  const { look, leftSeconds, everySeconds, isSending, lateAfterSeconds } = terms
  let looking: Promise<VisitState> | null = null
  let stop = (): void => undefined

  /** One check at a time, because what it finds is recorded. */
  function check(ask: () => Promise<VisitState>): Promise<VisitState> {
    looking ??= ask()
      // If the access cannot be checked, it ends, whatever the fault is.
      .catch((): VisitState => 'unknown')
      .finally(() => (looking = null))
    return looking
  }

  function lookAfter(
    seconds: number,
    ask: () => Promise<VisitState>,
    end: (ending: Lost) => void,
  ): void {
    let isStopped = false
    const timer = setTimeout(() => void wake(), seconds * 1000)
    stop = () => {
      isStopped = true
      clearTimeout(timer)
    }

    async function wake(): Promise<void> {
      const state = await check(ask)
      if (isStopped) return
      if (state === 'good') lookAfter(everySeconds, ask, end)
      else end(state)
    }
  }

  function whileSlow(end: (ending: Ending) => void): void {
    if (lateAfterSeconds === null) return
    const timer = setTimeout(() => end('late'), lateAfterSeconds * 1000)
    stop = () => clearTimeout(timer)
  }

  function whileOpen(end: (ending: Lost) => void): void {
    if (look) lookAfter(leftSeconds(), look, end)
  }

  return {
    unlessEnded(answer) {
      if (isSending ? look === null : lateAfterSeconds === null) return answer
      const begin = isSending ? whileOpen : whileSlow
      return new Promise((resolve, reject) => {
        answer.then(resolve, reject)
        begin(resolve)
      })
    },
    answered() {
      stop()
      return look && (looking || leftSeconds() === 0) ? check(look) : null
    },
    whileOpen,
    stop: () => stop(),
  }
}
