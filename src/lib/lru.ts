/**
 * A least-recently-used cache of limited size. It lives in one isolate, so it may be empty at any
 * time.
 */
export interface Lru<K, V> {
  /** Finding an entry makes it the most recently used one. */
  readonly find: (key: K) => V | null
  readonly save: (key: K, value: V) => void
  readonly remove: (key: K) => void
}

/**
 * @param sizeOf the size of a value; 1 by default, so that `maxSize` counts entries.
 * @param gone is called with each key that is removed or pushed out.
 */
export function createLru<K, V>(
  maxSize: number,
  sizeOf: (value: V) => number = () => 1,
  gone: (key: K) => void = () => undefined,
): Lru<K, V> {
  /** A Map iterates in the order in which its keys were set, so the first is the least recently used. */
  const entries = new Map<K, { readonly value: V; readonly size: number }>()
  let total = 0

  function drop(key: K): void {
    total -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }

  function remove(key: K): void {
    drop(key)
    gone(key)
  }

  return {
    find(key) {
      const entry = entries.get(key)
      if (!entry) return null
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },

    save(key, value) {
      drop(key)
      const size = sizeOf(value)
      entries.set(key, { value, size })
      total += size
      for (const oldest of entries.keys()) {
        if (total <= maxSize) break
        remove(oldest)
      }
    },

    remove,
  }
}
