/** Whether somebody whose request is still being answered may go on being answered. */
export type Standing = 'good' | 'over' | 'unknown'

/** Calls `end` once, as soon as the standing is not good. Returns how to stop looking. */
export type Watch = (end: (standing: 'over' | 'unknown') => void) => () => void

/**
 * Looks at once, because what let the request in may have been remembered, and then again and
 * again: so nothing stays open longer than `everySeconds` after it should have ended.
 */
export const createWatch =
  (look: () => Promise<Standing>, everySeconds: number): Watch =>
  (end) => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let stopped = false
    const again = async (): Promise<void> => {
      // Who cannot look does not let anybody stay, whatever the fault is.
      const standing = await look().catch((): Standing => 'unknown')
      if (stopped) return
      if (standing === 'good') timer = setTimeout(() => void again(), everySeconds * 1000)
      else end(standing)
    }
    void again()
    return () => {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    }
  }
