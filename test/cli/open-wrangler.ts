/** wrangler, but a store that was opened once stays open: to open it takes most of a command's time. */
import { getPlatformProxy as open, type GetPlatformProxyOptions } from 'wrangler'

export * from 'wrangler'

const stores = new Map<string, ReturnType<typeof open>>()

export async function getPlatformProxy(options: GetPlatformProxyOptions): Promise<unknown> {
  const key = JSON.stringify(options)
  const store = stores.get(key) ?? open(options)
  stores.set(key, store)
  return { ...(await store), dispose: () => Promise.resolve() }
}

export async function closeStores(): Promise<void> {
  for (const store of stores.values()) await (await store).dispose()
}
