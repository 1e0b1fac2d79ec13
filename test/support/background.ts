/** What a request leaves for after its answer. */
const work: Promise<unknown>[] = []

/** The context of a request that nobody cuts off. */
export const background = {
  waitUntil: (each: Promise<unknown>) => void work.push(each),
  abort: () => undefined,
}

/** Waits for all of it, and for what it leaves. */
export async function settled(): Promise<void> {
  while (work.length > 0) await Promise.allSettled(work.splice(0))
}
