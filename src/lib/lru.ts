/** Keeps what was used last, as much as fits. An isolate holds it, so it may be empty at any time. */
export interface Lru<K, V> {
  /** From now on this entry is the one used last. */
  readonly find: (key: K) => V | null
  readonly save: (key: K, value: V) => void
  readonly remove: (key: K) => void
}

/** @param sizeOf one by default, so that `maxSize` is a number of entries. */
export function createLru<K, V>(
  maxSize: number,
  sizeOf: (value: V) => number = () => 1,
): Lru<K, V> {
  /** A Map is in the order in which its keys were set. */
  const entries = new Map<K, { readonly value: V; readonly size: number }>()
  let total = 0

  function remove(key: K): void {
    total -= entries.get(key)?.size ?? 0
    entries.delete(key)
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
      remove(key)
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
