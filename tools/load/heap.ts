/** What each isolate keeps alive, by V8's inspector: its heap after the garbage is collected. */
import * as v from 'valibot'

export interface Heaps {
  /** MiB of the isolates of the Worker, together. */
  readonly worker: number
  /** MiB of what Miniflare runs beside them: D1, KV, the rate limits. */
  readonly beside: number
}

const targets = v.array(v.object({ id: v.string(), webSocketDebuggerUrl: v.string() }))
const reply = v.object({
  id: v.number(),
  result: v.object({ usedSize: v.optional(v.number(), 0) }),
})
const MIB = 1024 * 1024

export async function readHeaps(inspector: URL | null): Promise<Heaps> {
  if (inspector === null) throw new Error('the inspector is not open')
  const listed = new URL('/json', inspector.href.replace(/^ws/, 'http'))
  const found = v.parse(targets, await (await fetch(listed)).json())
  const heaps = { worker: 0, beside: 0 }
  for (const { id, webSocketDebuggerUrl } of found) {
    const megabytes = (await liveBytes(webSocketDebuggerUrl)) / MIB
    if (/^core:user:[ab]$/.test(id)) heaps.worker += megabytes
    else heaps.beside += megabytes
  }
  return heaps
}

async function liveBytes(url: string): Promise<number> {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`the inspector at ${url} is closed`)))
  })
  const { promise, resolve } = Promise.withResolvers<number>()
  const methods = ['HeapProfiler.collectGarbage', 'Runtime.getHeapUsage']
  socket.addEventListener('message', ({ data }) => {
    const read = v.safeParse(reply, JSON.parse(String(data)))
    if (read.success && read.output.id === methods.length) resolve(read.output.result.usedSize)
  })
  for (const [i, method] of methods.entries()) socket.send(JSON.stringify({ id: i + 1, method }))
  const bytes = await promise
  socket.close()
  return bytes
}
